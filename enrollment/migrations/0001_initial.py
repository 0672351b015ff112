import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import enrollment.models.partitions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=64, verbose_name="name")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "db_table": "agency_user",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="code"),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=64, verbose_name="English name"),
                ),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (1, "province"),
                            (2, "city"),
                            (3, "county"),
                            (4, "township"),
                            (5, "village"),
                        ],
                        verbose_name="level",
                    ),
                ),
                (
                    "is_pooling_area",
                    models.BooleanField(
                        default=False,
                        help_text="A region with its own policy values.",
                        verbose_name="pooling area",
                    ),
                ),
                (
                    "population_2020",
                    models.IntegerField(
                        blank=True, null=True, verbose_name="population in the 2020 census"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "db_table": "region",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__gte", 100000000000), ("code__lt", 1000000000000)
                        ),
                        name="region_code_has_twelve_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="region_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=64, unique=True, verbose_name="key")),
                (
                    "number",
                    models.CharField(blank=True, max_length=64, verbose_name="document number"),
                ),
                ("title", models.CharField(max_length=255, verbose_name="title")),
                ("issuer", models.CharField(blank=True, max_length=255, verbose_name="issuer")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="issued on")),
                (
                    "in_force_from",
                    models.DateField(blank=True, null=True, verbose_name="in force from"),
                ),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
            ],
            options={
                "verbose_name": "policy document",
                "verbose_name_plural": "policy documents",
                "db_table": "policy_document",
                "ordering": ["-issued_on", "key"],
            },
        ),
        migrations.CreateModel(
            name="PolicyParameter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=100, verbose_name="code")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[
                            (0, "both schemes"),
                            (1, "resident scheme"),
                            (2, "employee scheme"),
                        ],
                        default=1,
                        verbose_name="scheme",
                    ),
                ),
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="validity"),
                ),
                ("unit", models.CharField(max_length=32, verbose_name="unit")),
                ("value", models.JSONField(verbose_name="value")),
                ("clause", models.CharField(blank=True, max_length=100, verbose_name="clause")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "verified_on",
                    models.DateField(blank=True, null=True, verbose_name="last verified on"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("verified", "verified"),
                            ("unverified", "unverified"),
                            ("example", "example"),
                        ],
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parameters",
                        to="enrollment.policydocument",
                        verbose_name="document",
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
            ],
            options={
                "verbose_name": "policy parameter",
                "verbose_name_plural": "policy parameters",
                "db_table": "policy_parameter",
                "ordering": ["code", "area", "valid"],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "id_type",
                    models.CharField(
                        choices=[
                            ("resident_id", "resident identity number"),
                            ("birth_certificate", "birth certificate"),
                            ("other", "other document"),
                        ],
                        default="resident_id",
                        max_length=20,
                        verbose_name="document type",
                    ),
                ),
                ("id_digest", models.UUIDField(editable=False, verbose_name="keyed digest")),
                ("id_sealed", models.BinaryField(verbose_name="identity number, sealed")),
                (
                    "id_mask",
                    models.CharField(editable=False, max_length=32, verbose_name="identity number"),
                ),
                ("name", models.CharField(db_collation="C", max_length=64, verbose_name="name")),
                (
                    "initials",
                    models.CharField(
                        blank=True,
                        db_collation="C",
                        editable=False,
                        max_length=32,
                        verbose_name="pinyin initials",
                    ),
                ),
                (
                    "sex",
                    models.CharField(
                        choices=[("M", "male"), ("F", "female")], max_length=1, verbose_name="sex"
                    ),
                ),
                ("birth_date", models.DateField(verbose_name="birth date")),
                (
                    "household_region",
                    models.BigIntegerField(verbose_name="household registration (户籍地)"),
                ),
                (
                    "residence_region",
                    models.BigIntegerField(verbose_name="habitual residence (常住地)"),
                ),
                (
                    "phone_sealed",
                    models.BinaryField(blank=True, null=True, verbose_name="phone, sealed"),
                ),
                ("died_on", models.DateField(blank=True, null=True, verbose_name="died on")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        db_default=1,
                        default=1,
                        verbose_name="scheme",
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                (
                    "left_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("moved_out", "moved out"),
                            ("duplicate", "duplicate"),
                            ("other_cover", "other statutory cover"),
                        ],
                        db_default="",
                        max_length=16,
                        verbose_name="left because",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "insured_region",
                    models.ForeignKey(
                        db_column="insured_region",
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
                                models.F("insured_region"), "/", models.Value(1000000)
                            ),
                            models.IntegerField(),
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "db_table": "person",
            },
        ),
        migrations.CreateModel(
            name="PersonCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.CharField(
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
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="validity"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("civil_affairs", "civil affairs"),
                            ("agriculture", "agriculture and rural affairs"),
                            ("disabled_federation", "disabled persons' federation"),
                            ("health", "health"),
                            ("police", "public security"),
                            ("military", "military"),
                            ("justice", "justice"),
                            ("medical_security", "medical security"),
                        ],
                        max_length=32,
                        verbose_name="source department",
                    ),
                ),
                (
                    "qualified",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="Monitored persons are subsidised only when they meet the conditions.",
                        verbose_name="qualified",
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        blank=True, db_default="", max_length=255, verbose_name="evidence"
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="categories",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "category of a person",
                "verbose_name_plural": "categories of people",
                "db_table": "person_category",
            },
        ),
        enrollment.models.partitions.CreatePartitionedModel(
            name="Enrollment",
            fields=[
                (
                    "id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="key"),
                ),
                (
                    "shard",
                    models.BigIntegerField(
                        blank=True, editable=False, null=True, verbose_name="made by shard"
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
                        db_default="",
                        max_length=32,
                        verbose_name="category",
                    ),
                ),
                (
                    "standard",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        max_digits=10,
                        verbose_name="individual standard",
                    ),
                ),
                (
                    "subsidy",
                    models.DecimalField(
                        db_default=0, decimal_places=2, max_digits=10, verbose_name="subsidy"
                    ),
                ),
                (
                    "payable",
                    models.DecimalField(
                        db_default=0, decimal_places=2, max_digits=10, verbose_name="payable"
                    ),
                ),
                (
                    "paid",
                    models.DecimalField(
                        db_default=0, decimal_places=2, max_digits=10, verbose_name="paid"
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="paid on")),
                (
                    "benefit_start",
                    models.DateField(blank=True, null=True, verbose_name="benefits from"),
                ),
                (
                    "benefit_end",
                    models.DateField(blank=True, null=True, verbose_name="benefits until"),
                ),
                (
                    "suspended_from",
                    models.DateField(blank=True, null=True, verbose_name="suspended from"),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "ended_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deceased", "deceased"),
                            ("employee_scheme", "employee scheme"),
                            ("moved_out", "moved out"),
                            ("duplicate", "duplicate"),
                            ("other_cover", "other statutory cover"),
                            ("refunded", "refunded"),
                        ],
                        db_default="",
                        max_length=16,
                        verbose_name="ended because",
                    ),
                ),
                ("months", models.SmallIntegerField(db_default=0, verbose_name="employee months")),
                (
                    "repaired_years",
                    models.SmallIntegerField(db_default=0, verbose_name="repaired years"),
                ),
                (
                    "repaired_on",
                    models.DateField(blank=True, null=True, verbose_name="repair received on"),
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
            ],
            options={
                "verbose_name": "year of cover",
                "verbose_name_plural": "years of cover",
                "db_table": "enrollment",
            },
        ),
        migrations.CreateModel(
            name="Fallout",
            fields=[
                (
                    "id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="key"),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("deceased", "deceased"),
                            ("employee_scheme", "employee scheme"),
                            ("moved_out", "moved out"),
                            ("duplicate", "duplicate"),
                            ("other_cover", "other statutory cover"),
                            ("refunded", "refunded"),
                            ("unpaid", "unpaid"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                ("shard", models.BigIntegerField(verbose_name="made by shard")),
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
            ],
            options={
                "verbose_name": "fallout",
                "verbose_name_plural": "fallout",
                "db_table": "fallout",
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "receipt_number",
                    models.CharField(max_length=64, unique=True, verbose_name="receipt number"),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        default=1,
                        verbose_name="scheme",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount"),
                ),
                ("paid_at", models.DateTimeField(verbose_name="paid at")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("app", "mobile app"),
                            ("bank", "bank"),
                            ("counter", "counter"),
                            ("terminal", "self-service terminal"),
                            ("village", "village collector"),
                        ],
                        max_length=16,
                        verbose_name="channel",
                    ),
                ),
                (
                    "bill_number",
                    models.CharField(
                        blank=True, db_default="", max_length=64, verbose_name="bill number"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("matched", "matched"),
                            ("underpaid", "underpaid"),
                            ("overpaid", "overpaid"),
                            ("paid_twice", "paid twice"),
                            ("no_bill", "no bill in that year"),
                            ("person_unknown", "person unknown"),
                            ("bill_ended", "bill already ended"),
                        ],
                        db_default="",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "shard",
                    models.BigIntegerField(
                        blank=True, editable=False, null=True, verbose_name="reconciled by shard"
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.enrollment",
                        verbose_name="year of cover",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
                "db_table": "receipt",
            },
        ),
        migrations.CreateModel(
            name="YearRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                (
                    "mode",
                    models.CharField(
                        choices=[("real", "real"), ("rehearsal", "rehearsal")],
                        max_length=16,
                        verbose_name="mode",
                    ),
                ),
                (
                    "from_history",
                    models.BooleanField(
                        default=False,
                        help_text="A year that came by history counts as closed and activated.",
                        verbose_name="came by history files",
                    ),
                ),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened on")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "activated_on",
                    models.DateField(blank=True, null=True, verbose_name="activated on"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "province",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="province",
                    ),
                ),
            ],
            options={
                "verbose_name": "yearly run",
                "verbose_name_plural": "yearly runs",
                "db_table": "year_run",
                "ordering": ["-year", "-id"],
                "permissions": [
                    ("sign_rehearsal", "Can sign a rehearsal"),
                    ("steer_run", "Can start, pause, resume and retry yearly steps"),
                ],
            },
        ),
        migrations.CreateModel(
            name="YearStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, verbose_name="step")),
                (
                    "serial",
                    models.SmallIntegerField(
                        default=1,
                        help_text="Daily steps run many times in a year.",
                        verbose_name="serial",
                    ),
                ),
                ("area", models.BigIntegerField(blank=True, null=True, verbose_name="area")),
                ("on", models.DateField(verbose_name="business date")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("paused", "paused"),
                            ("failed", "failed"),
                            ("refused", "refused"),
                            ("done", "done"),
                        ],
                        default="running",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("refusal", models.TextField(blank=True, verbose_name="reason")),
                ("table_name", models.CharField(blank=True, max_length=63, verbose_name="table")),
                (
                    "terms_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="digest of the terms"),
                ),
                (
                    "sql_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="digest of the SQL"),
                ),
                (
                    "digest",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="digest of the report"
                    ),
                ),
                (
                    "last_change",
                    models.BigIntegerField(default=0, verbose_name="changes seen up to"),
                ),
                (
                    "signed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="signed at"),
                ),
                (
                    "started_by",
                    models.CharField(blank=True, max_length=64, verbose_name="started by"),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="started at",
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                (
                    "rehearsed",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="executions",
                        to="enrollment.yearstep",
                        verbose_name="rehearsal",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="enrollment.yearrun",
                        verbose_name="run",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "yearly step",
                "verbose_name_plural": "yearly steps",
                "db_table": "year_step",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="StepShard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phase", models.SmallIntegerField(verbose_name="phase")),
                ("number", models.IntegerField(verbose_name="number")),
                ("work", models.CharField(max_length=32, verbose_name="work")),
                ("first_person", models.BigIntegerField(default=0, verbose_name="first person")),
                ("last_person", models.BigIntegerField(default=0, verbose_name="last person")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("retry", "will be tried again"),
                            ("failed", "failed"),
                            ("done", "done"),
                        ],
                        default="queued",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.IntegerField(default=0, verbose_name="attempts")),
                ("worker", models.CharField(blank=True, max_length=100, verbose_name="worker")),
                (
                    "queued_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="queued at"),
                ),
                (
                    "started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="started at"),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                ("rows", models.BigIntegerField(default=0, verbose_name="rows")),
                ("error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shards",
                        to="enrollment.yearstep",
                        verbose_name="step",
                    ),
                ),
            ],
            options={
                "verbose_name": "shard",
                "verbose_name_plural": "shards",
                "db_table": "step_shard",
                "ordering": ["step", "phase", "number"],
            },
        ),
        migrations.CreateModel(
            name="ShardTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.IntegerField(verbose_name="county")),
                ("item", models.CharField(max_length=40, verbose_name="item")),
                ("persons", models.BigIntegerField(verbose_name="persons")),
                ("standard", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("subsidy", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("payable", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ("paid", models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                (
                    "shard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="enrollment.stepshard",
                    ),
                ),
                (
                    "output_hash",
                    models.BigIntegerField(db_default=0, verbose_name="hash of the output"),
                ),
            ],
            options={
                "verbose_name": "control total",
                "verbose_name_plural": "control totals",
                "db_table": "shard_total",
            },
        ),
        migrations.CreateModel(
            name="StepTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                (
                    "standard",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="individual standard"
                    ),
                ),
                (
                    "fiscal",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, verbose_name="fiscal standard"
                    ),
                ),
                ("window_first", models.DateField(verbose_name="first day of collection")),
                ("window_last", models.DateField(verbose_name="last day of collection")),
                (
                    "sources",
                    models.JSONField(
                        default=dict,
                        help_text="Parameter and status behind each value.",
                        verbose_name="sources",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of a step",
                "verbose_name_plural": "terms of steps",
                "db_table": "step_terms",
            },
        ),
        migrations.CreateModel(
            name="StepQuota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("category", models.CharField(max_length=32, verbose_name="category")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=10, verbose_name="quota"),
                ),
                ("sources", models.JSONField(default=dict, verbose_name="sources")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="enrollment.yearstep",
                    ),
                ),
            ],
            options={
                "verbose_name": "quota of a step",
                "verbose_name_plural": "quotas of steps",
                "db_table": "step_quota",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(editable=False, max_length=40, verbose_name="kind")),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("counter", "counter"),
                            ("online", "online"),
                            ("township", "township"),
                            ("village", "village"),
                        ],
                        default="counter",
                        max_length=16,
                        verbose_name="channel",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                            ("effected", "effected"),
                            ("withdrawn", "withdrawn"),
                            ("reversed", "reversed"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="amount",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=255, verbose_name="reason")),
                (
                    "due_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="due on"),
                ),
                ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="opened at")),
                (
                    "submitted_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="submitted at"
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="decided at"
                    ),
                ),
                (
                    "effected_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="effected at"
                    ),
                ),
                (
                    "shown_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=64,
                        verbose_name="digest of what the checker saw",
                    ),
                ),
                ("version", models.IntegerField(default=1, editable=False, verbose_name="version")),
                (
                    "request_key",
                    models.UUIDField(
                        blank=True,
                        editable=False,
                        help_text="Of the form that made the case: a form sent twice makes one case.",
                        null=True,
                        verbose_name="request key",
                    ),
                ),
                (
                    "checker",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_checked",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checker",
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_made",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="maker",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_column="region",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="region",
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
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "db_table": "agency_case",
                "ordering": ["-id"],
                "permissions": [
                    ("check_case", "Can check and approve cases"),
                    ("effect_case", "Can put approved cases into effect"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                            ("effected", "effected"),
                            ("withdrawn", "withdrawn"),
                            ("reversed", "reversed"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                            ("effected", "effected"),
                            ("withdrawn", "withdrawn"),
                            ("reversed", "reversed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=255)),
                ("version", models.IntegerField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="enrollment.case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a case",
                "verbose_name_plural": "events of cases",
                "db_table": "case_event",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ContributionSubsidy",
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
                    "funder",
                    models.CharField(
                        choices=[
                            ("medical_assistance", "medical assistance fund"),
                            ("village_collective", "village collective"),
                            ("charity", "charity"),
                            ("local_extra", "local government"),
                        ],
                        max_length=32,
                        verbose_name="funder",
                    ),
                ),
                ("category", models.CharField(blank=True, max_length=32, verbose_name="category")),
            ],
            options={
                "verbose_name": "contribution subsidy",
                "verbose_name_plural": "contribution subsidies",
                "db_table": "contribution_subsidy",
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="EnrolmentTransfer",
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
                    "to_region",
                    models.ForeignKey(
                        db_column="to_region",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="new place of insurance",
                    ),
                ),
            ],
            options={
                "verbose_name": "enrolment transfer",
                "verbose_name_plural": "enrolment transfers",
                "db_table": "enrolment_transfer",
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="Award",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "funder",
                    models.CharField(
                        choices=[
                            ("medical_assistance", "medical assistance fund"),
                            ("village_collective", "village collective"),
                            ("charity", "charity"),
                            ("local_extra", "local government"),
                        ],
                        max_length=32,
                        verbose_name="funder",
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
                        db_default="",
                        max_length=32,
                        verbose_name="category",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount"),
                ),
                ("awarded_on", models.DateField(verbose_name="awarded on")),
                (
                    "shard",
                    models.BigIntegerField(
                        blank=True, editable=False, null=True, verbose_name="made by shard"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="enrollment.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="enrollment.enrollment",
                        verbose_name="year of cover",
                    ),
                ),
            ],
            options={
                "verbose_name": "subsidy award",
                "verbose_name_plural": "subsidy awards",
                "db_table": "award",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="award_moves_money"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case", None), ("shard__isnull", False)),
                            models.Q(("case__isnull", False), ("shard", None)),
                            _connector="OR",
                        ),
                        name="award_comes_from_a_shard_or_a_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                ("cause", models.CharField(max_length=40, verbose_name="cause")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="enrollment.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "db_table": "change",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ChangeTaken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("taker", models.CharField(max_length=40)),
                (
                    "taken_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken",
                        to="enrollment.change",
                    ),
                ),
            ],
            options={
                "verbose_name": "change taken",
                "verbose_name_plural": "changes taken",
                "db_table": "change_taken",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("change", "taker"), name="change_is_taken_once_by_each_taker"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("file_name", models.CharField(max_length=255, verbose_name="file name")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("area", models.BigIntegerField(blank=True, null=True, verbose_name="area")),
                (
                    "header",
                    models.JSONField(blank=True, default=list, verbose_name="header as it came"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("checked", "checked (dry run)"),
                            ("applied", "applied"),
                            ("refused", "refused"),
                        ],
                        default="received",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("refusal", models.TextField(blank=True, verbose_name="reason of refusal")),
                ("lines_read", models.IntegerField(default=0, verbose_name="lines read")),
                ("inserted", models.IntegerField(default=0, verbose_name="inserted")),
                ("updated", models.IntegerField(default=0, verbose_name="updated")),
                ("unchanged", models.IntegerField(default=0, verbose_name="unchanged")),
                ("rejected", models.IntegerField(default=0, verbose_name="rejected")),
                (
                    "received_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="received at"),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "db_table": "import",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportReject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.IntegerField(verbose_name="line")),
                ("column", models.CharField(blank=True, max_length=64, verbose_name="column")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("sealed_cells", models.BinaryField(verbose_name="cells as they came, sealed")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rejects",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "rejected line",
                "verbose_name_plural": "rejected lines",
                "db_table": "import_reject",
                "ordering": ["source", "line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "line"), name="line_of_an_import_is_rejected_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["year", "person", "id"], name="change_year_person"),
        ),
        migrations.AddConstraint(
            model_name="personcategory",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("person", "="), ("category", "="), ("valid", "&&")],
                name="same_category_never_overlaps",
            ),
        ),
        migrations.AddConstraint(
            model_name="personcategory",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", True), _negated=True),
                name="category_is_valid_on_some_day",
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("outcome", "")),
                fields=["person"],
                name="receipt_not_reconciled",
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="receipt_is_money"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("enrollment__isnull", False),
                        ("outcome__in", ["matched", "underpaid", "overpaid", "paid_twice"]),
                    ),
                    models.Q(
                        ("enrollment", None),
                        ("outcome__in", ["", "no_bill", "person_unknown", "bill_ended"]),
                    ),
                    _connector="OR",
                ),
                name="reconciled_receipt_names_its_bill_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyparameter",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("code", "="), ("area", "="), ("scheme", "="), ("valid", "&&")],
                name="parameter_has_one_value_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyparameter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "verified"), _negated=True),
                    models.Q(("document__isnull", False), models.Q(("clause", ""), _negated=True)),
                    _connector="OR",
                ),
                name="verified_parameter_names_its_document",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyparameter",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", True), _negated=True),
                name="parameter_is_valid_on_some_day",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name"], name="person_name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["initials"], name="person_initials"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["county", "id"], name="person_county"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("id_digest",), name="identity_number_has_one_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__gt", 0), ("id__lt", 10000000000)),
                name="person_fits_the_yearly_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("died_on", None), ("died_on__gte", models.F("birth_date")), _connector="OR"
                ),
                name="person_dies_after_birth",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("left_for", ""), ("left_on", None)),
                    models.Q(("left_on__isnull", False), models.Q(("left_for", ""), _negated=True)),
                    _connector="OR",
                ),
                name="leaving_has_a_day_and_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("scheme__in", [1, 2])), name="person_scheme_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="fallout",
            index=models.Index(fields=["county", "id"], name="fallout_county"),
        ),
        migrations.AddConstraint(
            model_name="fallout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "person",
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "%%", models.Value(10000000000)
                        ),
                    )
                ),
                name="fallout_key_is_computed",
            ),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(fields=["county", "id"], name="enrollment_county"),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(fields=["region", "id"], name="enrollment_region"),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "person",
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "%%", models.Value(10000000000)
                        ),
                    )
                ),
                name="enrollment_key_is_computed",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        django.db.models.lookups.Exact(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("id"), "/", models.Value(10000000000)
                                ),
                                "%%",
                                models.Value(100),
                            ),
                            10,
                        ),
                        ("months", 0),
                    ),
                    models.Q(
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("id"), "/", models.Value(10000000000)
                                ),
                                "%%",
                                models.Value(100),
                            ),
                            20,
                        ),
                        django.db.models.lookups.LessThan(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("id"), "/", models.Value(10000000000)
                                ),
                                "%%",
                                models.Value(100),
                            ),
                            30,
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_resident_has_one_spell_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "payable",
                        django.db.models.expressions.CombinedExpression(
                            models.F("standard"), "-", models.F("subsidy")
                        ),
                    ),
                    ("payable__gte", 0),
                    ("subsidy__gte", 0),
                ),
                name="payable_is_standard_less_subsidy",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid__gte", 0)), name="paid_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_for", ""), ("ended_on", None)),
                    models.Q(
                        ("ended_on__isnull", False), models.Q(("ended_for", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="ending_has_a_day_and_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["county", "state", "id"], name="case_worklist"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("checker", None),
                    models.Q(("checker", models.F("maker")), _negated=True),
                    _connector="OR",
                ),
                name="maker_is_never_checker",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "effected", "reversed"]), _negated=True),
                    models.Q(
                        ("checker__isnull", False),
                        ("decided_at__isnull", False),
                        models.Q(("shown_digest", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="decided_case_has_a_checker_and_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["effected", "reversed"]), _negated=True),
                    ("effected_at__isnull", False),
                    _connector="OR",
                ),
                name="effected_case_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                name="case_amount_is_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("request_key",), name="a_form_makes_one_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="shardtotal",
            constraint=models.UniqueConstraint(
                fields=("shard", "county", "item"), name="a_shard_counts_an_item_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mode", "real")),
                fields=("year", "province"),
                name="a_province_turns_a_year_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_on", None),
                        ("closed_on__gte", models.F("opened_on")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("activated_on", None),
                        ("activated_on__gte", models.F("closed_on")),
                        _connector="OR",
                    ),
                ),
                name="a_year_opens_closes_and_is_activated_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstep",
            constraint=models.UniqueConstraint(
                fields=("run", "name", "serial"), name="a_step_of_a_run_happens_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(
                        ("finished_at__isnull", False), models.Q(("digest", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="done_step_has_finished_with_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_by", None), ("signed_at__isnull", False), _connector="OR"
                ),
                name="signature_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="stepterms",
            constraint=models.UniqueConstraint(
                fields=("step", "area"), name="a_step_has_terms_once_an_area"
            ),
        ),
        migrations.AddIndex(
            model_name="stepshard",
            index=models.Index(fields=["step", "state"], name="step_shard_state"),
        ),
        migrations.AddConstraint(
            model_name="stepshard",
            constraint=models.UniqueConstraint(
                fields=("step", "phase", "number"), name="a_shard_of_a_step_exists_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stepshard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    ("finished_at__isnull", False),
                    _connector="OR",
                ),
                name="done_shard_has_finished",
            ),
        ),
        migrations.AddConstraint(
            model_name="stepquota",
            constraint=models.UniqueConstraint(
                fields=("step", "area", "category"), name="a_step_has_a_quota_once_a_category"
            ),
        ),
    ]
