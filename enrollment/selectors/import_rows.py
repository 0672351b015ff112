"""Rows that an import wrote, in words: what it wrote and what the register says now."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from enrollment.models import (
    ControlTotal,
    Enrollment,
    ImportEffect,
    Person,
    PersonCategory,
    SchoolAttendance,
)

TABLES: dict[str, type[Model]] = {
    model._meta.db_table: model
    for model in (Person, Enrollment, PersonCategory, SchoolAttendance, ControlTotal)
}


def compared(effects: Sequence[ImportEffect]) -> Iterator[tuple[int | None, str, str, str]]:
    """Whose row it is, by key and name, what the import wrote, what stands there now."""
    people = Person.objects.only("name").in_bulk(
        {each.person_id for each in effects if each.person_id}
    )
    rows = {
        table: model._default_manager.in_bulk(
            [each.row_id for each in effects if each.table_name == table]
        )
        for table, model in TABLES.items()
    }
    for each in effects:
        row = rows[each.table_name].get(each.row_id)
        whom = people.get(each.person_id or 0)
        name = whom.name if whom else str(row or "—")
        yield each.person_id, name, *_both(TABLES[each.table_name], each.became, row)


def _both(model: type[Model], became: dict[str, Any], row: Model | None) -> tuple[str, str]:
    """The columns that differ, as written and as they are."""
    if row is None:
        wrote = [_said(model, name, value) for name, value in became.items()]
        return _joined(wrote), _("no longer there, or insured elsewhere")
    differ = [
        name
        for name, value in became.items()
        if not name.endswith("_sealed") and str(getattr(row, name)) != str(value)
    ]
    if not differ:
        wrote = [_said(model, name, value) for name, value in became.items() if value]
        return _joined(wrote), _("as written; another row or a case of this person keeps it")
    wrote = [_said(model, name, became[name]) for name in differ]
    return _joined(wrote), _joined([_said(model, name, getattr(row, name)) for name in differ])


def _joined(parts: Sequence[str]) -> str:
    return _(", ").join(part for part in parts if part)


def _said(model: type[Model], name: str, value: Any) -> str:
    """A column with its value; sealed ones are told by nobody."""
    if name.endswith("_sealed") or name == "initials":
        return ""
    column: Any = model._meta.get_field(name)
    shown = dict(column.flatchoices or ()).get(value, value)
    return f"{column.verbose_name} {'—' if shown in (None, '') else shown}"
