"""Findings (核查线索): taken up by a case, or closed with a reason.

The database ties them to cases: whatever opens a case of the right kind about the person takes up
what waits (`cases_take_findings_up` in enrollment/sql/database/).
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from enrollment.models import Case, Finding, Person, User
from enrollment.models.identity import unseal
from enrollment.rules.identity import check_identity
from enrollment.selectors.findings import department_of
from enrollment.services import corrections
from enrollment.services.refusals import Refused


class FindingDecided(Refused):
    message = gettext_noop("Finding %(number)s is %(state)s: nothing is left to decide.")


class ReasonForClosingMissing(Refused):
    message = gettext_noop("Say why nothing is to be done.")
    field = "reason"


class NoProposal(Refused):
    message = gettext_noop("This finding proposes no name or number.")


@transaction.atomic
def close(*, finding: Finding, user: User, reason: str) -> Finding:
    """Close a finding about which nothing is to be done; it stays and is not found again.

    Raises FindingDecided, ReasonForClosingMissing.
    """
    finding = _open(finding)
    reason = reason.strip()
    if not reason:
        raise ReasonForClosingMissing
    Finding.objects.filter(pk=finding.pk).update(
        state=Finding.State.CLOSED, closed_by=user, reason=reason[:255], closed_at=timezone.now()
    )
    finding.refresh_from_db()
    return finding


@transaction.atomic
def open_correction(*, finding: Finding, user: User) -> Case:
    """A draft that corrects a file to what the department told; nobody types the number.

    Where the new number says another birth date or sex, these are part of it.
    Raises FindingDecided, NoProposal, and as `corrections.open_correction`.
    """
    finding = _open(finding)
    if finding.kind != Finding.Kind.IDENTITY:
        raise NoProposal
    evidence = _("%(department)s, import %(number)s, line %(line)s") % {
        "department": department_of(finding),
        "number": finding.source_id,
        "line": finding.line,
    }
    proposed = _number(finding) if finding.sealed else {"name": finding.details["name"]}
    return corrections.open_correction(
        maker=user, person=finding.person, evidence=evidence, **proposed
    )


def _number(finding: Finding) -> dict[str, object]:
    """The fields of a correction to the sealed number."""
    number = unseal(bytes(finding.sealed or b""))
    inside = check_identity(number)
    if not inside.valid:
        return {"id_type": Person.IdType.OTHER, "id_number": number}
    told: dict[str, object] = {"id_type": Person.IdType.RESIDENT_ID, "id_number": number}
    if inside.birth_date != finding.person.birth_date:
        told["birth_date"] = inside.birth_date
    if inside.sex != finding.person.sex:
        told["sex"] = inside.sex
    return told


def _open(finding: Finding) -> Finding:
    """The finding as it is now, locked. Raises FindingDecided."""
    found = (
        Finding.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=finding.pk)
    )
    if found.state != Finding.State.OPEN:
        raise FindingDecided(number=found.pk, state=found.get_state_display())
    return found
