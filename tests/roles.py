"""Working as one of the plain database roles, as the web and the workers do in the field."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from environ import Env

Result = TypeVar("Result")


def as_role(role: str, call: Callable[[], Result]) -> Result:
    """Run `call` on a connection of the role `web` or `worker` to the test's database.

    In a thread of its own, because connections belong to threads; what it sees was committed.
    """
    known = Env().db_url(settings.ROLE_URLS[role])
    parameters: dict[str, Any] = {
        **connection.settings_dict,
        "USER": known["USER"],
        "PASSWORD": known["PASSWORD"],
    }
    outcome: list[Any] = [None, None]

    def run() -> None:
        wrapper = DatabaseWrapper(parameters, "default")
        connections["default"] = wrapper
        try:
            outcome[0] = call()
        except BaseException as error:  # noqa: BLE001  # raised again in the test's own thread
            outcome[1] = error
        finally:
            wrapper.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]  # type: ignore[no-any-return]
