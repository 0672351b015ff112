"""The nine roles, what each may do, and which nobody holds together.

A role is a Django group that bears its English name; screens show `pgettext("role", name)`. Who has
it, where and when is a duty (`enrollment.models.Duty`); `DutyBackend` reads rights from there.
Permissions are declared here by name and written by `apply_roles`; a test asserts that every name
exists. Business roles read the register and act on cases; administrators do not see the register
at all, and no two of the three share a duty: system, security and audit administration are separate
(GB/T 22239 level 3: system, security and audit administration are separate).
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from enrollment.models import RoleConflict
from enrollment.selectors.duties import permissions_of


def views(app: str, *models: str) -> tuple[str, ...]:
    """Names of the permissions to view these models of an app."""
    return tuple(f"{app}.view_{model}" for model in models)


def edits(app: str, *models: str) -> tuple[str, ...]:
    """Names of the permissions to view, add and change, never to delete."""
    return tuple(f"{app}.{act}_{model}" for model in models for act in ("view", "add", "change"))


POLICY = views("enrollment", "region", "policydocument", "policyparameter")
DAYS = views("enrollment", "controltotal", "dayclose")
COLLECTION = views("enrollment", "collectiontotal")
REGISTER = (
    *DAYS,
    *views("enrollment", "person", "personcategory", "enrollment", "award", "receipt", "fallout"),
    *views("enrollment", "change"),
    *views("enrollment", "push", "gridworker"),
    *COLLECTION,
    *views("benefits", "claim", "claimuse", "standing", "standingterms"),
)
KINDS = (
    "casereversal",
    "registration",
    "categoryrecognition",
    "identitycorrection",
    "refund",
    "suspenseclearing",
    "duplicateresolution",
    "contributionsubsidy",
    "enrolmenttransfer",
    "parametersetting",
)
BENEFIT_KINDS = ("gaprepair", "waitingoverride", "retirementassessment")
FUND_KINDS = (
    "settlementsheet",
    "fundmovement",
    "budget",
    "budgetadjustment",
    "countyplan",
    "riskwarning",
)
CASES_READ = (
    *views("enrollment", "case", "caseevent", "finding", *KINDS),
    *views("benefits", *BENEFIT_KINDS),
    *views("funds", *FUND_KINDS),
)
CASES_WRITE = (
    "enrollment.view_case",
    "enrollment.view_caseevent",
    "enrollment.view_finding",
    "enrollment.change_finding",
    *edits("enrollment", *KINDS),
    *edits("benefits", *BENEFIT_KINDS),
)
QUALITY = views("enrollment", "casetotal", "casemonth")
COMMENTS = ("enrollment.add_casecomment",)
LEDGER = (
    *views("funds", "account", "entry", "line", "accountkind", "accountday", "periodclose"),
    *views("funds", "fundmonth", "riskreading"),
    "funds.view_report",
)
YEAR = views(
    "enrollment", "yearrun", "yearstep", "stepshard", "shardtotal", "stepterms", "stepquota"
)
IMPORTS = views("enrollment", "import", "importreject")
# 查看完整号码: one record at a time, for a reason, recorded.
REVEAL = "enrollment.reveal_identity"
SCHEDULE = ("periodictask", "intervalschedule", "crontabschedule", "clockedschedule")
DUTIES = views("enrollment", "duty")
LOGINS = views("axes", "accessattempt", "accesslog", "accessfailurelog")
TAKEN = views("enrollment", "screenexport", "casefileaccess")


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role: what it is called, what it may do, and the account that a demo makes for it."""

    label: str | Promise
    permissions: tuple[str, ...]
    username: str
    display_name: str

    @property
    def name(self) -> str:
        """Name of its group: the English one, whatever the language of the moment."""
        with translation.override(None):
            return str(self.label)


ROLES = (
    Role(
        label=pgettext_lazy("role", "Maker"),
        permissions=(
            *POLICY,
            *REGISTER,
            *CASES_WRITE,
            *COMMENTS,
            *IMPORTS,
            *edits("enrollment", "gridworker"),
            "enrollment.add_import",
            "enrollment.export_statuses",
            "enrollment.export_push",
            REVEAL,
        ),
        username="maker",
        display_name="刘婷",
    ),
    Role(
        label=pgettext_lazy("role", "Checker"),
        permissions=(
            *POLICY,
            *REGISTER,
            *CASES_READ,
            *COMMENTS,
            *IMPORTS,
            "enrollment.check_case",
            "enrollment.confirm_import",
            "enrollment.close_day",
            REVEAL,
        ),
        username="checker",
        display_name="张敏",
    ),
    Role(
        label=pgettext_lazy("role", "Approver"),
        permissions=(
            *POLICY,
            *REGISTER,
            *CASES_READ,
            *COMMENTS,
            "enrollment.check_case",
            "enrollment.confirm_case",
            "enrollment.effect_case",
            "enrollment.reopen_day",
        ),
        username="approver",
        display_name="陈立群",
    ),
    Role(
        label=pgettext_lazy("role", "Fund officer"),
        permissions=(
            *POLICY,
            *views("enrollment", "receipt", "award"),
            *DAYS,
            *COLLECTION,
            *CASES_READ,
            *COMMENTS,
            *LEDGER,
            "funds.close_period",
            *YEAR,
            *edits("funds", *FUND_KINDS),
            *edits("enrollment", "casereversal"),
            "funds.confirm_county_plan",
        ),
        username="fund-officer",
        display_name="赵文清",
    ),
    Role(
        label=pgettext_lazy("role", "Supervisor"),
        permissions=(
            *POLICY,
            *REGISTER,
            *CASES_READ,
            *LEDGER,
            *YEAR,
            *IMPORTS,
            *edits("enrollment", "gridworker"),
            *QUALITY,
            "enrollment.export_statuses",
            "enrollment.export_push",
            "enrollment.export_push_numbers",
            "enrollment.sign_rehearsal",
            "enrollment.steer_run",
            "enrollment.close_day",
            "funds.reopen_period",
        ),
        username="supervisor",
        display_name="王建国",
    ),
    Role(
        label=pgettext_lazy("role", "Auditor"),
        permissions=(
            *POLICY,
            *REGISTER,
            *CASES_READ,
            *LEDGER,
            *YEAR,
            *IMPORTS,
            *LOGINS,
            *TAKEN,
            *DUTIES,
            *QUALITY,
            *views("enrollment", "personaccess", "history"),
            "admin.view_logentry",
        ),
        username="auditor",
        display_name="周明",
    ),
    Role(
        label=pgettext_lazy("role", "System administrator"),
        permissions=(*POLICY, *YEAR, *edits("django_celery_beat", *SCHEDULE)),
        username="system-administrator",
        display_name="孙浩",
    ),
    Role(
        label=pgettext_lazy("role", "Security administrator"),
        permissions=(
            *edits("enrollment", "user"),
            *DUTIES,
            "enrollment.add_duty",
            "enrollment.change_duty",
            *views("enrollment", "region"),
            *views("axes", "accessattempt"),
            "axes.delete_accessattempt",
        ),
        username="security-administrator",
        display_name="吴静",
    ),
    Role(
        label=pgettext_lazy("role", "Audit administrator"),
        permissions=(*LOGINS, *TAKEN, *DUTIES, "admin.view_logentry"),
        username="audit-administrator",
        display_name="郑凯",
    ),
)

# Who enters never reviews (录入与复核分离), business and fund are apart, and who administers or
# audits does nothing else (GB/T 22239 level 3; docs/adr names the reasons). In whatever regions:
# rights of one person that hold here and not there are asked for by nobody and seen by nobody.
_CASES = ("Maker", "Checker", "Approver")
_APART = ("Auditor", "System administrator", "Security administrator", "Audit administrator")


def _incompatible() -> frozenset[frozenset[str]]:
    pairs = {frozenset(pair) for pair in (("Maker", "Checker"), ("Maker", "Approver"))}
    pairs |= {frozenset((name, "Fund officer")) for name in _CASES}
    pairs.add(frozenset(("Maker", "Supervisor")))  # who signs has entered nothing
    names = [role.name for role in ROLES]
    pairs |= {frozenset(pair) for pair in combinations(names, 2) if set(pair) & set(_APART)}
    return frozenset(pairs)


INCOMPATIBLE = _incompatible()


class DutyBackend(ModelBackend):
    """Rights come from the duties in force today, not from membership of a group.

    Passwords and disabled accounts are Django's own business: a disabled account is nobody at its
    next request. A superuser, whom only the owner of the database can make, passes every question
    of rights before it comes here, and still sees no row without a duty.
    """

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None: nobody is given a right beside a duty."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Those of the duties in force; with an object, of the duties that reach it."""
        return set(permissions_of(user_obj, obj))

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return self.get_group_permissions(user_obj, obj)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Asked too often for a copy of all of them."""
        return user_obj.is_active and perm in permissions_of(user_obj, obj)


def label_of(group_name: str) -> str:
    """What a role is called in the language of the page; another group is called by its name."""
    return pgettext("role", group_name)


def declared_permissions() -> dict[str, Permission]:
    """Every permission that a model declares, by "app.codename"."""
    found = Permission.objects.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}": each for each in found}


def apply_roles() -> dict[str, Group]:
    """Write the nine groups and their conflicts exactly as declared here; safe to repeat.

    :raises ImproperlyConfigured: naming the permissions that no model declares.
    """
    declared = declared_permissions()
    unknown = sorted({name for role in ROLES for name in role.permissions} - declared.keys())
    if unknown:
        raise ImproperlyConfigured(f"No model declares {', '.join(unknown)}.")
    groups = {}
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role.name)
        group.permissions.set([declared[name] for name in role.permissions])
        groups[role.name] = group
    pairs = {tuple(sorted(groups[name].pk for name in pair)) for pair in INCOMPATIBLE}
    RoleConflict.objects.bulk_create(
        (RoleConflict(role_id=role, other_id=other) for role, other in sorted(pairs)),
        ignore_conflicts=True,
    )
    for conflict in RoleConflict.objects.all():
        if (conflict.role_id, conflict.other_id) not in pairs:
            conflict.delete()
    return groups
