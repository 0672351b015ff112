import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

import enrollment.models.partitions
from enrollment.models.creation import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("enrollment", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_number", models.CharField(max_length=64, verbose_name="settlement number")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_column="region",
                        db_constraint=False,
                        db_index=False,
                        help_text="Where the person was insured when the settlement came in.",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="place of insurance (参保地)",
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
                ("settled_on", models.DateField(verbose_name="settled on")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("outpatient", "outpatient"),
                            ("inpatient", "inpatient"),
                            ("major_illness", "major illness"),
                            ("assistance", "medical assistance"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("provider", models.CharField(max_length=64, verbose_name="provider")),
                (
                    "total",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="total cost"),
                ),
                (
                    "in_policy",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="cost inside the policy"
                    ),
                ),
                (
                    "fund_paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="paid by the pooled fund"
                    ),
                ),
                (
                    "major_illness_paid",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        verbose_name="paid by major-illness insurance",
                    ),
                ),
                (
                    "assistance_paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="paid by medical assistance"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "db_table": "claim",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim_number",), name="a_settlement_number_counts_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("assistance_paid__gte", 0),
                            ("fund_paid__gte", 0),
                            ("in_policy__gte", 0),
                            ("major_illness_paid__gte", 0),
                            ("total__gte", 0),
                        ),
                        name="no_amount_of_a_claim_is_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_policy__lte", models.F("total")),
                            (
                                "total__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("fund_paid"), "+", models.F("major_illness_paid")
                                    ),
                                    "+",
                                    models.F("assistance_paid"),
                                ),
                            ),
                        ),
                        name="a_claim_pays_no_more_than_it_cost",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimUse",
            fields=[
                (
                    "id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="key"),
                ),
                ("claims", models.IntegerField(verbose_name="claims")),
                (
                    "total",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="total cost"),
                ),
                (
                    "fund_paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="paid by the pooled fund"
                    ),
                ),
                (
                    "major_illness_paid",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="paid by major-illness insurance",
                    ),
                ),
                (
                    "assistance_paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="paid by medical assistance"
                    ),
                ),
            ],
            options={
                "verbose_name": "use of a year",
                "verbose_name_plural": "use of years",
                "db_table": "claim_use",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "id__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("id"), "/", models.Value(1000000000000)
                                        ),
                                        "*",
                                        models.Value(1000000000000),
                                    ),
                                    "+",
                                    models.Value(100000000000),
                                ),
                            ),
                            (
                                "id__lt",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("id"), "/", models.Value(1000000000000)
                                        ),
                                        "*",
                                        models.Value(1000000000000),
                                    ),
                                    "+",
                                    models.Value(200000000000),
                                ),
                            ),
                        ),
                        name="a_year_is_used_by_a_resident_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingOverride",
            fields=[
                (
                    "case_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="enrollment.case",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        help_text="Instead of the months by the rule; 0 is no wait.",
                        verbose_name="wait in all, months",
                    ),
                ),
                ("evidence", models.CharField(max_length=255, verbose_name="evidence")),
                ("contribution_paid_on", models.DateField(verbose_name="contribution paid on")),
                (
                    "computed_months",
                    models.PositiveSmallIntegerField(verbose_name="wait by the rule, months"),
                ),
                (
                    "computed_start",
                    models.DateField(
                        blank=True, null=True, verbose_name="benefits from, by the rule"
                    ),
                ),
                ("benefit_start", models.DateField(verbose_name="benefits from")),
                (
                    "in_force",
                    models.BigIntegerField(
                        editable=False,
                        null=True,
                        unique=True,
                        verbose_name="year of cover that it holds for",
                    ),
                ),
            ],
            options={
                "verbose_name": "waiting-period override",
                "verbose_name_plural": "waiting-period overrides",
                "db_table": "waiting_override",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("months__lt", models.F("computed_months")),
                            models.Q(
                                ("computed_start", None),
                                ("benefit_start__lt", models.F("computed_start")),
                                _connector="OR",
                            ),
                        ),
                        name="an_override_shortens_the_wait",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="an_override_has_evidence",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="GapRepair",
            fields=[
                (
                    "case_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="enrollment.case",
                    ),
                ),
                ("repair_years", models.SmallIntegerField(verbose_name="repair years")),
                (
                    "unit_price",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="price of a year"
                    ),
                ),
                ("broken_years", models.SmallIntegerField(verbose_name="broken years")),
                (
                    "contribution_paid_on",
                    models.DateField(
                        help_text="Or expected on, where the bill was not paid yet when the case was made.",
                        null=True,
                        verbose_name="contribution paid on",
                    ),
                ),
                ("fixed_months", models.SmallIntegerField(verbose_name="fixed wait in months")),
                (
                    "variable_before",
                    models.SmallIntegerField(verbose_name="variable wait before repair, in months"),
                ),
                (
                    "variable_months",
                    models.SmallIntegerField(verbose_name="variable wait after repair, in months"),
                ),
                (
                    "unrepaired_start",
                    models.DateField(
                        blank=True, null=True, verbose_name="benefits from without repair"
                    ),
                ),
                (
                    "benefit_start",
                    models.DateField(blank=True, null=True, verbose_name="benefits from"),
                ),
                ("trace", models.JSONField(default=list, verbose_name="how it was computed")),
                (
                    "bill_number",
                    models.CharField(blank=True, max_length=64, verbose_name="payment order"),
                ),
                (
                    "receipt_number",
                    models.CharField(blank=True, max_length=64, verbose_name="receipt number"),
                ),
                (
                    "received_on",
                    models.DateField(blank=True, null=True, verbose_name="received on"),
                ),
            ],
            options={
                "verbose_name": "gap repair payment",
                "verbose_name_plural": "gap repair payments",
                "db_table": "gap_repair",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("repair_years__gte", 1)),
                        name="a_repair_repairs_at_least_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("variable_months__lte", models.F("variable_before"))),
                        name="a_repair_never_lengthens_the_wait",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("receipt_number", ""), _negated=True),
                        fields=("receipt_number",),
                        name="a_receipt_pays_one_repair",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="RetirementAssessment",
            fields=[
                (
                    "case_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="enrollment.case",
                    ),
                ),
                ("retires_on", models.DateField(verbose_name="day of retirement")),
                (
                    "actual_months",
                    models.PositiveSmallIntegerField(
                        help_text="Of the employee scheme, with those before the register; resident years never.",
                        verbose_name="actual months",
                    ),
                ),
                (
                    "deemed_months",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="视同缴费, by the personnel file.",
                        verbose_name="deemed months",
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        help_text="Of the months before the register and of the deemed ones.",
                        max_length=255,
                        verbose_name="evidence",
                    ),
                ),
                (
                    "base",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        verbose_name="contribution base at retirement (yuan)",
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing is missing"),
                            ("lump_sum", "pay the rest at once"),
                            ("monthly", "go on paying monthly"),
                        ],
                        max_length=16,
                        verbose_name="choice",
                    ),
                ),
                (
                    "first_month",
                    models.DateField(
                        blank=True,
                        help_text="Of further monthly payment; empty: the month after retirement.",
                        null=True,
                        verbose_name="first month to pay",
                    ),
                ),
                ("required_months", models.PositiveSmallIntegerField()),
                ("min_actual_months", models.PositiveSmallIntegerField()),
                ("shortfall_months", models.PositiveSmallIntegerField()),
                ("rate", models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ("lump_sum", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("last_month", models.DateField(null=True)),
                ("benefits_from", models.DateField()),
                ("trace", models.JSONField(default=list, verbose_name="how it was computed")),
                (
                    "in_force",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person assessed",
                    ),
                ),
            ],
            options={
                "verbose_name": "retirement assessment",
                "verbose_name_plural": "retirement assessments",
                "db_table": "retirement_assessment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "shortfall_months",
                                django.db.models.functions.comparison.Greatest(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("required_months"),
                                            "-",
                                            models.F("actual_months"),
                                        ),
                                        "-",
                                        models.F("deemed_months"),
                                    ),
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("min_actual_months"),
                                        "-",
                                        models.F("actual_months"),
                                    ),
                                    models.Value(0),
                                ),
                            )
                        ),
                        name="missing_months_follow_from_the_requirement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "nothing"), ("shortfall_months", 0)),
                            models.Q(
                                ("choice", "lump_sum"),
                                ("lump_sum__isnull", False),
                                ("shortfall_months__gt", 0),
                            ),
                            models.Q(
                                ("choice", "monthly"),
                                ("last_month__isnull", False),
                                ("shortfall_months__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="a_choice_is_made_where_months_are_missing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="months_have_evidence",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        enrollment.models.partitions.CreatePartitionedModel(
            name="Standing",
            fields=[
                (
                    "id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="key"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_column="region",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="place of insurance (参保地)",
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
                (
                    "shard",
                    models.BigIntegerField(
                        blank=True,
                        editable=False,
                        help_text="None where a change had the person assessed again.",
                        null=True,
                        verbose_name="made by shard",
                    ),
                ),
                (
                    "cover",
                    models.CharField(
                        choices=[
                            ("R", "resident scheme"),
                            ("E", "employee scheme"),
                            ("N", "not covered"),
                        ],
                        max_length=1,
                        verbose_name="cover",
                    ),
                ),
                (
                    "gap_years",
                    models.SmallIntegerField(verbose_name="consecutive broken years before"),
                ),
                (
                    "streak",
                    models.SmallIntegerField(verbose_name="years of continuous resident cover"),
                ),
                (
                    "broken_years_total",
                    models.SmallIntegerField(verbose_name="broken years in all"),
                ),
                (
                    "continuity_bonus",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="continuity bonus"
                    ),
                ),
                (
                    "continuity_gain",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        verbose_name="continuity bonus earned this year",
                    ),
                ),
                (
                    "zero_claim_bonus",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="zero-claim bonus"
                    ),
                ),
                (
                    "zero_claim_gain",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        verbose_name="zero-claim bonus earned this year",
                    ),
                ),
                (
                    "zero_claim_cleared",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Because the year before used it.",
                        max_digits=10,
                        verbose_name="zero-claim bonus cleared",
                    ),
                ),
                (
                    "base_cap",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="original ceiling",
                    ),
                ),
                (
                    "bonus_applied",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="bonus after the limit",
                    ),
                ),
                (
                    "penalty_applied",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="reduction after the limit",
                    ),
                ),
                (
                    "cap",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="ceiling of the year",
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="paid on")),
                (
                    "exemption",
                    models.CharField(
                        blank=True, db_default="", max_length=32, verbose_name="exempt from waiting"
                    ),
                ),
                (
                    "broken_years",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="broken years of the wait"
                    ),
                ),
                (
                    "fixed_months",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="fixed wait in months"
                    ),
                ),
                (
                    "variable_before",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="variable wait before repair, in months"
                    ),
                ),
                (
                    "repaired_months",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="months removed by repair"
                    ),
                ),
                (
                    "variable_months",
                    models.SmallIntegerField(
                        blank=True, null=True, verbose_name="variable wait after repair, in months"
                    ),
                ),
                (
                    "benefit_start",
                    models.DateField(
                        blank=True,
                        help_text="None where a paid resident has no benefit in the year.",
                        null=True,
                        verbose_name="benefits from",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing",
                "verbose_name_plural": "standings",
                "db_table": "standing",
                "indexes": [
                    models.Index(fields=["county", "id"], name="standing_county"),
                    models.Index(fields=["region", "id"], name="standing_region"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "id",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("id"), "/", models.Value(1000000000000)
                                            ),
                                            "*",
                                            models.Value(1000000000000),
                                        ),
                                        "+",
                                        models.Value(100000000000),
                                    ),
                                    "+",
                                    models.F("person"),
                                ),
                            )
                        ),
                        name="standing_key_is_computed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cap", None),
                            (
                                "cap",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("base_cap"), "+", models.F("bonus_applied")
                                    ),
                                    "-",
                                    models.F("penalty_applied"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_ceiling_is_original_plus_bonus_less_reduction",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("broken_years__isnull", False),
                                ("cap__isnull", False),
                                ("cover", "R"),
                                ("fixed_months__isnull", False),
                                ("paid_on__isnull", False),
                                ("variable_months__isnull", False),
                            ),
                            models.Q(
                                ("benefit_start", None),
                                ("broken_years", None),
                                ("cap", None),
                                ("cover__in", ["E", "N"]),
                                ("fixed_months", None),
                                ("paid_on", None),
                                ("variable_months", None),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_paid_resident_has_ceiling_and_wait",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_terms",
                        to="enrollment.yearstep",
                        verbose_name="step",
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("window_first", models.DateField(verbose_name="first day of collection")),
                ("window_last", models.DateField(verbose_name="last day of collection")),
                (
                    "grace_end",
                    models.DateField(
                        blank=True, null=True, verbose_name="last day of the extension"
                    ),
                ),
                ("fixed_months", models.SmallIntegerField(verbose_name="fixed wait in months")),
                (
                    "variable_offset",
                    models.SmallIntegerField(verbose_name="broken years without a variable month"),
                ),
                (
                    "floor_years",
                    models.SmallIntegerField(
                        verbose_name="broken years from which the wait has a floor"
                    ),
                ),
                (
                    "floor_total_months",
                    models.SmallIntegerField(verbose_name="least wait in months"),
                ),
                (
                    "count_breaks_from",
                    models.SmallIntegerField(verbose_name="first year whose break counts"),
                ),
                ("newborn_days", models.SmallIntegerField(verbose_name="days to enrol a newborn")),
                (
                    "never_enrolled_counts",
                    models.BooleanField(verbose_name="years before any cover count"),
                ),
                (
                    "count_missed_window_year",
                    models.BooleanField(verbose_name="a missed window counts as a broken year"),
                ),
                (
                    "exemptions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32),
                        size=None,
                        verbose_name="groups without wait",
                    ),
                ),
                (
                    "base_cap",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="original ceiling"
                    ),
                ),
                (
                    "incentive_step",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="step of the incentives"
                    ),
                ),
                (
                    "penalty_step",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="step of the reduction"
                    ),
                ),
                (
                    "streak_needed",
                    models.SmallIntegerField(verbose_name="years needed before the first gain"),
                ),
                (
                    "limit_rate",
                    models.DecimalField(
                        decimal_places=4, max_digits=6, verbose_name="limit of bonus and reduction"
                    ),
                ),
                (
                    "sources",
                    models.JSONField(
                        default=dict,
                        help_text="Parameter and status behind each value.",
                        verbose_name="sources",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of an assessment",
                "verbose_name_plural": "terms of assessments",
                "db_table": "standing_terms",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "area"), name="an_assessment_has_terms_once_an_area"
                    )
                ],
            },
        ),
    ]
    operations = [CreateTogether(operations)]
