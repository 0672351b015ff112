"""Working as one of the plain database roles, as the web and the workers do in the field."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from environ import Env
from psycopg.pq import TransactionStatus

Result = TypeVar("Result")


def as_role(role: str, call: Callable[[], Result]) -> Result:
    """Run `call` on a connection of the role `web` or `worker` to the test's database.

    In a thread of its own, because connections belong to threads; what it sees was committed.
    """
    name = connection.settings_dict["NAME"]
    idle = _idle.setdefault((name, role), [])
    session = idle.pop() if idle else _Session(_parameters(role))
    result, error = session.ask(call)
    idle.append(session)
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


def hang_up() -> None:
    """End the sessions that are kept from call to call: a database in use cannot be dropped."""
    for sessions in _idle.values():
        while sessions:
            sessions.pop().end()


def _parameters(role: str) -> dict[str, Any]:
    known = Env().db_url(settings.ROLE_URLS[role])
    return {
        **connection.settings_dict,
        "USER": known["USER"],
        "PASSWORD": known["PASSWORD"],
    }


class _Session:
    """A thread with a connection, as a process that serves has one.

    Kept from call to call: a new connection has to read the catalogue again before it answers, and
    that took longer than what it was asked.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, args=[parameters], daemon=True)
        self._thread.start()

    def ask(self, call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        self._calls.put(call)
        return self._answers.get()

    def end(self) -> None:
        self._calls.put(None)
        self._thread.join()

    def _serve(self, parameters: dict[str, Any]) -> None:
        wrapper = DatabaseWrapper(parameters, "default")
        connections["default"] = wrapper
        while (call := self._calls.get()) is not None:
            result, error = None, None
            try:
                result = call()
            except BaseException as raised:  # noqa: BLE001  # raised again in the test's own thread
                error = raised
            connections["default"] = wrapper
            _as_new(wrapper)
            self._answers.put((result, error))
        wrapper.close()


def _as_new(wrapper: DatabaseWrapper) -> None:
    """Nothing that a call set or left open reaches the next one."""
    held = wrapper.connection
    if held is None:
        return
    if wrapper.in_atomic_block or held.info.transaction_status is not TransactionStatus.IDLE:
        wrapper.close()
        return
    with wrapper.cursor() as cursor:
        cursor.execute("RESET ALL")


_idle: dict[tuple[str, str], list[_Session]] = {}
