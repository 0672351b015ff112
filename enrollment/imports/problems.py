"""Why a file or a line is refused: a stable name, and a sentence that gives the remedy.

A file that is refused changes nothing. A line that is refused is kept as it came; the rest of the
file is taken.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

LONGEST_VALUE, LONGEST_REASON = 40, 500


class FileRefused(Exception):
    """The whole file is refused: `name` is stable, the message a sentence in the active language.

    `column` is the column to blame, where there is one.
    """

    def __init__(self, name: str, *, column: str = "", **details: Any) -> None:
        self.name, self.column = name, column
        self.reason = str(REFUSALS[name]) % {"column": column, **details}
        super().__init__(self.reason)


class LineRefused(Exception):
    """One line is refused: the name of the problem, the column, and the value if it may be shown.

    Identity numbers and phones are never given as a value: reasons are shown and logged.
    """

    def __init__(self, problem: str, column: str, value: str = "") -> None:
        self.problem, self.column, self.value = problem, column, value
        super().__init__(problem)


def shown(value: str) -> str:
    """A cell's text as a sentence may show it: printable, and not endless."""
    text = "".join(character if character.isprintable() else "�" for character in value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def reason_of(problem: str, *, column: str, value: str, allowed: str = "") -> str:
    """The sentence for a refused line, in the active language."""
    told = {"column": column, "value": shown(value), "allowed": allowed}
    return (str(PROBLEMS[problem]) % told)[:LONGEST_REASON]


REFUSALS = {
    "unknown_kind": _("There is no kind of file called %(kind)s. Known: %(known)s."),
    "unknown_area": _("There is no region with the code %(area)s."),
    "file_not_found": _("The file %(path)s cannot be read."),
    "empty_file": _("The file is empty."),
    "too_large": _("The file has %(size)s MB; at most %(most)s MB are taken. Split it."),
    "wrong_extension": _(
        "The file is called %(extension)s but its content is not. Send CSV or XLSX."
    ),
    "not_a_workbook": _("The file is not a complete Excel workbook (XLSX). Save it again."),
    "old_workbook": _(
        "The file is an old Excel workbook (XLS) or locked with a password. Save it as XLSX"
        " without a password."
    ),
    "macros": _("The workbook holds macros. Save it as XLSX without macros."),
    "archive_too_large": _(
        "Unpacked, the workbook would be too large (%(part)s). Send the data as CSV."
    ),
    "archive_lies": _("The workbook says less about its size than it holds (%(part)s)."),
    "too_many_parts": _("The workbook has too many parts. Save the data in a new workbook."),
    "nested_archive": _("The workbook holds another archive (%(part)s)."),
    "xml_entities": _("The workbook declares entities (%(part)s), which no Excel file does."),
    "several_sheets": _("More than one sheet holds data (%(sheets)s). Send one sheet a file."),
    "too_many_cells": _(
        "The sheet reaches down to row %(rows)s and column number %(columns)s. Delete what is"
        " beyond the data, or send CSV."
    ),
    "encoding": _(
        "Line %(line)s is neither UTF-8 nor GB18030. Save the file as CSV in UTF-8 or GBK."
    ),
    "line_too_long": _("Line %(line)s does not end. The file is not a CSV table."),
    "unclosed_quote": _("The quotation mark opened in line %(line)s is never closed."),
    "too_many_columns": _("The header has %(count)s columns; at most %(most)s are read."),
    "missing_column": _("The header lacks %(missing)s. It has: %(header)s."),
    "unknown_column": _("The header has a column that is not known here: %(column)s."),
    "renamed_column": _(
        "The header lacks %(missing)s and has columns that are not known here: %(unknown)s."
    ),
    "duplicate_column": _("The header names the column %(column)s twice."),
    "empty_header_cell": _(
        "Column number %(position)s has no name in the header: the cell is empty or merged."
    ),
    "merged_header": _("Cells of the header are merged (%(cells)s). Each column needs its name."),
    "changed_meanwhile": _(
        "Somebody changed the same people or receipts meanwhile; nothing was imported. Send it"
        " again."
    ),
    "damaged": _("The file is not the one that was received any more. Send it again."),
    "broke_off": _(
        "The work on the file broke off %(times)s times; nothing was imported. Tell the"
        " administrator the number of the import."
    ),
    "no_readable_line": _(
        "No line of the list says whose it is and of which day: department and day are missing or"
        " cannot be read."
    ),
    "several_lists": _(
        "A full list is of one department and one day; this file has %(one)s and %(other)s. Send"
        " one file each."
    ),
    "no_such_department": _(
        "%(department)s sends no full list here: civil affairs, agriculture and the disabled"
        " persons' federation do."
    ),
    "list_of_a_day_to_come": _("The list is of %(day)s, after today. Send it on that day."),
    "older_list": _(
        "The list is of %(day)s; a later one of the department was applied as import %(number)s."
    ),
    "terms_missing": _("The terms are not complete: %(told)s. Publish them first."),
    "drops_too_many": _(
        "The list drops %(leaving)s of %(on_file)s people, so it is likely not whole. If it is,"
        " send it by the screen, where whoever confirms it acknowledges that."
    ),
    "busy": _("The register is busy; nothing was imported. Send the file again."),
}

PROBLEMS = {
    # any line
    "required": _("%(column)s is empty."),
    "too_long": _("%(column)s is too long: %(value)s"),
    "unreadable": _("%(column)s holds characters that were lost or cannot be printed: %(value)s"),
    "not_a_word": _("%(column)s: “%(value)s” is not known here. Known: %(allowed)s."),
    "not_a_date": _("%(column)s: “%(value)s” is not a date. Write it like 2026-09-01."),
    "date_too_late": _("%(column)s: %(value)s lies too far in the future."),
    "too_many_cells": _("The line has more cells than the header: %(value)s."),
    "line_break": _("A cell of this line goes on to line %(value)s. Close the quotation mark."),
    "quotes": _("The quotation marks of this line do not fit."),
    "same_line": _("The same entry stands in line %(value)s already."),
    "region_outside_area": _("%(value)s lies outside the area of this import."),
    "neither_county_nor_area": _(
        "%(column)s: “%(value)s” is neither a county nor a pooling area; totals are of one of them."
    ),
    "not_a_count": _("%(column)s: “%(value)s” is no number of receipts."),
    "told_twice": _(
        "The same money is told twice: a total of this source for %(value)s covers it already."
    ),
    "day_is_closed": _("This day of %(value)s is closed; its totals stand."),
    "outside_area": _("The place of insurance is %(value)s, outside the area of this import."),
    "person_unknown": _("There is no file for this number. Import the person first."),
    # identity numbers
    "identity_format": _("%(column)s is no identity number of 18 (or 15) characters."),
    "identity_birth_date": _("%(column)s: digits 7 to 14 are no date."),
    "identity_check": _("%(column)s: the check character does not fit. A digit is wrong."),
    "identity_rounded": _(
        "%(column)s was rounded by Excel to 15 digits. Format the column as text and enter the"
        " number again."
    ),
    "identity_type": _(
        "%(column)s is a resident identity number; the type of document says other."
    ),
    "document_format": _("%(column)s is no document number: 4 to 32 letters and digits."),
    "birth_date_differs": _("%(column)s %(value)s is not the birth date in the identity number."),
    # people
    "phone_format": _("%(column)s is no phone number."),
    "region_format": _("%(column)s: “%(value)s” is no region code of 6, 9 or 12 digits."),
    "region_unknown": _("%(column)s: there is no region with the code %(value)s."),
    "no_place_of_insurance": _(
        "Neither residence nor household registration (%(value)s) lies in a pooling area of this"
        " register."
    ),
    "deceased_without_day": _("The person is deceased, but %(column)s is empty."),
    "alive_with_day": _("The person is alive, but %(column)s is %(value)s."),
    "death_before_birth": _("%(column)s %(value)s lies before the birth date."),
    "death_stands": _(
        "The register has the death of this person on %(value)s. A file does not undo it; a case"
        " does."
    ),
    # history
    "year_format": _("%(column)s: “%(value)s” is no benefit year."),
    "year_was_run": _("%(value)s was turned by the yearly run; a history file does not change it."),
    "months_required": _(
        "%(column)s is empty; the employee scheme needs months, for example 1-6,9."
    ),
    "months_format": _("%(column)s: “%(value)s” are no months. Write them like 1-6,9."),
    "only_for_employees": _("%(column)s: “%(value)s” is for the employee scheme only."),
    "only_for_residents": _("%(column)s: “%(value)s” is for the resident scheme only."),
    "paid_outside_year": _(
        "%(column)s %(value)s lies outside the time in which a contribution to that year is paid."
    ),
    "repair_years_format": _("%(column)s: “%(value)s” is no number of years."),
    "too_many_spells": _("The person has more than ten areas in the employee scheme in that year."),
    # categories
    "ends_before_it_begins": _("%(column)s %(value)s lies before the first day."),
    "category_overlaps": _("The person has the same category from %(value)s already."),
    "overlaps_line": _("The validity overlaps that of the same category in line %(value)s."),
    # full lists
    "name_differs": _("%(column)s: “%(value)s” is not the name on file for this number."),
    "died_before": _("The person died on %(value)s by the register."),
    "not_its_category": _("%(column)s: this department does not recognise “%(value)s”."),
    "begins_after_the_list": _("%(column)s %(value)s lies after the day of the list."),
    "ends_before_the_list": _("%(column)s %(value)s lies before the day of the list."),
    "begins_before_birth": _("%(column)s %(value)s lies before the birth."),
    # lists of departments
    "event_of_another_source": _("This department does not keep such events: %(value)s."),
    "value_not_asked": _(
        "%(column)s: “%(value)s” is not asked for with this event. Leave it empty."
    ),
    "sex_differs": _("%(column)s: the identity number says the other sex than “%(value)s”."),
    "birth_differs": _("The file with this number says born on %(value)s."),
    "born_later": _("%(column)s lies before the birth date %(value)s."),
    "other_death": _(
        "The register has the death of this person on %(value)s. A list does not move it."
    ),
    "person_is_dead": _("The person died on %(value)s."),
    "in_employee_scheme": _("The person is in the employee scheme: its end has to be told first."),
    "left_otherwise": _("The person left the register on %(value)s for another reason."),
    "earlier_line": _(
        "Line %(value)s tells an earlier event of this person. Send this line again once that is"
        " applied."
    ),
    "year_not_on_file": _("The register has no benefit year of %(value)s."),
    # receipts
    "amount_format": _("%(column)s: “%(value)s” is no amount in yuan with two decimals."),
    "amount_not_positive": _("%(column)s: %(value)s is not above zero."),
    "amount_reversed": _(
        "%(column)s: %(value)s is a reversal. A file takes no money back: open a case about the"
        " receipt that is reversed."
    ),
    "time_format": _("%(column)s: “%(value)s” is no time. Write it like 2026-09-01 10:30:00."),
    "receipt_differs": _("The receipt %(value)s was sent before with another content."),
    # answers about the unpaid and uninsured
    "round_format": _("%(column)s: “%(value)s” is no round. Write it like 2027-1."),
    "round_unknown": _("There is no round %(value)s."),
    "item_format": _("%(column)s: “%(value)s” is no number of an item."),
    "not_on_the_list": _("This person is on no list of the round in the area of this import."),
    "number_differs": _("%(column)s is not that of the person of item %(value)s."),
    "told_before_push": _("%(column)s lies before the day of the push, %(value)s."),
    "result_not_in_use": _("%(column)s: “%(value)s” may not be answered any more."),
    # claims
    "amount_negative": _("%(column)s: %(value)s is below zero."),
    "in_policy_above_total": _("%(column)s: %(value)s is more than the total cost."),
    "paid_above_total": _(
        "Fund, major-illness insurance and assistance pay %(value)s together, more than the total"
        " cost."
    ),
    "settled_in_future": _("%(column)s %(value)s lies in the future."),
    "settled_before_birth": _("%(column)s %(value)s lies before the person was born."),
    "claim_differs": _("The settlement %(value)s was sent before with another content."),
}
