import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import enrollment.models.partitions
from enrollment.models.creation import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
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
            name="CaseTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.IntegerField(verbose_name="county")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("checked", "checked, waiting for the second level"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                            ("effected", "effected"),
                            ("withdrawn", "withdrawn"),
                            ("reversed", "reversed"),
                        ],
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened on")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                ("cases", models.IntegerField(verbose_name="cases")),
            ],
            options={
                "verbose_name": "cases of an office",
                "verbose_name_plural": "cases by office",
                "db_table": "case_total",
                "indexes": [models.Index(fields=["county"], name="case_total_by_area")],
            },
        ),
        migrations.CreateModel(
            name="CaseMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.IntegerField(verbose_name="county")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("submitted", models.IntegerField(verbose_name="submitted")),
                ("returned", models.IntegerField(verbose_name="sent back")),
                ("effected", models.IntegerField(verbose_name="put into effect")),
                ("late", models.IntegerField(verbose_name="put into effect late")),
                ("reversed", models.IntegerField(verbose_name="reversed")),
            ],
            options={
                "verbose_name": "moves of cases in a month",
                "verbose_name_plural": "moves of cases by month",
                "db_table": "case_month",
                "indexes": [models.Index(fields=["county", "month"], name="case_month_by_area")],
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
        migrations.CreateModel(
            name="ReceiptDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("county", models.IntegerField(verbose_name="county")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
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
                ("receipts", models.IntegerField(verbose_name="receipts")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="amount (yuan)"
                    ),
                ),
                ("waiting", models.IntegerField(verbose_name="receipts in suspense")),
                (
                    "suspense",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="in suspense (yuan)"
                    ),
                ),
            ],
            options={
                "verbose_name": "receipts of a day",
                "verbose_name_plural": "receipts by day",
                "db_table": "receipt_day",
                "indexes": [models.Index(fields=["day", "county"], name="receipt_day_by_day")],
            },
        ),
        migrations.CreateModel(
            name="ControlTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("tax", "tax service"), ("treasury", "treasury")],
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("region", models.BigIntegerField(verbose_name="region")),
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
                    "scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        verbose_name="scheme",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
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
                ("receipts", models.IntegerField(verbose_name="receipts")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="amount (yuan)"
                    ),
                ),
                (
                    "told_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="told at"
                    ),
                ),
            ],
            options={
                "verbose_name": "control total",
                "verbose_name_plural": "control totals",
                "db_table": "control_total",
                "indexes": [models.Index(fields=["day", "county"], name="control_total_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "day", "region", "scheme", "channel"),
                        name="a_source_tells_a_total_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("receipts__gte", 0)),
                        name="control_total_is_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="auth.group",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="auth.group",
                    ),
                ),
            ],
            options={
                "verbose_name": "incompatible roles",
                "verbose_name_plural": "incompatible roles",
                "db_table": "role_conflict",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("role", "other"), name="a_conflict_is_named_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__lt", models.F("other"))),
                        name="a_conflict_is_ordered",
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
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                (
                    "left_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("moved_out", "moved out"),
                            ("duplicate", "duplicate"),
                            ("other_cover", "other statutory cover"),
                            ("not_registered", "on file, not registered"),
                        ],
                        db_default="",
                        max_length=16,
                        verbose_name="left because",
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
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "db_table": "person",
                "indexes": [
                    models.Index(fields=["name", "id"], name="person_by_name"),
                    models.Index(fields=["initials", "id"], name="person_by_initials"),
                    models.Index(fields=["county", "id"], name="person_county"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("id_digest",), name="identity_number_has_one_file"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("id__gt", 0), ("id__lt", 10000000000)),
                        name="person_fits_the_yearly_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("died_on", None),
                            ("died_on__gte", models.F("birth_date")),
                            _connector="OR",
                        ),
                        name="person_dies_after_birth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_for", ""), ("left_on", None)),
                            models.Q(
                                ("left_on__isnull", False),
                                models.Q(("left_for", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="leaving_has_a_day_and_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scheme__in", [1, 2])), name="person_scheme_is_known"
                    ),
                ],
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
                    "province",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="province",
                    ),
                ),
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("mode", "real")),
                        fields=("year", "province"),
                        name="a_province_turns_a_year_once",
                    ),
                    models.CheckConstraint(
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
                    "sheet",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=64, verbose_name="sheet"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("checked", "checked (dry run)"),
                            ("applying", "being applied"),
                            ("applied", "applied"),
                            ("refused", "refused"),
                            ("cancelled", "cancelled"),
                            ("undo_asked", "to be taken back"),
                            ("undoing", "being taken back"),
                            ("undone", "taken back"),
                        ],
                        default="received",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "refused_for",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=32,
                        verbose_name="name of the refusal",
                    ),
                ),
                ("refusal", models.TextField(blank=True, verbose_name="reason of refusal")),
                ("lines_read", models.IntegerField(default=0, verbose_name="lines read")),
                ("inserted", models.IntegerField(default=0, verbose_name="inserted")),
                ("updated", models.IntegerField(default=0, verbose_name="updated")),
                ("unchanged", models.IntegerField(default=0, verbose_name="unchanged")),
                ("rejected", models.IntegerField(default=0, verbose_name="rejected")),
                (
                    "errors",
                    models.JSONField(blank=True, default=list, verbose_name="first refused lines"),
                ),
                (
                    "summary",
                    models.JSONField(
                        blank=True, default=list, verbose_name="lines by event and outcome"
                    ),
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
                (
                    "received_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="received at"),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                (
                    "by_screen",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="came by a screen"
                    ),
                ),
                ("size", models.IntegerField(blank=True, null=True, verbose_name="size in bytes")),
                (
                    "needs_second",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="another person confirms"
                    ),
                ),
                (
                    "previews",
                    models.SmallIntegerField(db_default=0, default=0, verbose_name="times checked"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                (
                    "attempts",
                    models.SmallIntegerField(
                        db_default=0, default=0, verbose_name="attempts of the job"
                    ),
                ),
                (
                    "queued_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="queued at"),
                ),
                (
                    "phase",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=16, verbose_name="phase"
                    ),
                ),
                (
                    "lines_done",
                    models.IntegerField(db_default=0, default=0, verbose_name="lines read so far"),
                ),
                (
                    "lines_expected",
                    models.IntegerField(db_default=0, default=0, verbose_name="lines expected"),
                ),
                (
                    "undo_asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to be taken back, says",
                    ),
                ),
                (
                    "undo_reason",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=255,
                        verbose_name="why it is taken back",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken back by",
                    ),
                ),
                (
                    "taken_back",
                    models.IntegerField(db_default=0, default=0, verbose_name="rows taken back"),
                ),
                (
                    "kept",
                    models.IntegerField(
                        db_default=0, default=0, verbose_name="rows kept, changed since"
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "db_table": "import",
                "ordering": ["-id"],
                "permissions": [("confirm_import", "Can confirm a file that another person sent")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("by_screen", True), ("state__in", ["received", "checked", "applying"])
                        ),
                        fields=("kind", "area", "digest"),
                        name="a_file_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_second", False),
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("sent_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="who_sent_a_file_does_not_confirm_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("undone_by", None),
                            models.Q(
                                ("undo_asked_by__isnull", False),
                                models.Q(("undone_by", models.F("undo_asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="who_asks_to_take_a_file_back_does_not_confirm_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["undo_asked", "undoing", "undone"]), _negated=True
                            ),
                            models.Q(
                                ("undo_asked_by__isnull", False),
                                models.Q(("undo_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_file_is_taken_back_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_screen", False),
                            models.Q(("state__in", ["applying", "applied"]), _negated=True),
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="a_file_of_a_screen_is_applied_once_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_screen", False),
                            models.Q(
                                ("area__isnull", False), ("sent_by__isnull", False), ("size__gt", 0)
                            ),
                            _connector="OR",
                        ),
                        name="a_file_of_a_screen_has_a_sender_an_area_and_a_size",
                    ),
                ],
            },
        ),
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
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
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
            name="DayClose",
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
                        db_column="area",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="pooling area",
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
                ("day", models.DateField(verbose_name="day")),
                ("receipts", models.IntegerField(verbose_name="receipts")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="amount (yuan)"
                    ),
                ),
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
                "verbose_name": "close of a day",
                "verbose_name_plural": "closes of days",
                "db_table": "day_close",
                "permissions": [
                    ("close_day", "Can close the day of an area"),
                    ("reopen_day", "Can open a closed day again"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at", None)),
                        fields=("day", "region"),
                        name="a_day_of_an_area_is_closed_once",
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
                        name="a_closed_day_is_opened_by_somebody_else_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="auth.group",
                        verbose_name="role",
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
                    "granted_for",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        editable=False, verbose_name="granted for"
                    ),
                ),
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        editable=False, verbose_name="in force"
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        help_text="Nobody for what was granted when the system was set up.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "granted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="granted at",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="ended at"
                    ),
                ),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        db_default="",
                        editable=False,
                        max_length=255,
                        verbose_name="reason of the end",
                    ),
                ),
            ],
            options={
                "verbose_name": "duty",
                "verbose_name_plural": "duties",
                "db_table": "duty",
                "ordering": ["-id"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("user", "="),
                            ("role", "="),
                            ("region", "="),
                            ("valid", "&&"),
                        ],
                        name="same_duty_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted_for__isempty", False), ("granted_for__lower_inf", False)
                        ),
                        name="a_duty_begins_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__contained_by", models.F("granted_for"))),
                        name="a_duty_is_in_force_only_as_granted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted_by", None),
                            models.Q(("granted_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_grants_a_duty_to_themselves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="asked for at",
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                ("found", models.JSONField(blank=True, default=dict, verbose_name="found")),
            ],
            options={
                "verbose_name": "search for duplicates",
                "verbose_name_plural": "searches for duplicates",
                "db_table": "duplicate_search",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("finished_at", None)),
                        name="one_search_at_a_time",
                    )
                ],
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
                    "withdrawn_on",
                    models.DateField(
                        blank=True,
                        help_text="Of a value that was taken back before its first day and never held.",
                        null=True,
                        verbose_name="withdrawn on",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy parameter",
                "verbose_name_plural": "policy parameters",
                "db_table": "policy_parameter",
                "ordering": ["code", "area", "valid"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("code", "="),
                            ("area", "="),
                            ("scheme", "="),
                            ("valid", "&&"),
                        ],
                        name="parameter_has_one_value_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "verified"), _negated=True),
                            models.Q(
                                ("document__isnull", False), models.Q(("clause", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="verified_parameter_names_its_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "example"),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.math.Mod(models.F("area"), 10000000000),
                                0,
                            ),
                            models.Q(
                                ("document__isnull", False), models.Q(("clause", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_citys_value_names_document_and_clause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("valid__isempty", False), ("withdrawn_on", None)),
                            models.Q(("valid__isempty", True), ("withdrawn_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="parameter_is_valid_on_some_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScreenExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken by",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("statuses", "table of statuses"),
                            ("rejects", "refused lines of a file"),
                            ("feedback", "feedback to a department"),
                            ("pushes", "list of the unpaid and uninsured"),
                            ("push_numbers", "list of the unpaid and uninsured, full numbers"),
                        ],
                        max_length=32,
                        verbose_name="table",
                    ),
                ),
                ("reason", models.CharField(max_length=255, verbose_name="reason")),
                ("rows", models.IntegerField(verbose_name="rows")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the file")),
                (
                    "taken_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="taken at",
                    ),
                ),
            ],
            options={
                "verbose_name": "export from a screen",
                "verbose_name_plural": "exports from screens",
                "db_table": "screen_export",
                "ordering": ["-id"],
                "permissions": [("export_statuses", "Can export a table of statuses")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("digest", ""), _negated=True),
                        ),
                        name="screen_export_has_a_reason_and_a_digest",
                    )
                ],
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="categories",
                        to="enrollment.person",
                        verbose_name="person",
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
            ],
            options={
                "verbose_name": "category of a person",
                "verbose_name_plural": "categories of people",
                "db_table": "person_category",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("person", "="), ("category", "="), ("valid", "&&")],
                        name="same_category_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", True), _negated=True),
                        name="category_is_valid_on_some_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("viewed", "file viewed"),
                            ("revealed", "number shown in clear"),
                            ("compared", "last four digits compared"),
                            ("elsewhere", "asked whether there is a file elsewhere"),
                        ],
                        max_length=16,
                        verbose_name="act",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", max_length=255, verbose_name="reason"
                    ),
                ),
                (
                    "address",
                    models.GenericIPAddressField(
                        blank=True, null=True, verbose_name="from address"
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
                "verbose_name": "access to a file",
                "verbose_name_plural": "accesses to files",
                "db_table": "person_access",
                "ordering": ["-id"],
                "permissions": [("reveal_identity", "Can see an identity number in clear")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "revealed"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_number_is_shown_for_a_reason",
                    )
                ],
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
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty where the act is about an area, or makes the person's file.",
                        null=True,
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
                            ("checked", "checked, waiting for the second level"),
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
                (
                    "due_is_provisional",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        editable=False,
                        help_text="The holidays of that time were not published when the day was counted.",
                        verbose_name="due day is provisional",
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
                (
                    "needs_second",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        editable=False,
                        verbose_name="needs a second level",
                    ),
                ),
                (
                    "second_checker",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases_confirmed",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="second checker",
                    ),
                ),
                (
                    "second_decided_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        null=True,
                        verbose_name="decided at the second level at",
                    ),
                ),
                (
                    "second_digest",
                    models.CharField(
                        blank=True,
                        db_default="",
                        editable=False,
                        max_length=64,
                        verbose_name="digest of what the second checker saw",
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
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "db_table": "agency_case",
                "ordering": ["-id"],
                "permissions": [
                    ("check_case", "Can check and approve cases"),
                    ("confirm_case", "Can approve cases at the second level"),
                    ("effect_case", "Can put approved cases into effect"),
                ],
                "indexes": [
                    models.Index(fields=["county", "state", "id"], name="case_worklist"),
                    models.Index(
                        condition=models.Q(("state__in", ["draft", "returned", "submitted"])),
                        fields=["maker", "state", "due_on", "id"],
                        name="case_on_a_makers_desk",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["submitted", "approved"])),
                        fields=["state", "due_on", "id"],
                        name="case_that_waits",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checker", None),
                            models.Q(("checker", models.F("maker")), _negated=True),
                            _connector="OR",
                        ),
                        name="maker_is_never_checker",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["checked", "approved", "effected", "reversed"]),
                                _negated=True,
                            ),
                            models.Q(
                                ("checker__isnull", False),
                                ("decided_at__isnull", False),
                                models.Q(("shown_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decided_case_has_a_checker_and_a_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_checker", None),
                            models.Q(
                                ("checker__isnull", False),
                                models.Q(("second_checker", models.F("maker")), _negated=True),
                                models.Q(("second_checker", models.F("checker")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="second_checker_is_neither_maker_nor_checker",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_second", False),
                            models.Q(
                                ("state__in", ["approved", "effected", "reversed"]), _negated=True
                            ),
                            models.Q(
                                ("second_checker__isnull", False),
                                ("second_decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_that_needs_two_is_approved_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_checker", None),
                            ("second_digest", models.F("shown_digest")),
                            _connector="OR",
                        ),
                        name="both_checkers_saw_the_same",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["effected", "reversed"]), _negated=True),
                            ("effected_at__isnull", False),
                            _connector="OR",
                        ),
                        name="effected_case_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                        name="case_amount_is_not_negative",
                    ),
                    models.UniqueConstraint(fields=("request_key",), name="a_form_makes_one_case"),
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
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="enrollment.yearrun",
                        verbose_name="run",
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
            ],
            options={
                "verbose_name": "yearly step",
                "verbose_name_plural": "yearly steps",
                "db_table": "year_step",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "name", "serial"), name="a_step_of_a_run_happens_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(
                                ("finished_at__isnull", False),
                                models.Q(("digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="done_step_has_finished_with_a_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by", None), ("signed_at__isnull", False), _connector="OR"
                        ),
                        name="signature_has_a_day",
                    ),
                ],
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
                            ("resident_scheme", "resident scheme"),
                            ("moved_out", "moved out"),
                            ("duplicate", "duplicate"),
                            ("other_cover", "other statutory cover"),
                            ("refunded", "refunded"),
                            ("reversed", "registration reversed"),
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
            ],
            options={
                "verbose_name": "year of cover",
                "verbose_name_plural": "years of cover",
                "db_table": "enrollment",
                "indexes": [
                    models.Index(fields=["county", "id"], name="enrollment_county"),
                    models.Index(fields=["region", "id"], name="enrollment_region"),
                ],
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
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
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(("paid__gte", 0)), name="paid_is_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_for", ""), ("ended_on", None)),
                            models.Q(
                                ("ended_on__isnull", False),
                                models.Q(("ended_for", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ending_has_a_day_and_a_reason",
                    ),
                ],
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
            ],
            options={
                "verbose_name": "fallout",
                "verbose_name_plural": "fallout",
                "db_table": "fallout",
                "indexes": [models.Index(fields=["county", "id"], name="fallout_county")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "person",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("id"), "%%", models.Value(10000000000)
                                ),
                            )
                        ),
                        name="fallout_key_is_computed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="enrollment.import",
                    ),
                ),
                ("number", models.SmallIntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "piece of a file",
                "verbose_name_plural": "pieces of files",
                "db_table": "import_part",
                "ordering": ["source", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "number"), name="a_piece_stands_once_in_a_file"
                    )
                ],
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
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rejects",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                ("line", models.IntegerField(verbose_name="line")),
                ("column", models.CharField(blank=True, max_length=64, verbose_name="column")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("sealed_cells", models.BinaryField(verbose_name="cells as they came, sealed")),
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
        migrations.CreateModel(
            name="ImportEffect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="effects",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                (
                    "table_name",
                    models.CharField(
                        db_default="person_category",
                        default="person_category",
                        max_length=32,
                        verbose_name="table",
                    ),
                ),
                ("row_id", models.BigIntegerField(verbose_name="row")),
                ("person_id", models.BigIntegerField(blank=True, null=True, verbose_name="person")),
                ("was", models.JSONField(blank=True, null=True, verbose_name="before")),
                ("became", models.JSONField(verbose_name="after")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("undone", "taken back"), ("kept", "kept, changed since")],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
            ],
            options={
                "verbose_name": "row that an import wrote",
                "verbose_name_plural": "rows that imports wrote",
                "db_table": "import_effect",
                "ordering": ["source", "row_id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("source"),
                        models.F("table_name"),
                        models.F("row_id"),
                        name="an_import_writes_a_row_of_a_table_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                ("line", models.IntegerField(verbose_name="line")),
                ("event", models.CharField(blank=True, max_length=20, verbose_name="event")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "taken over"),
                            ("known", "known before"),
                            ("case", "queued for a case"),
                            ("unmatched", "nobody with this number"),
                            ("name_differs", "the name differs"),
                            ("refused", "sent back"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "sealed_cells",
                    models.BinaryField(null=True, verbose_name="cells as they came, sealed"),
                ),
            ],
            options={
                "verbose_name": "answer to a line",
                "verbose_name_plural": "answers to lines",
                "db_table": "import_answer",
                "ordering": ["source", "line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "line"), name="a_line_has_one_outcome"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SchoolAttendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                (
                    "region",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="place of the school"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "school attendance",
                "verbose_name_plural": "school attendances",
                "db_table": "school_attendance",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "since"), name="a_student_begins_once_on_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecognitionList",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="recognition_list",
                        serialize=False,
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                (
                    "department",
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
                ("day", models.DateField(verbose_name="day of the list")),
                ("on_file", models.IntegerField(verbose_name="people of the department on file")),
                ("listed", models.IntegerField(verbose_name="people on the list")),
                ("leaving", models.IntegerField(verbose_name="people missing from the list")),
                (
                    "held",
                    models.IntegerField(verbose_name="people kept, because their line is in doubt"),
                ),
                ("drops_many", models.BooleanField(verbose_name="drops an implausible share")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of what it does")),
                (
                    "was_digest",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                (
                    "people",
                    models.JSONField(
                        default=list, verbose_name="people by county, outcome and category"
                    ),
                ),
                (
                    "money",
                    models.JSONField(
                        default=list, verbose_name="money by year, county and follow-up"
                    ),
                ),
                (
                    "problems",
                    models.JSONField(default=dict, verbose_name="refused lines by reason"),
                ),
                (
                    "first",
                    models.JSONField(default=dict, verbose_name="first people of each outcome"),
                ),
                (
                    "missing",
                    models.JSONField(default=list, verbose_name="terms that are not published"),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acknowledged by",
                    ),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="acknowledged at"),
                ),
            ],
            options={
                "verbose_name": "full list of a department",
                "verbose_name_plural": "full lists of departments",
                "db_table": "recognition_list",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at", None), ("acknowledged_by", None)),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("acknowledged_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_acknowledgement_has_a_person_and_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listed_changes",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
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
                ("county", models.IntegerField(verbose_name="county")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("joined", "joined"),
                            ("left", "left"),
                            ("up", "up"),
                            ("down", "down"),
                            ("unchanged", "unchanged in effect"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "was",
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
                        verbose_name="category before",
                    ),
                ),
                (
                    "becomes",
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
                        verbose_name="category after",
                    ),
                ),
                (
                    "is_settled",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="nothing is left to do"
                    ),
                ),
            ],
            options={
                "verbose_name": "person changed by a list",
                "verbose_name_plural": "people changed by lists",
                "db_table": "listed_change",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["person", "id"], name="listed_change_of_a_person"),
                    models.Index(
                        condition=models.Q(("is_settled", False)),
                        fields=["county", "id"],
                        name="listed_change_to_follow",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "person"), name="a_list_changes_a_person_once"
                    )
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="enrollment.case",
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("checked", "checked, waiting for the second level"),
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
                            ("checked", "checked, waiting for the second level"),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=255)),
                ("version", models.IntegerField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
            name="CaseReversal",
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
                    "reverses",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="enrollment.case",
                        verbose_name="case to be undone",
                    ),
                ),
            ],
            options={
                "verbose_name": "reversal",
                "verbose_name_plural": "reversals",
                "db_table": "case_reversal",
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="enrollment.case",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="file name")),
                ("media_type", models.CharField(max_length=40, verbose_name="kind of file")),
                ("size", models.IntegerField(verbose_name="size in bytes")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("content", models.BinaryField(null=True, verbose_name="content")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken off at"),
                ),
            ],
            options={
                "verbose_name": "file of a case",
                "verbose_name_plural": "files of cases",
                "db_table": "case_file",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("digest__regex", "^[0-9a-f]{64}$"),
                            ("size__gt", 0),
                            ("size__lte", 20971520),
                        ),
                        name="a_file_has_a_size_and_a_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("content__isnull", False),
                            ("removed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_file_that_is_there_has_content",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("case", "digest"),
                        name="a_file_comes_once_with_a_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseComment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
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
                ("text", models.CharField(max_length=1000, verbose_name="comment")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment on a case",
                "verbose_name_plural": "comments on cases",
                "db_table": "case_comment",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="a_comment_says_something",
                    )
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
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                ("cause", models.CharField(max_length=40, verbose_name="cause")),
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
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "db_table": "change",
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["year", "person", "id"], name="change_year_person"),
                    models.Index(fields=["cause", "id"], name="change_cause"),
                ],
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
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shards",
                        to="enrollment.yearstep",
                        verbose_name="step",
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
            ],
            options={
                "verbose_name": "shard",
                "verbose_name_plural": "shards",
                "db_table": "step_shard",
                "ordering": ["step", "phase", "number"],
                "indexes": [models.Index(fields=["step", "state"], name="step_shard_state")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "phase", "number"), name="a_shard_of_a_step_exists_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            ("finished_at__isnull", False),
                            _connector="OR",
                        ),
                        name="done_shard_has_finished",
                    ),
                ],
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
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="enrollment.yearstep",
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
            ],
            options={
                "verbose_name": "terms of a step",
                "verbose_name_plural": "terms of steps",
                "db_table": "step_terms",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "area"), name="a_step_has_terms_once_an_area"
                    )
                ],
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
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="enrollment.yearstep",
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("category", models.CharField(max_length=32, verbose_name="category")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=10, verbose_name="quota"),
                ),
                ("sources", models.JSONField(default=dict, verbose_name="sources")),
            ],
            options={
                "verbose_name": "quota of a step",
                "verbose_name_plural": "quotas of steps",
                "db_table": "step_quota",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("step", "area", "category"),
                        name="a_step_has_a_quota_once_a_category",
                    )
                ],
            },
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
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="enrollment.enrollment",
                        verbose_name="year of cover",
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
                            ("other", "other organisation or person"),
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
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("receipt_number", models.CharField(max_length=64, verbose_name="receipt number")),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                ("id_digest", models.UUIDField(editable=False, null=True)),
                (
                    "id_mask",
                    models.CharField(
                        blank=True,
                        db_default="",
                        editable=False,
                        max_length=32,
                        verbose_name="identity number",
                    ),
                ),
                ("born", models.DateField(editable=False, null=True, verbose_name="birth date")),
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
                            ("after_window", "paid after the window"),
                            ("paid_twice", "paid twice"),
                            ("fully_subsidised", "paid though fully subsidised"),
                            ("name_differs", "name differs"),
                            ("insured_already", "already insured elsewhere"),
                            ("wrong_year", "wrong year"),
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
                    "enrollment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.enrollment",
                        verbose_name="year of cover",
                    ),
                ),
                (
                    "region",
                    models.BigIntegerField(db_default=0, verbose_name="area that received it"),
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
                    "applied",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        editable=False,
                        max_digits=10,
                        verbose_name="applied (yuan)",
                    ),
                ),
                (
                    "cleared",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        editable=False,
                        max_digits=10,
                        verbose_name="applied by cases (yuan)",
                    ),
                ),
                (
                    "refunded",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        editable=False,
                        max_digits=10,
                        verbose_name="paid back (yuan)",
                    ),
                ),
                (
                    "suspense",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("amount"), "-", models.F("applied")
                                ),
                                "-",
                                models.F("cleared"),
                            ),
                            "-",
                            models.F("refunded"),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=10),
                        verbose_name="in suspense (yuan)",
                    ),
                ),
                (
                    "waits",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(
                                (
                                    "amount__gt",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("applied"), "+", models.F("cleared")
                                        ),
                                        "+",
                                        models.F("refunded"),
                                    ),
                                ),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            output_field=models.BooleanField(),
                        ),
                        output_field=models.BooleanField(),
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
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
                "db_table": "receipt",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["paid_at"], name="receipt_by_time"
                    ),
                    models.Index(
                        condition=models.Q(("waits", True)),
                        fields=["county", "id"],
                        name="receipt_in_suspense",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("receipt_number",), name="receipt_number_counts_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="receipt_is_money"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("enrollment__isnull", False),
                                (
                                    "outcome__in",
                                    [
                                        "matched",
                                        "underpaid",
                                        "overpaid",
                                        "after_window",
                                        "paid_twice",
                                        "fully_subsidised",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("enrollment", None),
                                (
                                    "outcome__in",
                                    [
                                        "",
                                        "name_differs",
                                        "insured_already",
                                        "wrong_year",
                                        "no_bill",
                                        "person_unknown",
                                        "bill_ended",
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="reconciled_receipt_names_its_bill_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied__gte", 0),
                            ("cleared__gte", 0),
                            ("refunded__gte", 0),
                            (
                                "amount__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("applied"), "+", models.F("cleared")
                                    ),
                                    "+",
                                    models.F("refunded"),
                                ),
                            ),
                        ),
                        name="receipt_is_never_spent_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied", 0),
                            ("outcome__in", ["matched", "underpaid", "overpaid", "after_window"]),
                            _connector="OR",
                        ),
                        name="receipt_is_applied_to_the_bill_it_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), _negated=True),
                            models.Q(("cleared", 0), ("refunded", 0)),
                            _connector="OR",
                        ),
                        name="receipt_is_cleared_once_it_was_looked_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
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
                    "ground",
                    models.CharField(
                        choices=[
                            ("death", "death"),
                            ("duplicate_enrolment", "duplicate enrolment"),
                            ("joined_employee_scheme", "joined the employee scheme"),
                            ("handling_error", "error in handling"),
                        ],
                        max_length=32,
                        verbose_name="ground of the refund",
                    ),
                ),
                (
                    "event_on",
                    models.DateField(
                        help_text="Of the death, the new relation, the error.",
                        verbose_name="day of the event",
                    ),
                ),
                (
                    "requested_on",
                    models.DateField(
                        help_text="This day decides: it lies before the benefits start.",
                        verbose_name="requested on",
                    ),
                ),
                ("evidence", models.CharField(max_length=255, verbose_name="evidence")),
                ("payee", models.CharField(max_length=64, verbose_name="paid to")),
                ("account_sealed", models.BinaryField(editable=True)),
                ("account_digest", models.UUIDField()),
                ("account_mask", models.CharField(max_length=32, verbose_name="bank account")),
                ("contribution_paid_on", models.DateField(verbose_name="contribution paid on")),
                ("refunded_bill", models.BigIntegerField(editable=False, null=True)),
                (
                    "was_subsidy",
                    models.DecimalField(decimal_places=2, editable=False, max_digits=10, null=True),
                ),
                ("was_ended_on", models.DateField(editable=False, null=True)),
                ("was_ended_for", models.CharField(blank=True, editable=False, max_length=16)),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "db_table": "refund",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("requested_on__gte", models.F("contribution_paid_on"))),
                        name="refund_is_requested_after_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("evidence", ""), _negated=True),
                            models.Q(("payee", ""), _negated=True),
                        ),
                        name="refund_has_evidence_and_payee",
                    ),
                    models.UniqueConstraint(
                        fields=("refunded_bill", "contribution_paid_on"),
                        name="a_payment_is_refunded_once",
                    ),
                ],
            },
            bases=("enrollment.case",),
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
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadlines",
                        to="enrollment.yearstep",
                    ),
                ),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("due_on", models.DateField(verbose_name="answers due on")),
                ("sources", models.JSONField(default=dict, verbose_name="sources")),
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
        migrations.CreateModel(
            name="Push",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.yearstep",
                        verbose_name="round",
                    ),
                ),
                ("year", models.SmallIntegerField(verbose_name="benefit year")),
                ("pushed_on", models.DateField(verbose_name="pushed on")),
                ("due_on", models.DateField(verbose_name="answers due on")),
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
            name="PushTotal",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.yearstep",
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
            ],
            options={
                "verbose_name": "pushes of a township",
                "verbose_name_plural": "pushes by township",
                "db_table": "push_total",
                "indexes": [models.Index(fields=["step", "region"], name="push_total_by_area")],
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
                ("county", models.IntegerField(verbose_name="county")),
                ("day", models.DateField(verbose_name="day")),
                ("pushed", models.IntegerField(verbose_name="pushed")),
                ("answered", models.IntegerField(verbose_name="answered")),
                ("paid", models.IntegerField(verbose_name="paid since")),
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
            name="IdentityCorrection",
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
                    "id_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resident_id", "resident identity number"),
                            ("birth_certificate", "birth certificate"),
                            ("other", "other document"),
                        ],
                        max_length=20,
                        verbose_name="document type",
                    ),
                ),
                ("id_sealed", models.BinaryField(editable=True, null=True)),
                ("id_digest", models.UUIDField(null=True)),
                (
                    "id_mask",
                    models.CharField(blank=True, max_length=32, verbose_name="identity number"),
                ),
                ("name", models.CharField(blank=True, max_length=64, verbose_name="name")),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("M", "male"), ("F", "female")],
                        max_length=1,
                        verbose_name="sex",
                    ),
                ),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="birth date")),
                ("evidence", models.CharField(max_length=255, verbose_name="evidence")),
                ("old_id_type", models.CharField(max_length=20)),
                ("old_id_sealed", models.BinaryField(editable=True)),
                ("old_id_digest", models.UUIDField()),
                ("old_id_mask", models.CharField(max_length=32)),
                ("old_name", models.CharField(max_length=64)),
                ("old_sex", models.CharField(max_length=1)),
                ("old_birth_date", models.DateField()),
            ],
            options={
                "verbose_name": "correction of identity",
                "verbose_name_plural": "corrections of identity",
                "db_table": "identity_correction",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("sex", ""), _negated=True),
                            ("birth_date__isnull", False),
                            ("id_digest__isnull", False),
                            _connector="OR",
                        ),
                        name="a_correction_corrects_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("id_digest", None),
                                ("id_mask", ""),
                                ("id_sealed", None),
                                ("id_type", ""),
                            ),
                            models.Q(
                                ("id_digest__isnull", False),
                                ("id_sealed__isnull", False),
                                models.Q(("id_mask", ""), _negated=True),
                                models.Q(("id_type", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_corrected_number_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="a_correction_has_evidence",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="DuplicateResolution",
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
                    "keep",
                    models.CharField(
                        choices=[
                            ("employee", "the employee scheme"),
                            ("resident", "the resident scheme"),
                        ],
                        max_length=16,
                        verbose_name="relation that stays",
                    ),
                ),
                (
                    "written_choice",
                    models.CharField(
                        blank=True,
                        help_text="The paper on which the person chose; not needed where the rule decides.",
                        max_length=255,
                        verbose_name="written choice",
                    ),
                ),
                ("months", models.SmallIntegerField(verbose_name="employee months in a row")),
                ("by_rule", models.BooleanField(verbose_name="decided by rule")),
                ("was_scheme", models.SmallIntegerField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "duplicate resolution",
                "verbose_name_plural": "duplicate resolutions",
                "db_table": "duplicate_resolution",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_rule", True),
                            models.Q(("written_choice", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_duplicate_is_resolved_by_rule_or_in_writing",
                    )
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="Finding",
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
                            ("moved", "household moved away from the place of insurance"),
                            ("switched", "began work where the area decides about a wait"),
                            ("employed_twice", "began work while in the employee scheme elsewhere"),
                            ("identity", "name or number was changed"),
                            ("two_files", "the new number has a file of its own"),
                            ("newborn", "newborn, not registered"),
                            ("returned", "other cover ended"),
                            ("student", "student, not registered"),
                            ("paid_ahead", "paid for a year that will not begin"),
                            ("two_schemes", "both schemes in the same months"),
                            ("two_areas", "employee scheme of two areas in the same months"),
                            ("one_digit_off", "same name and birth date, number one digit off"),
                            ("certificate", "birth certificate and identity number, one file each"),
                            ("old_number", "number of 15 and of 18 digits, one file each"),
                        ],
                        max_length=16,
                        verbose_name="kind",
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
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="other file",
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
                (
                    "year",
                    models.SmallIntegerField(blank=True, null=True, verbose_name="benefit year"),
                ),
                (
                    "told",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="what tells it from others"
                    ),
                ),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
                ("sealed", models.BinaryField(null=True, verbose_name="new number, sealed")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="enrollment.import",
                        verbose_name="import",
                    ),
                ),
                ("line", models.IntegerField(blank=True, null=True, verbose_name="line")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be looked at"),
                            ("taken", "taken up by a case"),
                            ("closed", "closed without a case"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="enrollment.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=255, verbose_name="reason"
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
                (
                    "found_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="found at",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "db_table": "finding",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["county", "state", "id"], name="finding_by_county")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind", "year", "other", "told"),
                        name="a_finding_is_queued_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("case", None),
                                ("closed_by", None),
                                ("reason", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                ("case__isnull", False), ("closed_by", None), ("state", "taken")
                            ),
                            models.Q(
                                ("case", None),
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_finding_is_taken_up_or_closed_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other", None),
                            models.Q(("other", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_files_are_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="History",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_name", models.CharField(max_length=63, verbose_name="table")),
                ("row_id", models.BigIntegerField(verbose_name="row")),
                (
                    "act",
                    models.CharField(
                        choices=[("INSERT", "added"), ("UPDATE", "changed"), ("DELETE", "removed")],
                        max_length=6,
                        verbose_name="act",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "by_case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.case",
                        verbose_name="by case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("by_role", models.CharField(max_length=63, verbose_name="database role")),
                ("changed", models.JSONField(verbose_name="before and after")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a row",
                "verbose_name_plural": "history of changes",
                "db_table": "history",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["person", "id"], name="history_of_a_person"),
                    models.Index(fields=["case", "id"], name="history_of_a_case"),
                    models.Index(fields=["user", "id"], name="history_of_an_account"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["recorded_at"], name="history_of_a_day", pages_per_range=16
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case", None), ("person__isnull", False)),
                            models.Q(("case__isnull", False), ("person", None)),
                            _connector="OR",
                        ),
                        name="history_is_about_a_person_or_a_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CategoryRecognition",
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
                    "act",
                    models.CharField(
                        choices=[("gained", "status gained"), ("lost", "status lost")],
                        default="gained",
                        max_length=8,
                        verbose_name="what happened",
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
                    "since",
                    models.DateField(
                        blank=True,
                        help_text="First day of a status gained.",
                        null=True,
                        verbose_name="first day",
                    ),
                ),
                (
                    "until",
                    models.DateField(
                        blank=True,
                        help_text="Of a status lost; of one gained only where the department names it.",
                        null=True,
                        verbose_name="last day",
                    ),
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
                ("evidence", models.CharField(max_length=255, verbose_name="evidence")),
                (
                    "qualified",
                    models.BooleanField(
                        default=True,
                        help_text="Monitored persons are subsidised only when they meet the conditions.",
                        verbose_name="meets the conditions",
                    ),
                ),
                (
                    "row",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.personcategory",
                    ),
                ),
                (
                    "was_valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(editable=False, null=True),
                ),
            ],
            options={
                "verbose_name": "category recognition",
                "verbose_name_plural": "category recognitions",
                "db_table": "category_recognition",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "gained"), ("since__isnull", False)),
                            models.Q(("act", "lost"), ("until__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_status_gained_has_a_first_day_and_one_lost_a_last",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None),
                            ("until", None),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="a_status_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="a_recognition_has_evidence",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="Registration",
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
                    "insured_region",
                    models.ForeignKey(
                        db_column="insured_region",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.region",
                        verbose_name="place of insurance (参保地)",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("in_period", "in the payment period"),
                            ("late", "after the payment period, with a wait"),
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
                        verbose_name="ground of the registration",
                    ),
                ),
                (
                    "also_next_year",
                    models.BooleanField(
                        default=False, verbose_name="for the next benefit year too"
                    ),
                ),
                (
                    "recognised_on",
                    models.DateField(blank=True, null=True, verbose_name="recognised on"),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
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
                ("evidence", models.CharField(blank=True, max_length=255, verbose_name="evidence")),
                (
                    "employee_until",
                    models.DateField(
                        blank=True,
                        help_text="Where the register still says employee scheme.",
                        null=True,
                        verbose_name="last day in the employee scheme",
                    ),
                ),
                (
                    "recognised",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.personcategory",
                    ),
                ),
                (
                    "was_scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        editable=False,
                        null=True,
                    ),
                ),
                ("was_region", models.BigIntegerField(editable=False, null=True)),
                ("was_left_on", models.DateField(editable=False, null=True)),
                ("was_left_for", models.CharField(blank=True, editable=False, max_length=16)),
            ],
            options={
                "verbose_name": "registration",
                "verbose_name_plural": "registrations",
                "db_table": "registration",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ground__in", ["in_period", "late"]),
                            models.Q(
                                ("recognised_on__isnull", False),
                                models.Q(("evidence", ""), _negated=True),
                                models.Q(("source", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="off_period_registration_has_its_evidence",
                    )
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="ParameterSetting",
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
                ("code", models.CharField(max_length=100, verbose_name="parameter")),
                (
                    "scheme",
                    models.SmallIntegerField(
                        choices=[
                            (0, "both schemes"),
                            (1, "resident scheme"),
                            (2, "employee scheme"),
                        ],
                        verbose_name="scheme",
                    ),
                ),
                ("unit", models.CharField(max_length=32, verbose_name="unit")),
                ("value", models.JSONField(verbose_name="value")),
                (
                    "valid_from",
                    models.DateField(
                        help_text="What belongs to a benefit year holds from its 1 January.",
                        verbose_name="first day",
                    ),
                ),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="Empty: until further notice.",
                        null=True,
                        verbose_name="last day",
                    ),
                ),
                (
                    "document_number",
                    models.CharField(max_length=64, verbose_name="document number"),
                ),
                (
                    "document_title",
                    models.CharField(max_length=255, verbose_name="title of the document"),
                ),
                (
                    "document_issued_on",
                    models.DateField(blank=True, null=True, verbose_name="issued on"),
                ),
                ("clause", models.CharField(max_length=100, verbose_name="clause")),
                (
                    "published",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.policyparameter",
                        verbose_name="published value",
                    ),
                ),
            ],
            options={
                "verbose_name": "setting of a policy parameter",
                "verbose_name_plural": "settings of policy parameters",
                "db_table": "parameter_setting",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document_number", ""), _negated=True),
                            models.Q(("document_title", ""), _negated=True),
                            models.Q(("clause", ""), _negated=True),
                        ),
                        name="a_setting_names_document_and_clause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="a_setting_ends_after_it_begins",
                    ),
                ],
            },
            bases=("enrollment.case",),
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
                            ("other", "other organisation or person"),
                            ("personal_account", "relative's personal account"),
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
                        help_text="Where the money is given because of a category.",
                        max_length=32,
                        verbose_name="category",
                    ),
                ),
                (
                    "giver",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The collective, charity or other organisation; needed for “other”.",
                        max_length=100,
                        verbose_name="name of the giver",
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("spouse", "spouse"),
                            ("parent", "parent"),
                            ("child", "child"),
                            ("sibling", "brother or sister"),
                            ("grandparent", "grandparent"),
                            ("grandchild", "grandchild"),
                        ],
                        db_default="",
                        default="",
                        help_text="What the owner of the account is to the person: 《民法典》第一千零四十五条.",
                        max_length=16,
                        verbose_name="relation of the owner",
                    ),
                ),
                (
                    "kinship",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Document and number: household book, marriage or birth certificate.",
                        max_length=255,
                        verbose_name="proof of the relation",
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Number and day of the signed 个人账户共济备案表.",
                        max_length=255,
                        verbose_name="consent of the owner",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.person",
                        verbose_name="owner of the account",
                    ),
                ),
                (
                    "owner_mask",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=32,
                        verbose_name="owner's number",
                    ),
                ),
                (
                    "was_category",
                    models.CharField(
                        blank=True, db_default="", default="", editable=False, max_length=32
                    ),
                ),
                ("was_paid_on", models.DateField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "contribution subsidy",
                "verbose_name_plural": "contribution subsidies",
                "db_table": "contribution_subsidy",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("funder", "medical_assistance"), _negated=True),
                            models.Q(("category", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="assistance_is_given_for_a_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("funder", "other"), _negated=True),
                            models.Q(("giver", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="another_giver_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("category", ""),
                                ("funder", "personal_account"),
                                ("giver", ""),
                                ("owner__isnull", False),
                                models.Q(("relation", ""), _negated=True),
                                models.Q(("kinship", ""), _negated=True),
                                models.Q(("consent", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("funder", "personal_account"), _negated=True),
                                ("consent", ""),
                                ("kinship", ""),
                                ("owner", None),
                                ("relation", ""),
                            ),
                            _connector="OR",
                        ),
                        name="a_shared_account_names_relation_proof_and_consent",
                    ),
                ],
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
                (
                    "from_scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        db_default=1,
                        default=1,
                        verbose_name="scheme that is left",
                    ),
                ),
                (
                    "to_scheme",
                    models.SmallIntegerField(
                        choices=[(1, "resident scheme"), (2, "employee scheme")],
                        db_default=1,
                        default=1,
                        verbose_name="scheme after the move",
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(
                        blank=True,
                        help_text="First day of that month; only at a switch between the schemes.",
                        null=True,
                        verbose_name="first month of the new scheme",
                    ),
                ),
                (
                    "gap_paid",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="The months without cover before that day are paid afterwards.",
                        verbose_name="gap is paid",
                    ),
                ),
                (
                    "continuous_years",
                    models.SmallIntegerField(null=True, verbose_name="years of continuous cover"),
                ),
                (
                    "gap_months",
                    models.SmallIntegerField(null=True, verbose_name="months without cover"),
                ),
                ("wait_months", models.SmallIntegerField(null=True, verbose_name="months of wait")),
                (
                    "retroactive",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="reaches back over the gap"
                    ),
                ),
                (
                    "covered_from",
                    models.DateField(null=True, verbose_name="covered by the new scheme from"),
                ),
                (
                    "applied_on",
                    models.DateField(
                        editable=False,
                        help_text="Both terms run from this day.",
                        verbose_name="applied on",
                    ),
                ),
                (
                    "asked_for",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        editable=False,
                        help_text="Written where the person lives now; the area that insures them hands over.",
                        verbose_name="asked for by the new area",
                    ),
                ),
                (
                    "handed_over_version",
                    models.IntegerField(
                        blank=True,
                        editable=False,
                        help_text="From this version of the case on the new area sees what happens to it.",
                        null=True,
                        verbose_name="handed over with version",
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="accepted at"
                    ),
                ),
                (
                    "accepted_digest",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        max_length=64,
                        verbose_name="digest of what was accepted",
                    ),
                ),
            ],
            options={
                "verbose_name": "enrolment transfer",
                "verbose_name_plural": "enrolment transfers",
                "db_table": "enrolment_transfer",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted_at", None),
                                ("accepted_by", None),
                                ("accepted_digest", ""),
                            ),
                            models.Q(
                                ("accepted_at__isnull", False),
                                ("accepted_by__isnull", False),
                                models.Q(("accepted_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="acceptance_has_hand_moment_and_digest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("covered_from", None),
                                ("from_scheme", models.F("to_scheme")),
                                ("gap_paid", False),
                                ("starts_on", None),
                                ("wait_months", None),
                            ),
                            models.Q(
                                models.Q(("from_scheme", models.F("to_scheme")), _negated=True),
                                ("continuous_years__gte", 0),
                                ("continuous_years__isnull", False),
                                ("covered_from__isnull", False),
                                ("gap_months__gte", 0),
                                ("gap_months__isnull", False),
                                ("starts_on__day", 1),
                                ("starts_on__isnull", False),
                                ("wait_months__gte", 0),
                                ("wait_months__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_switch_of_schemes_says_from_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_by", None),
                            ("handed_over_version__isnull", False),
                            _connector="OR",
                        ),
                        name="only_what_was_handed_over_is_accepted",
                    ),
                ],
            },
            bases=("enrollment.case",),
        ),
        migrations.CreateModel(
            name="CaseFileAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.casefile",
                        verbose_name="file of a case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "address",
                    models.GenericIPAddressField(
                        blank=True, null=True, verbose_name="from address"
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
                "verbose_name": "download of a file",
                "verbose_name_plural": "downloads of files",
                "db_table": "case_file_access",
                "ordering": ["-id"],
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
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken",
                        to="enrollment.change",
                    ),
                ),
                ("taker", models.CharField(max_length=40)),
                (
                    "taken_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
            name="ShardTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="enrollment.stepshard",
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
                    "output_hash",
                    models.BigIntegerField(db_default=0, verbose_name="hash of the output"),
                ),
            ],
            options={
                "verbose_name": "control total",
                "verbose_name_plural": "control totals",
                "db_table": "shard_total",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shard", "county", "item"), name="a_shard_counts_an_item_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SuspenseClearing",
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
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearings",
                        to="enrollment.receipt",
                        verbose_name="receipt",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("apply", "apply to a bill"),
                            ("move_year", "move to the bill of another year"),
                            ("refund", "refund to the payer"),
                            ("return_tax", "return to the tax service"),
                        ],
                        max_length=16,
                        verbose_name="decision",
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        help_text="What shows whose money it is: a letter, a call, the register.",
                        max_length=255,
                        verbose_name="evidence",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("death", "death"),
                            ("duplicate_enrolment", "duplicate enrolment"),
                            ("joined_employee_scheme", "joined the employee scheme"),
                            ("handling_error", "error in handling"),
                        ],
                        max_length=32,
                        verbose_name="ground of the refund",
                    ),
                ),
                ("payee", models.CharField(blank=True, max_length=64, verbose_name="paid to")),
                ("account_sealed", models.BinaryField(default=b"", editable=True)),
                ("account_digest", models.UUIDField(null=True)),
                (
                    "account_mask",
                    models.CharField(blank=True, max_length=32, verbose_name="bank account"),
                ),
                ("cleared_at", models.DateTimeField(editable=False, null=True)),
                ("paid_bill", models.BigIntegerField(editable=False, null=True)),
                ("was_paid_on", models.DateField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "suspense clearing",
                "verbose_name_plural": "suspense clearings",
                "db_table": "suspense_clearing",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("evidence", ""), _negated=True),
                        name="clearing_has_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "refund"), _negated=True),
                            models.Q(
                                models.Q(("ground", ""), _negated=True),
                                models.Q(("payee", ""), _negated=True),
                                ("account_digest__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="refund_of_suspense_has_ground_and_payee",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paid_bill", None),
                            models.Q(
                                ("cleared_at__isnull", False),
                                ("decision__in", ["apply", "move_year"]),
                            ),
                            _connector="OR",
                        ),
                        name="clearing_pays_a_bill_or_none",
                    ),
                ],
            },
            bases=("enrollment.case",),
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
                (
                    "shard",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enrollment.stepshard",
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
            ],
            options={
                "verbose_name": "bills of a slice",
                "verbose_name_plural": "bills of slices",
                "db_table": "opened_total",
            },
        ),
    ]
    operations = [CreateTogether(operations)]
