"""What every test of the database needs."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

# Tables that refuse to be emptied, also by their owner.
APPEND_ONLY = ("entry", "entry_line", "case_event", "award")


@pytest.fixture(autouse=True, scope="session")
def append_only_tables_are_emptied_between_tests() -> Iterator[None]:
    """A test that commits is followed by a flush, which the ledger's triggers refuse.

    The owner's right to switch its own triggers off is used here and nowhere in the product.
    """
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, sql_list: Sequence[str]) -> Any:
        def alter(what: str) -> list[str]:
            return [f"ALTER TABLE {name} {what} TRIGGER USER" for name in APPEND_ONLY]

        return flush(self, [*alter("DISABLE"), *sql_list, *alter("ENABLE")])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
        yield
