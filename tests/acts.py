"""The acts of a case in a test: approved and carried out by others, and several at once."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connection

from enrollment.models import Case, User
from enrollment.selectors.calendar import business_date, business_date_is
from enrollment.selectors.cases import shown_digest_of
from enrollment.services import cases, transfers


def approved(case: Case, checker: User) -> Case:
    """Submitted by its maker and approved by somebody else."""
    case = cases.submit_case(case=case, user=case.maker)
    return cases.approve_case(case=case, checker=checker, shown_digest=shown_digest_of(case))


def carried_out(case: Case, checker: User) -> Case:
    """Approved, and in effect."""
    return cases.put_into_effect(case=approved(case, checker), user=checker)


def arrived(case: Case, checker: User, taker: User) -> Case:
    """A transfer that one side approved, and somebody of the other accepted and took over."""
    case = approved(case, checker)
    case = transfers.accept_transfer(case=case, user=taker, shown_digest=case.shown_digest)
    return cases.put_into_effect(case=case, user=taker)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads of their own, begun together; what each returned or raised."""
    results: list[Any] = [None] * len(calls)
    on = business_date()
    start = threading.Barrier(len(calls))

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            with business_date_is(on):
                start.wait(timeout=10)
                results[index] = call()
        except Exception as error:  # noqa: BLE001  # whatever it was, the test looks at it
            results[index] = error
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
