"""Pushes of the unpaid and uninsured, their sums, deadlines and grid workers."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0029_receipts_by_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="GridWorker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "region",
                    models.BigIntegerField(
                        help_text="Nine digits of a township, twelve of a village.",
                        verbose_name="township or village",
                    ),
                ),
                (
                    "county",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Cast(
                            django.db.models.expressions.CombinedExpression(
                                models.F("region"), "/", models.Value(1000000)
                            ),
                            models.IntegerField(),
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                (
                    "contact_sealed",
                    models.BinaryField(blank=True, null=True, verbose_name="phone, sealed"),
                ),
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days"),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "grid worker",
                "verbose_name_plural": "grid workers",
                "db_table": "grid_worker",
                "indexes": [models.Index(fields=["county", "id"], name="grid_worker_county")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("region", "="), ("valid", "&&")],
                        name="an_area_has_one_grid_worker_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("region__gte", 100000000000),
                            ("region__lt", 1000000000000),
                            models.Q(
                                (
                                    "region",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("region"), "/", models.Value(1000000)
                                        ),
                                        "*",
                                        models.Value(1000000),
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        name="grid_workers_serve_townships_and_villages",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", True), _negated=True),
                        name="grid_worker_serves_on_some_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                ("pushed_on", models.DateField(verbose_name="pushed on")),
                ("due_on", models.DateField(verbose_name="answers due on")),
                ("region", models.BigIntegerField(verbose_name="list of")),
                (
                    "county",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Cast(
                            django.db.models.expressions.CombinedExpression(
                                models.F("region"), "/", models.Value(1000000)
                            ),
                            models.IntegerField(),
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("unpaid", "unpaid"), ("uninsured", "insured nowhere")],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("one", "registered and habitual area"),
                            ("household", "registered area"),
                            ("residence", "habitual area"),
                            ("insured", "place of insurance"),
                        ],
                        max_length=16,
                        verbose_name="area is",
                    ),
                ),
                (
                    "owed",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="owed (yuan)"
                    ),
                ),
                ("name", models.CharField(db_collation="C", max_length=64, verbose_name="name")),
                ("id_mask", models.CharField(max_length=32, verbose_name="identity number")),
                ("birth_year", models.SmallIntegerField(verbose_name="year of birth")),
                ("shard", models.BigIntegerField(editable=False, verbose_name="made by shard")),
                (
                    "result",
                    models.CharField(
                        blank=True, db_default="", max_length=32, verbose_name="result"
                    ),
                ),
                ("told_on", models.DateField(blank=True, null=True, verbose_name="told on")),
                (
                    "note",
                    models.CharField(
                        blank=True, db_default="", max_length=255, verbose_name="note"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.yearstep",
                        verbose_name="round",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.import",
                        verbose_name="told by file",
                    ),
                ),
            ],
            options={
                "verbose_name": "push",
                "verbose_name_plural": "pushes",
                "db_table": "push",
                "permissions": [
                    ("export_push", "Can export lists of the unpaid and uninsured, masked"),
                    ("export_push_numbers", "Can export them with full numbers and phones"),
                ],
                "indexes": [
                    models.Index(fields=["step", "region", "id"], name="push_by_area"),
                    models.Index(
                        condition=models.Q(
                            (
                                "result__in",
                                (
                                    "employee",
                                    "insured_elsewhere",
                                    "other_cover",
                                    "moved_away",
                                    "deceased",
                                    "cannot_afford",
                                ),
                            )
                        ),
                        fields=["year", "region", "id"],
                        name="push_to_follow",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "step", "side"),
                        name="somebody_is_listed_once_a_round_and_side",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("note", ""), ("result", ""), ("told_by", None), ("told_on", None)
                            ),
                            models.Q(
                                models.Q(("result", ""), _negated=True),
                                ("told_on__gte", models.F("pushed_on")),
                                ("told_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_answer_has_a_code_and_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "unpaid"), ("owed__gt", 0)),
                            models.Q(("kind", "uninsured"), ("owed", 0)),
                            _connector="OR",
                        ),
                        name="only_a_bill_is_owed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.IntegerField(verbose_name="county")),
                ("day", models.DateField(verbose_name="day")),
                ("pushed", models.IntegerField(verbose_name="pushed")),
                ("answered", models.IntegerField(verbose_name="answered")),
                ("paid", models.IntegerField(verbose_name="paid since")),
                (
                    "step",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "pushes of a day",
                "verbose_name_plural": "pushes by day",
                "db_table": "push_day",
                "indexes": [
                    models.Index(fields=["step", "county", "day"], name="push_day_by_county")
                ],
            },
        ),
        migrations.CreateModel(
            name="PushTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField(verbose_name="township")),
                (
                    "county",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Cast(
                            django.db.models.expressions.CombinedExpression(
                                models.F("region"), "/", models.Value(1000000)
                            ),
                            models.IntegerField(),
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("unpaid", "unpaid"), ("uninsured", "insured nowhere")],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("one", "registered and habitual area"),
                            ("household", "registered area"),
                            ("residence", "habitual area"),
                            ("insured", "place of insurance"),
                        ],
                        max_length=16,
                        verbose_name="area is",
                    ),
                ),
                ("pushed", models.IntegerField(verbose_name="pushed")),
                ("answered", models.IntegerField(verbose_name="answered")),
                ("paid", models.IntegerField(verbose_name="paid since")),
                (
                    "step",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "pushes of a township",
                "verbose_name_plural": "pushes by township",
                "db_table": "push_total",
                "indexes": [models.Index(fields=["step", "region"], name="push_total_by_area")],
            },
        ),
        migrations.CreateModel(
            name="StepDeadline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("due_on", models.DateField(verbose_name="answers due on")),
                ("sources", models.JSONField(default=dict, verbose_name="sources")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadlines",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "deadline of a round",
                "verbose_name_plural": "deadlines of rounds",
                "db_table": "step_deadline",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "area"), name="a_round_has_a_deadline_once_an_area"
                    )
                ],
            },
        ),
    ]
