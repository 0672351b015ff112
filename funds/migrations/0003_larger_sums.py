"""Sums of a province, what a county returns as a purpose, and kinds of accounts as bits."""

import django_migration_linter as linter
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0004_larger_sums"),
        ("funds", "0002_whole_cents"),
    ]

    operations = [
        # No row is written again by more digits before the point; kinds of accounts are few.
        linter.IgnoreMigration(),
        migrations.RemoveConstraint(
            model_name="fundmovement",
            name="a_movement_has_a_purpose_of_the_list",
        ),
        migrations.AlterField(
            model_name="accountkind",
            name="position",
            field=models.SmallIntegerField(unique=True, verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="countyreceipt",
            name="amount",
            field=models.DecimalField(
                decimal_places=2, max_digits=17, verbose_name="amount received"
            ),
        ),
        migrations.AlterField(
            model_name="fundmovement",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("treasury_paid_over", "treasury to special fiscal account"),
                    ("subsidy_due", "fiscal subsidy due"),
                    ("subsidy_received", "fiscal subsidy received"),
                    ("assistance_funded", "medical assistance funded"),
                    ("assistance_paid", "medical assistance paid contributions"),
                    ("sponsor_paid", "other subsidisers paid contributions"),
                    ("drawn", "special fiscal account to city"),
                    ("county_returned", "county back to city"),
                    ("benefit_paid", "paid to provider or person"),
                    ("benefit_recovered", "benefit recovered"),
                    ("refund_paid", "refund paid"),
                    ("interest_received", "interest received"),
                    ("violation_found", "loss from a violation found"),
                    ("violation_covered", "loss covered by the government"),
                    ("reserve_used", "risk reserve used"),
                    ("opening_balance", "opening balance"),
                    ("year_closed", "year closed"),
                ],
                max_length=40,
                verbose_name="purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountkind",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0), ("position__lte", 63)),
                name="a_position_is_a_bit",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        [
                            "treasury_paid_over",
                            "subsidy_due",
                            "subsidy_received",
                            "assistance_funded",
                            "assistance_paid",
                            "sponsor_paid",
                            "drawn",
                            "county_returned",
                            "benefit_paid",
                            "benefit_recovered",
                            "refund_paid",
                            "interest_received",
                            "violation_found",
                            "violation_covered",
                            "reserve_used",
                            "opening_balance",
                            "year_closed",
                        ],
                    )
                ),
                name="a_movement_has_a_purpose_of_the_list",
            ),
        ),
    ]
