"""The two cities of a transfer, each with its own duties, and what is pressed on its screens."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse

from enrollment.models import Case, CaseComment, CaseFile, EnrolmentTransfer, User
from enrollment.selectors.scope import set_scope
from enrollment.services import case_files
from tests import cast
from tests.papers import pdf
from tests.roles import as_role

TODAY = date(2026, 11, 20)
SCREENS = "/enrollment/enrolmenttransfer"
Ask = Callable[..., HttpResponse]

OFFICERS = {
    "maker": ("Maker", "liu", "刘婷", cast.HEFEI),
    "checker": ("Checker", "zhang", "张敏", cast.HEFEI),
    "approver": ("Approver", "chen", "陈立群", cast.HEFEI),
    "their maker": ("Maker", "fang", "方远", cast.WUHU),
    "their checker": ("Checker", "wu", "吴越", cast.WUHU),
    "their approver": ("Approver", "he", "何静", cast.WUHU),
    "third checker": ("Checker", "xia", "夏雨", 341000000000),
}


def page(transfer: Case) -> str:
    return f"{SCREENS}/{transfer.pk}/change/"


def move(ask: Ask, who: str, transfer: Case, name: str, **says: Any) -> HttpResponse:
    """A button pressed, or the POST of somebody who has no such button."""
    seen = EnrolmentTransfer.objects.get(pk=transfer.pk)
    data = {"version": seen.version, "reason": "因故", **says}
    if name == "accept":
        data.setdefault("shown_digest", seen.shown_digest)
    if name == "approve":
        shown = ask(who, page(transfer)).content.decode()
        data["shown_digest"] = shown.partition('name="shown_digest" value="')[2][:64]
    return ask(who, f"{SCREENS}/{transfer.pk}/move/{name}/", data)


def attach(transfer: Case, user: User, name: str) -> CaseFile:
    return case_files.attach(case=transfer, user=user, name=name, content=pdf(name))


def comment(user: User, transfer: Case, text: str) -> None:
    CaseComment.objects.create(case_id=transfer.pk, user=user, text=text)


def state(transfer: Case) -> str:
    found = EnrolmentTransfer.objects.get(pk=transfer.pk)
    return "accepted" if found.state == "approved" and found.is_accepted else found.state


def tab(shown: str, label: str) -> int:
    """The number that stands behind a pile of the desk."""
    return int(shown.partition(f" {label} ")[2].split()[0])


def refused_as_web(tried: Sequence[tuple[User, str]]) -> list[str]:
    """What of raw statements had an effect, or failed for another reason than the two sides."""

    def write() -> list[str]:
        done = []
        for user, statement in tried:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    set_scope(User.objects.get(pk=user.pk))
                    cursor.execute(statement)
                    done += [statement] * cursor.rowcount
            except DatabaseError as error:
                if "transfer" not in str(error) and "is fixed" not in str(error):
                    done.append(str(error))
        return done

    return as_role("web", write)
