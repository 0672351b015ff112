"""What a collection adds up to: bills by township and by day, people by township."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0039_receipts_written_in_place"),
    ]

    operations = [
        migrations.CreateModel(
            name="CollectionDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                ("county", models.IntegerField(verbose_name="county")),
                ("day", models.DateField(blank=True, null=True, verbose_name="day")),
                ("insured", models.IntegerField(verbose_name="paid in full")),
                (
                    "subsidised_insured",
                    models.IntegerField(verbose_name="subsidised and paid in full"),
                ),
                ("paid", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="paid")),
            ],
            options={
                "verbose_name": "collection of a day",
                "verbose_name_plural": "collection by day",
                "db_table": "collection_day",
                "indexes": [models.Index(fields=["year", "county"], name="collection_day_by_area")],
            },
        ),
        migrations.CreateModel(
            name="CollectionTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
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
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("extreme_poverty", "extreme poverty"),
                            ("dibao", "dibao recipient"),
                            ("returned_to_poverty", "returned to poverty"),
                            ("monitored", "monitored for relapse into poverty"),
                            ("newborn", "newborn"),
                            ("medical_assistance_new", "newly recognised assistance recipient"),
                            (
                                "low_income_recognised",
                                "low-income person recognised by a department",
                            ),
                            ("returned_recruit", "returned recruit"),
                            ("employee_interrupted", "interrupted employee-scheme member"),
                            ("demobilised", "demobilised soldier"),
                            ("military_spouse", "army-dependent spouse without work"),
                            ("released_prisoner", "leaver of other statutory cover"),
                        ],
                        max_length=32,
                        verbose_name="category",
                    ),
                ),
                ("billed", models.IntegerField(verbose_name="billed")),
                ("ended", models.IntegerField(verbose_name="ended before the year")),
                ("insured", models.IntegerField(verbose_name="paid in full")),
                ("subsidised", models.IntegerField(verbose_name="subsidised")),
                (
                    "subsidised_insured",
                    models.IntegerField(verbose_name="subsidised and paid in full"),
                ),
                (
                    "subsidy",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="subsidy"),
                ),
                (
                    "payable",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="payable"),
                ),
                ("paid", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="paid")),
            ],
            options={
                "verbose_name": "collection of a township",
                "verbose_name_plural": "collection by township",
                "db_table": "collection_total",
                "indexes": [
                    models.Index(fields=["year", "region"], name="collection_total_by_area")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenedTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField(verbose_name="township")),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("extreme_poverty", "extreme poverty"),
                            ("dibao", "dibao recipient"),
                            ("returned_to_poverty", "returned to poverty"),
                            ("monitored", "monitored for relapse into poverty"),
                            ("newborn", "newborn"),
                            ("medical_assistance_new", "newly recognised assistance recipient"),
                            (
                                "low_income_recognised",
                                "low-income person recognised by a department",
                            ),
                            ("returned_recruit", "returned recruit"),
                            ("employee_interrupted", "interrupted employee-scheme member"),
                            ("demobilised", "demobilised soldier"),
                            ("military_spouse", "army-dependent spouse without work"),
                            ("released_prisoner", "leaver of other statutory cover"),
                        ],
                        max_length=32,
                        verbose_name="category",
                    ),
                ),
                ("billed", models.IntegerField(verbose_name="billed")),
                ("subsidised", models.IntegerField(verbose_name="subsidised")),
                ("free", models.IntegerField(verbose_name="nothing to pay")),
                (
                    "subsidy",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="subsidy"),
                ),
                (
                    "payable",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="payable"),
                ),
                (
                    "shard",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.stepshard",
                    ),
                ),
            ],
            options={
                "verbose_name": "bills of a slice",
                "verbose_name_plural": "bills of slices",
                "db_table": "opened_total",
            },
        ),
        migrations.CreateModel(
            name="PeopleTotal",
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
                ("habitual", models.IntegerField(verbose_name="habitual residents")),
                ("hukou", models.IntegerField(verbose_name="registered households")),
                ("employees", models.IntegerField(verbose_name="members of the employee scheme")),
                ("residents", models.IntegerField(verbose_name="registered residents")),
            ],
            options={
                "verbose_name": "people of a township",
                "verbose_name_plural": "people by township",
                "db_table": "people_total",
                "indexes": [models.Index(fields=["region"], name="people_total_by_area")],
            },
        ),
    ]
