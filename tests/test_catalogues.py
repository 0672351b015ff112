"""The check of the catalogues finds what a reviewer would otherwise have to see."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config.management.commands.check_catalogues import faults, repeated, texts_of

SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext

title = _("Year " "report")
label = pgettext("month", "May")
count = ngettext("%(n)s person", "%(n)s people", n)
built = _(title)
"""
TEMPLATE = """{% load i18n %}
    <h1 title="{% translate 'Year report' %}">{% translate "Desk" context "place" %}</h1>
{# 汉字 in a comment #}
  {% blocktranslate trimmed with area=region.name %}
    Insured in
    {{ area }}: 100%
  {% endblocktranslate %}
<p>it's {% blocktranslate count n=total %}one row{% plural %}{{ n }} rows{% endblocktranslate %}
"""
COMPLETE = """
msgid "Year report"
msgstr "年度报告"

msgctxt "month"
msgid "May"
msgstr "五月"

msgid "%(n)s person"
msgid_plural "%(n)s people"
msgstr[0] "%(n)s 人"

msgctxt "place"
msgid "Desk"
msgstr "工作台"

msgid "Insured in %(area)s: 100%%"
msgstr "%(area)s参保：100%%"

msgid "one row"
msgid_plural "%(n)s rows"
msgstr[0] "%(n)s 行"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "home.py").write_text(SOURCE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def _faults(root: Path, entries: str) -> list[str]:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    catalogue = read_po(BytesIO((head + entries).encode()), locale="zh_Hans")
    return faults(root, catalogue, {("", "A text of another app")})


def test_texts_are_found_in_code_and_templates(root: Path) -> None:
    assert set(texts_of(root, ["config", "templates"]).found) == {
        ("", "Year report"),
        ("month", "May"),
        ("", "%(n)s person"),
        ("place", "Desk"),
        ("", "Insured in %(area)s: 100%%"),
        ("", "one row"),
    }


def test_a_complete_catalogue_has_no_faults(root: Path) -> None:
    assert _faults(root, COMPLETE) == []
    assert _faults(root, COMPLETE + '\nmsgid "A text of another app"\nmsgstr "甲"\n') == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Year report"', 'msgid "Year reports"', "not in"),
        ('msgid "Year report"', 'msgid "Year reports"', "remove the entry"),
        ('msgctxt "place"\n', "", "not in"),
        ("年度报告", "", "has no translation"),
        ('msgid "Year report"', '#, fuzzy\nmsgid "Year report"', "is fuzzy"),
        ("%(area)s参保", "%(region)s参保", "other placeholders"),
        ("%(n)s 行", "数行", "other placeholders"),
    ],
)
def test_each_fault_of_the_catalogue_is_named(root: Path, old: str, new: str, fault: str) -> None:
    assert any(fault in line for line in _faults(root, COMPLETE.replace(old, new, 1)))


def test_chinese_text_outside_the_catalogue_is_named(root: Path) -> None:
    (root / "templates" / "page.html").write_text(TEMPLATE + "<p>参保</p>")
    (root / "config" / "home.py").write_text(SOURCE + '\nstray = _("参保")\n')
    lines = _faults(root, COMPLETE)
    assert "templates/page.html: Chinese text outside the catalogue" in lines
    assert any("a msgid is English" in line for line in lines)


def test_an_entry_that_stands_twice_is_named() -> None:
    once = 'msgid "day"\nmsgstr "日"\n\nmsgctxt "duty"\nmsgid "day"\nmsgstr "日期"\n'
    assert repeated(once) == []
    (line,) = repeated(once + '\nmsgid "day"\nmsgstr "日期"\n')
    assert line.endswith("'day' stands 2 times")
