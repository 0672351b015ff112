import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from enrollment.models.creation import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("enrollment", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountKind",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("treasury_in_transit", "treasury in transit"),
                            ("special_fiscal", "special fiscal account"),
                            ("expenditure_city", "expenditure account of the city"),
                            ("expenditure_county", "expenditure account of a county"),
                            ("assistance_deposit", "medical assistance fund"),
                            ("adjustment_deposit", "provincial special fiscal account"),
                            ("receivable_central", "central subsidy due"),
                            ("receivable_provincial", "provincial subsidy due"),
                            ("receivable_city", "city subsidy due"),
                            ("receivable_county", "county subsidy due"),
                            ("receivable_assistance", "due from medical assistance"),
                            ("receivable_sponsors", "due from other subsidisers"),
                            ("receivable_violation", "losses that the government must cover"),
                            ("suspense", "money in suspense"),
                            ("refunds_payable", "refunds payable"),
                            ("subsidies_due", "subsidies due, not received"),
                            ("pooled_fund", "balance of the pooled fund"),
                            ("assistance_balance", "balance of medical assistance"),
                            ("adjustment_fund", "provincial adjustment fund"),
                            ("risk_reserve", "provincial risk reserve"),
                            ("contribution_revenue", "contribution revenue"),
                            ("assistance_contributions", "contributions by medical assistance"),
                            ("sponsor_contributions", "contributions by other subsidisers"),
                            ("subsidy_central", "central subsidy received"),
                            ("subsidy_provincial", "provincial subsidy received"),
                            ("subsidy_city", "city subsidy received"),
                            ("subsidy_county", "county subsidy received"),
                            ("interest_revenue", "interest revenue"),
                            ("allocation_revenue", "allocations from the province"),
                            ("benefit_expenditure", "benefit expenditure"),
                            ("major_illness_expenditure", "major illness expenditure"),
                            ("levy_expenditure", "levies paid to the province"),
                            ("assistance_expenditure", "contributions paid by medical assistance"),
                        ],
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                        verbose_name="kind",
                    ),
                ),
                ("position", models.SmallIntegerField(verbose_name="position")),
                (
                    "element",
                    models.CharField(
                        choices=[
                            ("asset", "asset"),
                            ("liability", "liability"),
                            ("net_asset", "net asset"),
                            ("revenue", "revenue"),
                            ("expenditure", "expenditure"),
                        ],
                        max_length=16,
                        verbose_name="element",
                    ),
                ),
                (
                    "side",
                    models.SmallIntegerField(
                        choices=[(1, "debit"), (-1, "credit")], verbose_name="normal side"
                    ),
                ),
                (
                    "may_be_negative",
                    models.BooleanField(verbose_name="may stand on the other side"),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("province", "province"),
                            ("pooling_area", "pooling area"),
                            ("county", "county"),
                            ("either", "pooling area or province"),
                        ],
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
            ],
            options={
                "verbose_name": "kind of account",
                "verbose_name_plural": "kinds of accounts",
                "db_table": "account_kind",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ReasonSide",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("opening_balance", "opening balance"),
                            ("receipts", "tax receipts of an area and day"),
                            ("repair_received", "gap repair payment received"),
                            ("suspense_cleared", "suspense cleared"),
                            ("contribution_refunded", "contribution to be refunded"),
                            ("refund_paid", "refund paid"),
                            ("treasury_paid_over", "treasury to special fiscal account"),
                            ("subsidy_due", "fiscal subsidy due"),
                            ("subsidy_received", "fiscal subsidy received"),
                            ("contribution_awarded", "contributions awarded to people"),
                            ("assistance_funded", "medical assistance funded"),
                            ("assistance_paid", "medical assistance paid contributions"),
                            ("sponsor_paid", "other subsidisers paid contributions"),
                            ("drawn", "special fiscal account to city"),
                            ("county_funded", "city to county"),
                            ("county_returned", "county back to city"),
                            ("benefit_paid", "paid to provider or person"),
                            ("benefit_recovered", "benefit recovered"),
                            ("levy_paid", "levy to the province"),
                            ("reserve_set_aside", "risk reserve set aside"),
                            ("allocation_paid", "allocation from the province"),
                            ("gap_share_paid", "provincial share of a gap"),
                            ("reserve_used", "risk reserve used"),
                            ("interest_received", "interest received"),
                            ("violation_found", "loss from a violation found"),
                            ("violation_covered", "loss covered by the government"),
                            ("year_closed", "year closed"),
                            ("reversal", "reversal"),
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("treasury_in_transit", "treasury in transit"),
                            ("special_fiscal", "special fiscal account"),
                            ("expenditure_city", "expenditure account of the city"),
                            ("expenditure_county", "expenditure account of a county"),
                            ("assistance_deposit", "medical assistance fund"),
                            ("adjustment_deposit", "provincial special fiscal account"),
                            ("receivable_central", "central subsidy due"),
                            ("receivable_provincial", "provincial subsidy due"),
                            ("receivable_city", "city subsidy due"),
                            ("receivable_county", "county subsidy due"),
                            ("receivable_assistance", "due from medical assistance"),
                            ("receivable_sponsors", "due from other subsidisers"),
                            ("receivable_violation", "losses that the government must cover"),
                            ("suspense", "money in suspense"),
                            ("refunds_payable", "refunds payable"),
                            ("subsidies_due", "subsidies due, not received"),
                            ("pooled_fund", "balance of the pooled fund"),
                            ("assistance_balance", "balance of medical assistance"),
                            ("adjustment_fund", "provincial adjustment fund"),
                            ("risk_reserve", "provincial risk reserve"),
                            ("contribution_revenue", "contribution revenue"),
                            ("assistance_contributions", "contributions by medical assistance"),
                            ("sponsor_contributions", "contributions by other subsidisers"),
                            ("subsidy_central", "central subsidy received"),
                            ("subsidy_provincial", "provincial subsidy received"),
                            ("subsidy_city", "city subsidy received"),
                            ("subsidy_county", "county subsidy received"),
                            ("interest_revenue", "interest revenue"),
                            ("allocation_revenue", "allocations from the province"),
                            ("benefit_expenditure", "benefit expenditure"),
                            ("major_illness_expenditure", "major illness expenditure"),
                            ("levy_expenditure", "levies paid to the province"),
                            ("assistance_expenditure", "contributions paid by medical assistance"),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "side",
                    models.SmallIntegerField(
                        choices=[(1, "debit"), (0, "either"), (-1, "credit")], verbose_name="side"
                    ),
                ),
            ],
            options={
                "verbose_name": "side of a reason",
                "verbose_name_plural": "sides of reasons",
                "db_table": "reason_side",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reason", "kind"), name="a_reason_names_a_kind_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
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
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                (
                    "number",
                    models.SmallIntegerField(
                        default=0, editable=False, verbose_name="adjustment no."
                    ),
                ),
                (
                    "opening",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Of the pooled fund, in yuan; as it is expected where the year before still runs.",
                        max_digits=18,
                        verbose_name="accumulated balance at the beginning of the year",
                    ),
                ),
                (
                    "revenue",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="budgeted revenue",
                    ),
                ),
                (
                    "expenditure",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="budgeted expenditure",
                    ),
                ),
                (
                    "exception_document",
                    models.CharField(
                        blank=True,
                        help_text="Only where more is to be spent than comes in during the year.",
                        max_length=128,
                        verbose_name="document that allows a deficit of the year",
                    ),
                ),
                (
                    "exception_clause",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="clause of that document"
                    ),
                ),
                (
                    "approval_document",
                    models.CharField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=128,
                        verbose_name="document of the approval",
                    ),
                ),
                (
                    "approved_on",
                    models.DateField(editable=False, null=True, verbose_name="approved on"),
                ),
                (
                    "stands_for",
                    models.CharField(
                        editable=False,
                        help_text="Area, year, scheme and number; empty once it was withdrawn or reversed.",
                        max_length=40,
                        null=True,
                        unique=True,
                        verbose_name="what it budgets",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget",
                "verbose_name_plural": "budgets",
                "db_table": "budget",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expenditure__gte", 0), ("number__gte", 0), ("revenue__gte", 0)
                        ),
                        name="budgeted_money_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approval_document", ""), ("approved_on", None)),
                            models.Q(
                                models.Q(("approval_document", ""), _negated=True),
                                ("approved_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_approval_of_a_budget_is_whole",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="CountyPlan",
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
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                (
                    "stands_for",
                    models.CharField(
                        editable=False,
                        help_text="County, scheme and month; empty once it was withdrawn or reversed.",
                        max_length=40,
                        null=True,
                        unique=True,
                        verbose_name="what it plans",
                    ),
                ),
            ],
            options={
                "verbose_name": "county monthly plan",
                "verbose_name_plural": "county monthly plans",
                "db_table": "county_plan",
                "permissions": [("confirm_county_plan", "Can confirm what a county received")],
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.functions.datetime.Extract("month", "day"), 1
                        ),
                        name="a_plan_is_of_a_month",
                    )
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="area",
                    ),
                ),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("treasury_in_transit", "treasury in transit"),
                            ("special_fiscal", "special fiscal account"),
                            ("expenditure_city", "expenditure account of the city"),
                            ("expenditure_county", "expenditure account of a county"),
                            ("assistance_deposit", "medical assistance fund"),
                            ("adjustment_deposit", "provincial special fiscal account"),
                            ("receivable_central", "central subsidy due"),
                            ("receivable_provincial", "provincial subsidy due"),
                            ("receivable_city", "city subsidy due"),
                            ("receivable_county", "county subsidy due"),
                            ("receivable_assistance", "due from medical assistance"),
                            ("receivable_sponsors", "due from other subsidisers"),
                            ("receivable_violation", "losses that the government must cover"),
                            ("suspense", "money in suspense"),
                            ("refunds_payable", "refunds payable"),
                            ("subsidies_due", "subsidies due, not received"),
                            ("pooled_fund", "balance of the pooled fund"),
                            ("assistance_balance", "balance of medical assistance"),
                            ("adjustment_fund", "provincial adjustment fund"),
                            ("risk_reserve", "provincial risk reserve"),
                            ("contribution_revenue", "contribution revenue"),
                            ("assistance_contributions", "contributions by medical assistance"),
                            ("sponsor_contributions", "contributions by other subsidisers"),
                            ("subsidy_central", "central subsidy received"),
                            ("subsidy_provincial", "provincial subsidy received"),
                            ("subsidy_city", "city subsidy received"),
                            ("subsidy_county", "county subsidy received"),
                            ("interest_revenue", "interest revenue"),
                            ("allocation_revenue", "allocations from the province"),
                            ("benefit_expenditure", "benefit expenditure"),
                            ("major_illness_expenditure", "major illness expenditure"),
                            ("levy_expenditure", "levies paid to the province"),
                            ("assistance_expenditure", "contributions paid by medical assistance"),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "book",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                django.db.models.lookups.Exact(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("area"), "/", models.Value(100000000)
                                        ),
                                        "%%",
                                        models.Value(100),
                                    ),
                                    models.Value(90),
                                ),
                                then=django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("area"), "/", models.Value(1000000)
                                    ),
                                    "*",
                                    models.Value(1000000),
                                ),
                            ),
                            default=django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("area"), "/", models.Value(100000000)
                                ),
                                "*",
                                models.Value(100000000),
                            ),
                        ),
                        output_field=models.BigIntegerField(),
                        verbose_name="book of",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "db_table": "account",
                "indexes": [models.Index(fields=["book", "scheme"], name="account_by_book")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("area", "scheme", "kind"), name="an_area_has_each_account_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "treasury_in_transit",
                                    "special_fiscal",
                                    "expenditure_city",
                                    "expenditure_county",
                                    "assistance_deposit",
                                    "adjustment_deposit",
                                    "receivable_central",
                                    "receivable_provincial",
                                    "receivable_city",
                                    "receivable_county",
                                    "receivable_assistance",
                                    "receivable_sponsors",
                                    "receivable_violation",
                                    "suspense",
                                    "refunds_payable",
                                    "subsidies_due",
                                    "pooled_fund",
                                    "assistance_balance",
                                    "adjustment_fund",
                                    "risk_reserve",
                                    "contribution_revenue",
                                    "assistance_contributions",
                                    "sponsor_contributions",
                                    "subsidy_central",
                                    "subsidy_provincial",
                                    "subsidy_city",
                                    "subsidy_county",
                                    "interest_revenue",
                                    "allocation_revenue",
                                    "benefit_expenditure",
                                    "major_illness_expenditure",
                                    "levy_expenditure",
                                    "assistance_expenditure",
                                ],
                            )
                        ),
                        name="account_kind_is_on_the_chart",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scheme__in", [1, 2])), name="account_is_of_one_scheme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(max_length=100, unique=True, verbose_name="idempotency key"),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("opening_balance", "opening balance"),
                            ("receipts", "tax receipts of an area and day"),
                            ("repair_received", "gap repair payment received"),
                            ("suspense_cleared", "suspense cleared"),
                            ("contribution_refunded", "contribution to be refunded"),
                            ("refund_paid", "refund paid"),
                            ("treasury_paid_over", "treasury to special fiscal account"),
                            ("subsidy_due", "fiscal subsidy due"),
                            ("subsidy_received", "fiscal subsidy received"),
                            ("contribution_awarded", "contributions awarded to people"),
                            ("assistance_funded", "medical assistance funded"),
                            ("assistance_paid", "medical assistance paid contributions"),
                            ("sponsor_paid", "other subsidisers paid contributions"),
                            ("drawn", "special fiscal account to city"),
                            ("county_funded", "city to county"),
                            ("county_returned", "county back to city"),
                            ("benefit_paid", "paid to provider or person"),
                            ("benefit_recovered", "benefit recovered"),
                            ("levy_paid", "levy to the province"),
                            ("reserve_set_aside", "risk reserve set aside"),
                            ("allocation_paid", "allocation from the province"),
                            ("gap_share_paid", "provincial share of a gap"),
                            ("reserve_used", "risk reserve used"),
                            ("interest_received", "interest received"),
                            ("violation_found", "loss from a violation found"),
                            ("violation_covered", "loss covered by the government"),
                            ("year_closed", "year closed"),
                            ("reversal", "reversal"),
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        db_default=1,
                        verbose_name="scheme",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="occurred on")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "transaction",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(function="pg_current_xact_id"), models.TextField()
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="enrollment.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "shard",
                    models.BigIntegerField(
                        blank=True, editable=False, null=True, verbose_name="posted by shard"
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="funds.entry",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal entries",
                "db_table": "entry",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("reason", "year_closed")),
                        fields=["id"],
                        name="entry_that_closes_a_year",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", "reversal"), ("reverses__isnull", False)),
                            models.Q(
                                models.Q(("reason", "reversal"), _negated=True), ("reverses", None)
                            ),
                            _connector="OR",
                        ),
                        name="a_reversal_names_what_it_reverses",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "opening_balance",
                                    "receipts",
                                    "repair_received",
                                    "suspense_cleared",
                                    "contribution_refunded",
                                    "refund_paid",
                                    "treasury_paid_over",
                                    "subsidy_due",
                                    "subsidy_received",
                                    "contribution_awarded",
                                    "assistance_funded",
                                    "assistance_paid",
                                    "sponsor_paid",
                                    "drawn",
                                    "county_funded",
                                    "county_returned",
                                    "benefit_paid",
                                    "benefit_recovered",
                                    "levy_paid",
                                    "reserve_set_aside",
                                    "allocation_paid",
                                    "gap_share_paid",
                                    "reserve_used",
                                    "interest_received",
                                    "violation_found",
                                    "violation_covered",
                                    "year_closed",
                                    "reversal",
                                ],
                            )
                        ),
                        name="entry_reason_is_on_the_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FundMovement",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("treasury_paid_over", "treasury to special fiscal account"),
                            ("subsidy_due", "fiscal subsidy due"),
                            ("subsidy_received", "fiscal subsidy received"),
                            ("assistance_funded", "medical assistance funded"),
                            ("assistance_paid", "medical assistance paid contributions"),
                            ("sponsor_paid", "other subsidisers paid contributions"),
                            ("drawn", "special fiscal account to city"),
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
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                (
                    "occurred_on",
                    models.DateField(
                        help_text="The day of the voucher: it decides month and year.",
                        verbose_name="occurred on",
                    ),
                ),
                ("document", models.CharField(max_length=128, verbose_name="document number")),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("central", "central"),
                            ("provincial", "provincial"),
                            ("city", "city"),
                            ("county", "county"),
                        ],
                        default="",
                        help_text="For fiscal subsidies.",
                        max_length=16,
                        verbose_name="level of government",
                    ),
                ),
                (
                    "holding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("expenditure_county", "expenditure account of a county"),
                            ("expenditure_city", "expenditure account of the city"),
                            ("special_fiscal", "special fiscal account"),
                            ("assistance_deposit", "medical assistance fund"),
                            ("adjustment_deposit", "provincial special fiscal account"),
                            ("treasury_in_transit", "treasury in transit"),
                            ("risk_reserve", "provincial risk reserve"),
                            ("receivable_central", "central subsidy due"),
                            ("receivable_provincial", "provincial subsidy due"),
                            ("receivable_city", "city subsidy due"),
                            ("receivable_county", "county subsidy due"),
                        ],
                        default="",
                        help_text="For benefits, interest and opening balances.",
                        max_length=32,
                        verbose_name="which account",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="For the use of the risk reserve.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="city that receives",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("epidemic", "major epidemic"),
                            ("disaster", "major natural disaster"),
                            ("other", "other sudden event"),
                        ],
                        default="",
                        help_text="For the use of the risk reserve.",
                        max_length=16,
                        verbose_name="event",
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="For the use of the risk reserve and for losses from violations.",
                        max_length=255,
                        verbose_name="event or violation, with its document",
                    ),
                ),
                (
                    "revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="revenue of the year",
                    ),
                ),
                (
                    "expenditure",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="expenditure of the year",
                    ),
                ),
            ],
            options={
                "verbose_name": "fund movement",
                "verbose_name_plural": "fund movements",
                "db_table": "fund_movement",
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(("document", ""), _negated=True),
                        name="a_movement_names_its_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose__in", ("subsidy_due", "subsidy_received")),
                                models.Q(("level", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("purpose__in", ("subsidy_due", "subsidy_received")),
                                    _negated=True,
                                ),
                                ("level", ""),
                            ),
                            _connector="OR",
                        ),
                        name="a_subsidy_and_no_other_move_has_a_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "purpose__in",
                                    [
                                        "benefit_paid",
                                        "benefit_recovered",
                                        "interest_received",
                                        "opening_balance",
                                    ],
                                ),
                                models.Q(("holding", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "purpose__in",
                                        [
                                            "benefit_paid",
                                            "benefit_recovered",
                                            "interest_received",
                                            "opening_balance",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("holding", ""),
                            ),
                            _connector="OR",
                        ),
                        name="a_move_that_leaves_it_open_names_its_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose", "reserve_used"),
                                ("receiver__isnull", False),
                                models.Q(("event", ""), _negated=True),
                                models.Q(("evidence", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("purpose", "reserve_used"), _negated=True),
                                ("event", ""),
                                ("receiver", None),
                            ),
                            _connector="OR",
                        ),
                        name="the_reserve_goes_to_a_city_for_an_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("purpose", "violation_found"), _negated=True),
                            models.Q(("evidence", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_violation_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "purpose__in",
                                    ("assistance_funded", "assistance_paid", "sponsor_paid"),
                                ),
                                _negated=True,
                            ),
                            ("scheme", 1),
                            _connector="OR",
                        ),
                        name="assistance_is_for_residents",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("expenditure__isnull", False),
                                ("occurred_on__day", 31),
                                ("occurred_on__month", 12),
                                ("purpose", "year_closed"),
                                ("revenue__isnull", False),
                            ),
                            models.Q(
                                models.Q(("purpose", "year_closed"), _negated=True),
                                ("expenditure", None),
                                ("revenue", None),
                            ),
                            _connector="OR",
                        ),
                        name="a_year_is_closed_on_its_last_day_with_its_figures",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="PeriodClose",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_column="book",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="books of",
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
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="closed at",
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened again by",
                    ),
                ),
                (
                    "reopened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="opened again at"),
                ),
                ("reason", models.CharField(blank=True, max_length=255, verbose_name="reason")),
            ],
            options={
                "verbose_name": "close of a period",
                "verbose_name_plural": "closes of periods",
                "db_table": "period_close",
                "permissions": [
                    ("close_period", "Can close a month of an area's books"),
                    ("reopen_period", "Can open a closed month again"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at", None)),
                        fields=("month", "region"),
                        name="a_month_of_a_book_is_closed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="a_closed_month_is_a_whole_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reopened_at", None), ("reopened_by", None)),
                            models.Q(
                                ("reopened_at__isnull", False),
                                ("reopened_by__isnull", False),
                                models.Q(("reopened_by", models.F("closed_by")), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_closed_month_is_opened_by_somebody_else_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("progress", "enrolment progress, daily"),
                            ("fund_month", "accounts of the funds, monthly"),
                        ],
                        max_length=16,
                        verbose_name="report",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("ties", models.BooleanField(verbose_name="ties")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "db_table": "report",
                "ordering": ["-as_of", "-id"],
                "indexes": [models.Index(fields=["-as_of", "-id"], name="report_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "as_of", "digest"), name="the_same_figures_are_one_report"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FundMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_column="book",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="books of",
                    ),
                ),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("shard", models.BigIntegerField(editable=False, verbose_name="computed by shard")),
                ("revenue_of_month", models.DecimalField(decimal_places=2, max_digits=18)),
                ("expenditure_of_month", models.DecimalField(decimal_places=2, max_digits=18)),
                ("revenue", models.DecimalField(decimal_places=2, max_digits=18)),
                ("expenditure", models.DecimalField(decimal_places=2, max_digits=18)),
                ("balance", models.DecimalField(decimal_places=2, max_digits=18)),
                ("earned", models.DecimalField(decimal_places=2, max_digits=18)),
                ("spent", models.DecimalField(decimal_places=2, max_digits=18)),
                ("months", models.SmallIntegerField()),
                ("spent_before", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("claimed", models.DecimalField(decimal_places=2, max_digits=18)),
                ("received", models.DecimalField(decimal_places=2, max_digits=18)),
                ("arrears", models.DecimalField(decimal_places=2, max_digits=18)),
                ("payable", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("paid", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("budgeted", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("insured", models.BigIntegerField(null=True)),
                ("population", models.BigIntegerField(null=True)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "month of a fund",
                "verbose_name_plural": "months of funds",
                "db_table": "fund_month",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "region", "scheme", "shard"),
                        name="a_run_tells_a_month_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="a_fund_month_is_a_whole_month"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SettlementSheet",
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
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[("levy", "levy"), ("allocation", "allocation")],
                        max_length=16,
                        verbose_name="part",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("anhui", "gaps are shared (Anhui)"),
                            ("sichuan", "everything is distributed (Sichuan)"),
                        ],
                        editable=False,
                        max_length=16,
                        verbose_name="method",
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=5,
                        help_text="As a decimal: 0.03 is three per cent.",
                        max_digits=6,
                        null=True,
                        verbose_name="rate of the levy",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        help_text="By which the province set the rate, the shares or the weights.",
                        max_length=128,
                        verbose_name="document of the decision",
                    ),
                ),
                (
                    "approvals",
                    models.JSONField(blank=True, default=list, verbose_name="approvals on record"),
                ),
                (
                    "fund_balance",
                    models.DecimalField(
                        decimal_places=2,
                        editable=False,
                        help_text="By the ledger: before the levy; before the allocation what can be paid.",
                        max_digits=18,
                        verbose_name="balance of the adjustment fund",
                    ),
                ),
                (
                    "reserve_balance",
                    models.DecimalField(
                        decimal_places=2,
                        editable=False,
                        max_digits=18,
                        verbose_name="balance of the risk reserve",
                    ),
                ),
                (
                    "reserve_in",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="into the risk reserve",
                    ),
                ),
                (
                    "suspended",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="levy suspended"
                    ),
                ),
                (
                    "trace",
                    models.JSONField(default=list, editable=False, verbose_name="computation"),
                ),
                (
                    "countersigned_by",
                    models.CharField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=64,
                        verbose_name="countersigned by",
                    ),
                ),
                (
                    "countersigned_on",
                    models.DateField(editable=False, null=True, verbose_name="countersigned on"),
                ),
                (
                    "countersign_document",
                    models.CharField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=128,
                        verbose_name="document of the countersignature",
                    ),
                ),
                (
                    "stands_for",
                    models.CharField(
                        editable=False,
                        help_text="Province, year, scheme and part; empty once it was withdrawn or reversed.",
                        max_length=40,
                        null=True,
                        unique=True,
                        verbose_name="what it settles",
                    ),
                ),
            ],
            options={
                "verbose_name": "settlement sheet",
                "verbose_name_plural": "settlement sheets",
                "db_table": "settlement_sheet",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate", None),
                            models.Q(("rate__gt", 0), ("rate__lte", 1)),
                            _connector="OR",
                        ),
                        name="a_rate_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision", ""), _negated=True),
                        name="a_sheet_names_its_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("countersign_document", ""),
                                ("countersigned_by", ""),
                                ("countersigned_on", None),
                            ),
                            models.Q(
                                models.Q(("countersigned_by", ""), _negated=True),
                                ("countersigned_on__isnull", False),
                                models.Q(("countersign_document", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_countersignature_is_whole",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="BudgetAdjustment",
            fields=[
                (
                    "budget_ptr",
                    models.OneToOneField(
                        db_column="case_ptr_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        parent_link=True,
                        primary_key=True,
                        related_name="as_adjustment",
                        serialize=False,
                        to="funds.budget",
                    ),
                ),
                (
                    "adjusts",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="funds.budget",
                        verbose_name="budget that is adjusted",
                    ),
                ),
                ("cause", models.CharField(max_length=255, verbose_name="cause of the adjustment")),
                (
                    "approvals",
                    models.JSONField(blank=True, default=list, verbose_name="approvals on record"),
                ),
            ],
            options={
                "verbose_name": "budget adjustment",
                "verbose_name_plural": "budget adjustments",
                "db_table": "budget_adjustment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cause", ""), _negated=True),
                        name="an_adjustment_names_its_cause",
                    )
                ],
            },
            bases=("funds.budget",),
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "item",
                    models.CharField(
                        choices=[
                            ("treasury_in_transit", "treasury in transit"),
                            ("special_fiscal", "special fiscal account"),
                            ("expenditure_city", "expenditure account of the city"),
                            ("expenditure_county", "expenditure account of a county"),
                            ("assistance_deposit", "medical assistance fund"),
                            ("adjustment_deposit", "provincial special fiscal account"),
                            ("receivable_central", "central subsidy due"),
                            ("receivable_provincial", "provincial subsidy due"),
                            ("receivable_city", "city subsidy due"),
                            ("receivable_county", "county subsidy due"),
                            ("receivable_assistance", "due from medical assistance"),
                            ("receivable_sponsors", "due from other subsidisers"),
                            ("receivable_violation", "losses that the government must cover"),
                            ("suspense", "money in suspense"),
                            ("refunds_payable", "refunds payable"),
                            ("subsidies_due", "subsidies due, not received"),
                            ("pooled_fund", "balance of the pooled fund"),
                            ("assistance_balance", "balance of medical assistance"),
                            ("adjustment_fund", "provincial adjustment fund"),
                            ("risk_reserve", "provincial risk reserve"),
                            ("contribution_revenue", "contribution revenue"),
                            ("assistance_contributions", "contributions by medical assistance"),
                            ("sponsor_contributions", "contributions by other subsidisers"),
                            ("subsidy_central", "central subsidy received"),
                            ("subsidy_provincial", "provincial subsidy received"),
                            ("subsidy_city", "city subsidy received"),
                            ("subsidy_county", "county subsidy received"),
                            ("interest_revenue", "interest revenue"),
                            ("allocation_revenue", "allocations from the province"),
                            ("benefit_expenditure", "benefit expenditure"),
                            ("major_illness_expenditure", "major illness expenditure"),
                            ("levy_expenditure", "levies paid to the province"),
                            ("assistance_expenditure", "contributions paid by medical assistance"),
                        ],
                        max_length=32,
                        verbose_name="item",
                    ),
                ),
                (
                    "heads",
                    models.IntegerField(blank=True, null=True, verbose_name="number of people"),
                ),
                (
                    "standard",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="standard or base (yuan)",
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=7, null=True, verbose_name="rate"
                    ),
                ),
                (
                    "growth",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=7, null=True, verbose_name="growth"
                    ),
                ),
                (
                    "ageing",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=7,
                        null=True,
                        verbose_name="effect of age structure",
                    ),
                ),
                (
                    "policy_change",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="change of benefits (yuan)",
                    ),
                ),
                (
                    "cost_control",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="cost control (yuan)",
                    ),
                ),
                (
                    "other",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        default=0,
                        max_digits=18,
                        verbose_name="other factors (yuan)",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=255, verbose_name="basis")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="amount",
                    ),
                ),
                (
                    "trace",
                    models.JSONField(default=list, editable=False, verbose_name="computation"),
                ),
            ],
            options={
                "verbose_name": "line of a budget",
                "verbose_name_plural": "lines of budgets",
                "db_table": "budget_line",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("budget", "item"), name="a_budget_has_an_item_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)),
                        name="a_budgeted_line_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("heads", None), ("heads__gte", 0), _connector="OR"),
                            models.Q(("standard", None), ("standard__gte", 0), _connector="OR"),
                            models.Q(
                                ("rate", None),
                                models.Q(("rate__gte", 0), ("rate__lte", 1)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("growth", None),
                                models.Q(("growth__gt", -1), ("growth__lt", 1)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("ageing", None),
                                models.Q(("ageing__gt", -1), ("ageing__lt", 1)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("cost_control", None), ("cost_control__gte", 0), _connector="OR"
                            ),
                        ),
                        name="drivers_of_a_line_are_plausible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other", 0), models.Q(("note", ""), _negated=True), _connector="OR"
                        ),
                        name="other_factors_have_a_basis",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountyBudget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counties",
                        to="funds.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="county",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="amount"
                    ),
                ),
            ],
            options={
                "verbose_name": "budget of a county",
                "verbose_name_plural": "budgets of counties",
                "db_table": "county_budget",
                "ordering": ["county"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("budget", "county"), name="a_budget_has_a_county_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)),
                        name="a_county_is_given_no_negative_money",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "whole",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="funds.budget",
                        verbose_name="province's budget",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="city",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wholes",
                        to="funds.budget",
                        verbose_name="city's budget",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a province's budget",
                "verbose_name_plural": "parts of provinces' budgets",
                "db_table": "budget_part",
                "constraints": [
                    models.UniqueConstraint(fields=("whole", "area"), name="an_area_counts_once"),
                    models.CheckConstraint(
                        condition=models.Q(("whole", models.F("part")), _negated=True),
                        name="a_budget_is_no_part_of_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetGoal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goals",
                        to="funds.budget",
                        verbose_name="budget",
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="performance goal")),
                ("target", models.CharField(max_length=128, verbose_name="target")),
                ("weight", models.SmallIntegerField(verbose_name="points")),
            ],
            options={
                "verbose_name": "performance goal",
                "verbose_name_plural": "performance goals",
                "db_table": "budget_goal",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("budget", "name"), name="a_budget_has_a_goal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gte", 0), ("weight__lte", 100)),
                        name="a_goal_is_worth_up_to_a_hundred_points",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountyReceipt",
            fields=[
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="receipt",
                        serialize=False,
                        to="funds.countyplan",
                        verbose_name="county monthly plan",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="amount received"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="confirmed at",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation of a county",
                "verbose_name_plural": "confirmations of counties",
                "db_table": "county_receipt",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="received_money_is_above_zero"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.entry",
                        verbose_name="entry",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.datetime.Now(), models.DateField()
                        ),
                        verbose_name="occurred on",
                    ),
                ),
                (
                    "debit",
                    models.DecimalField(
                        db_default=0, decimal_places=2, max_digits=18, verbose_name="debit"
                    ),
                ),
                (
                    "credit",
                    models.DecimalField(
                        db_default=0, decimal_places=2, max_digits=18, verbose_name="credit"
                    ),
                ),
            ],
            options={
                "verbose_name": "journal line",
                "verbose_name_plural": "journal lines",
                "db_table": "entry_line",
                "indexes": [models.Index(fields=["account", "day", "id"], name="line_of_account")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credit", 0), ("debit__gt", 0)),
                            models.Q(("credit__gt", 0), ("debit", 0)),
                            _connector="OR",
                        ),
                        name="a_line_is_a_debit_or_a_credit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "credit",
                                django.db.models.functions.math.Round(
                                    models.F("credit"), precision=2
                                ),
                            ),
                            (
                                "debit",
                                django.db.models.functions.math.Round(
                                    models.F("debit"), precision=2
                                ),
                            ),
                        ),
                        name="a_line_is_in_whole_cents",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountTotal",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="total",
                        serialize=False,
                        to="funds.account",
                    ),
                ),
                (
                    "debit",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="debit"),
                ),
                (
                    "credit",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="credit"),
                ),
            ],
            options={
                "verbose_name": "total of an account",
                "verbose_name_plural": "totals of accounts",
                "db_table": "account_total",
            },
        ),
        migrations.CreateModel(
            name="AccountDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="funds.account",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "debit",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="debit"),
                ),
                (
                    "credit",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="credit"),
                ),
            ],
            options={
                "verbose_name": "day of an account",
                "verbose_name_plural": "days of accounts",
                "db_table": "account_day",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "day"), name="an_account_has_each_day_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="funds.fundmonth",
                        verbose_name="month",
                    ),
                ),
                (
                    "indicator",
                    models.CharField(
                        choices=[
                            ("months_covered", "months of spending covered"),
                            ("current_balance", "current balance, of the revenue"),
                            ("collection_rate", "collection rate"),
                            ("subsidy_arrears", "subsidies in arrears, of those due"),
                            ("spending_growth", "growth of spending"),
                            ("budget_execution", "budget spent, against the calendar"),
                            ("enrolment_rate", "enrolment rate"),
                        ],
                        max_length=24,
                        verbose_name="indicator",
                    ),
                ),
                ("numerator", models.DecimalField(decimal_places=2, max_digits=18)),
                ("denominator", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("normal", "normal"),
                            ("attention", "attention"),
                            ("serious", "serious"),
                            ("unknown", "not known"),
                        ],
                        max_length=12,
                        verbose_name="level",
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
                "verbose_name": "reading of an indicator",
                "verbose_name_plural": "readings of indicators",
                "db_table": "risk_reading",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("of", "indicator"), name="a_month_is_read_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "indicator__in",
                                [
                                    "months_covered",
                                    "current_balance",
                                    "collection_rate",
                                    "subsidy_arrears",
                                    "spending_growth",
                                    "budget_execution",
                                    "enrolment_rate",
                                ],
                            )
                        ),
                        name="an_indicator_is_of_the_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__in", ["normal", "attention", "serious", "unknown"])
                        ),
                        name="a_risk_level_is_of_the_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SettlementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="funds.settlementsheet",
                        verbose_name="sheet",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="city",
                    ),
                ),
                (
                    "base",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="base of the levy",
                    ),
                ),
                (
                    "revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="revenue of the year",
                    ),
                ),
                (
                    "expenditure",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="expenditure of the year",
                    ),
                ),
                (
                    "balance",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="accumulated balance",
                    ),
                ),
                (
                    "loss",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=18,
                        verbose_name="loss from violations",
                    ),
                ),
                (
                    "share",
                    models.DecimalField(
                        blank=True,
                        decimal_places=5,
                        max_digits=6,
                        null=True,
                        verbose_name="share of the province",
                    ),
                ),
                (
                    "weight",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=12,
                        null=True,
                        verbose_name="weight",
                    ),
                ),
                (
                    "levy",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="levy",
                    ),
                ),
                (
                    "gap",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="gap of the year",
                    ),
                ),
                (
                    "eligible",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="gap with an accepted cause",
                    ),
                ),
                (
                    "claim",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="the province's part",
                    ),
                ),
                (
                    "allocation",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="paid by the adjustment fund",
                    ),
                ),
                (
                    "from_balance",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="from the city's own balance",
                    ),
                ),
                (
                    "government",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="covered by the government",
                    ),
                ),
                (
                    "uncovered",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        editable=False,
                        max_digits=18,
                        verbose_name="not borne",
                    ),
                ),
                (
                    "trace",
                    models.JSONField(default=list, editable=False, verbose_name="computation"),
                ),
            ],
            options={
                "verbose_name": "city of a settlement sheet",
                "verbose_name_plural": "cities of settlement sheets",
                "db_table": "settlement_line",
                "ordering": ["area"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sheet", "area"), name="a_sheet_has_a_city_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allocation__gte", 0),
                            ("levy__gte", 0),
                            ("loss__gte", 0),
                            models.Q(("base", None), ("base__gte", 0), _connector="OR"),
                            models.Q(("revenue", None), ("revenue__gte", 0), _connector="OR"),
                            models.Q(
                                ("expenditure", None), ("expenditure__gte", 0), _connector="OR"
                            ),
                            models.Q(("weight", None), ("weight__gte", 0), _connector="OR"),
                        ),
                        name="a_city_receives_and_pays_no_negative_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("share", None),
                            models.Q(("share__gte", 0), ("share__lte", 1)),
                            _connector="OR",
                        ),
                        name="a_share_of_the_province_lies_between_none_and_all",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SourcePosting",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="source",
                        serialize=False,
                        to="funds.entry",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("receipts", "receipts by day of payment"),
                            ("awards", "subsidy awards"),
                            ("refunds", "refunds"),
                            ("clearings", "suspense clearings"),
                        ],
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
            ],
            options={
                "verbose_name": "source of an entry",
                "verbose_name_plural": "sources of entries",
                "db_table": "source_posting",
                "indexes": [
                    models.Index(
                        fields=["area", "source", "scheme", "day"], name="source_posting_by_area"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GoalScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="funds.budgetgoal",
                        verbose_name="goal",
                    ),
                ),
                ("scored_on", models.DateField(verbose_name="as of")),
                ("reached", models.CharField(max_length=128, verbose_name="reached")),
                (
                    "score",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="score"),
                ),
                (
                    "use",
                    models.CharField(blank=True, max_length=255, verbose_name="use of the result"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
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
                "verbose_name": "score of a goal",
                "verbose_name_plural": "scores of goals",
                "db_table": "goal_score",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 100)),
                        name="a_score_is_of_a_hundred",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskWarning",
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
                    "reading",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="warnings",
                        to="funds.riskreading",
                        verbose_name="reading",
                    ),
                ),
                (
                    "plan",
                    models.CharField(
                        help_text="What is done, and how.",
                        max_length=1000,
                        verbose_name="plan of measures",
                    ),
                ),
                ("responsible", models.CharField(max_length=64, verbose_name="who is responsible")),
                ("act_by", models.DateField(verbose_name="to be done by")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resolved", "back to normal"),
                            ("improved", "better, still watched"),
                            ("unchanged", "not better: a new plan is needed"),
                        ],
                        default="",
                        editable=False,
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=1000,
                        verbose_name="result",
                    ),
                ),
                (
                    "stands_for",
                    models.CharField(
                        editable=False,
                        help_text="Books, scheme and indicator; empty once it was closed or withdrawn.",
                        max_length=64,
                        null=True,
                        unique=True,
                        verbose_name="what it warns of",
                    ),
                ),
            ],
            options={
                "verbose_name": "risk warning",
                "verbose_name_plural": "risk warnings",
                "db_table": "risk_warning",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("plan", ""), _negated=True),
                            models.Q(("responsible", ""), _negated=True),
                        ),
                        name="a_warning_has_a_plan_and_somebody_for_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("result", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("result", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_result_says_what_came_of_it",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="GapCause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="causes",
                        to="funds.settlementline",
                        verbose_name="city",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("policy_change", "policy change of the state or the province"),
                            ("epidemic", "treatment in a sudden major epidemic"),
                            ("dependency_ratio", "higher dependency ratio"),
                            ("reasonable_spending", "other reasonable medical-insurance spending"),
                        ],
                        max_length=24,
                        verbose_name="cause",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="amount"),
                ),
                ("evidence", models.CharField(blank=True, max_length=255, verbose_name="evidence")),
            ],
            options={
                "verbose_name": "cause of a gap",
                "verbose_name_plural": "causes of gaps",
                "db_table": "gap_cause",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("line", "cause"), name="a_city_names_a_cause_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount", 0),
                            models.Q(("amount__gt", 0), models.Q(("evidence", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_cause_has_evidence",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateTogether(operations)]
