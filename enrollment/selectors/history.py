"""The history of a person or a case: who changed what, when, from, to, by which case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import RangeField
from django.db.models import Field, Model, Q
from django.utils.translation import gettext as _

from enrollment.declarations import case_kinds
from enrollment.models import Case, Enrollment, History, Person, PersonCategory, Push, Receipt
from enrollment.rules import keys
from enrollment.selectors.people import places

LIMIT = 30  # changes of rows that a page shows


@dataclass(frozen=True, slots=True)
class Told:
    """One value that changed, as people read it; `before` and `after` are empty where sealed."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row that was changed: `what` names it, `by` the account or the database role."""

    at: datetime
    by: str
    what: str
    act: str
    by_case: int | None
    told: list[Told]


def history_of_person(person_id: int) -> list[Line]:
    """The latest changes of a person's file, categories and years of cover, newest first."""
    return _lines(History.objects.filter(person=person_id))


def history_of_case(case_id: int) -> list[Line]:
    """The latest changes of a case itself, and what it changed on people, newest first."""
    return _lines(History.objects.filter(Q(case=case_id) | Q(by_case=case_id)))


def _lines(rows: Any) -> list[Line]:
    lines = lines_of(list(rows.select_related("user").order_by("-pk")[:LIMIT]))
    return [line for line in lines if line.told]


def lines_of(rows: Sequence[History]) -> list[Line]:
    """Rows as people read them, with their accounts read before; one query for all their places.

    A move of a case has nothing to tell here: its events say it.
    """
    names = _Names(rows)
    return [_line(row, names) for row in rows]


def tables_told() -> list[tuple[str, str]]:
    """The tables whose changes are kept: name, and what its rows are called."""
    models: list[type[Model]] = [Person, PersonCategory, Enrollment, Receipt, Push, Case]
    models += [kind.model for kind in case_kinds]
    return [(model._meta.db_table, str(model._meta.verbose_name)) for model in models]


def _line(row: History, names: "_Names") -> Line:
    model = _model_of(row.table_name)
    about_case = row.case_id is not None
    told = [
        names.told(model, column, values)
        for column, values in sorted(row.changed.items())
        if not (about_case and _is_kept_by_the_lifecycle(model, column))
        and not (column.endswith("_sealed") and _mask_of(column) in row.changed)
    ]
    return Line(
        at=row.recorded_at,
        by=str(row.user) if row.user else _("database role %(role)s") % {"role": row.by_role},
        what=_what(model, row),
        act="" if row.act == "UPDATE" else row.get_act_display(),
        by_case=row.by_case_id,
        told=told,
    )


def _what(model: type[Model], row: History) -> str:
    name = str(model._meta.verbose_name)
    return f"{name} {keys.year_of(row.row_id)}" if model is Enrollment else name


@cache
def _model_of(table: str) -> type[Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


@cache
def _field_of(model: type[Model], column: str) -> Field | None:
    return next((f for f in model._meta.concrete_fields if f.column == column), None)


class _Names:
    """Values as text, with the names of all regions of a page read at once."""

    def __init__(self, rows: Iterable[History]) -> None:
        self.places = places(set(_regions(rows)))

    def told(self, model: type[Model], column: str, values: list[Any]) -> Told:
        field = _field_of(model, column)
        label = str(field.verbose_name) if field else column
        if not values:  # sealed
            return Told(label, "", "")
        before, after = (self._text(field, value) for value in values)
        return Told(label, before, after)

    def _text(self, field: Field | None, value: Any) -> str:
        if value in (None, ""):
            return "—"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if field is None:
            return str(value)
        if _is_region(field):
            return str(self.places[int(value)])
        if isinstance(field, RangeField):
            return _days(str(value))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if field.get_internal_type() == "DecimalField":
            return f"{Decimal(str(value)):,.2f}".replace("-", "−")
        return str(value)


def _is_kept_by_the_lifecycle(model: type[Model], column: str) -> bool:
    """What a case's moves and effect write: its events say it, with their reasons."""
    field = _field_of(model, column)
    return field is not None and not field.editable


def _mask_of(column: str) -> str:
    """The column that shows what a sealed one holds, where there is one."""
    return f"{column.removesuffix('_sealed')}_mask"


def _is_region(field: Field) -> bool:
    return str(field.column).endswith("region")


def _days(span: str) -> str:
    """Both days of a range of days, the last one inside: the database keeps the day after."""
    first, _comma, after = span.strip("[)").partition(",")
    if not after:
        return _("from %(first)s on") % {"first": first}
    return f"{first} – {date.fromisoformat(after) - timedelta(days=1)}"


def _regions(rows: Iterable[History]) -> Iterator[int]:
    for row in rows:
        model = _model_of(row.table_name)
        for column, values in row.changed.items():
            field = _field_of(model, column)
            if field is not None and _is_region(field):
                yield from (int(value) for value in values if value is not None)
