"""A city's value names its document and clause.

NOT VALID: what was published without both stands until `load_policies` brings them; whatever is
published or altered from now on is checked.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0004_case_without_a_person"),
    ]

    operations = [
        AddConstraintNotValid(
            model_name="policyparameter",
            constraint=models.CheckConstraint(
                condition=(
                    models.Q(status="example")
                    | models.Q(Exact(Mod(models.F("area"), 10_000_000_000), 0))
                    | (models.Q(document__isnull=False) & ~models.Q(clause=""))
                ),
                name="a_citys_value_names_document_and_clause",
            ),
        ),
    ]
