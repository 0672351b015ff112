"""The documents: what they point at exists, and every decision is told in the same form."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from enrollment.declarations import export_kinds, import_kinds

ROOT = Path(__file__).resolve().parent.parent
ADRS = ROOT / "docs" / "adr"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/parameters/README.md")]
)
PLACES = ("config", "enrollment", "benefits", "funds", "templates", "tests", "docs", ".ci")
HEADINGS = ["Context", "Decision", "Consequences", "Evidence"]
LINES_OF_A_PAGE = 60

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
REFERENCE = re.compile(r"docs/adr/[\w.-]+\.md")
WEB = ("http://", "https://", "mailto:")

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS]
)


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _anchors(document: Path) -> set[str]:
    """Names under which the headings of a document can be linked to."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", _text(document)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def _sources() -> Iterator[Path]:
    """Files of ours that may refer to a decision."""
    for suffix in ("py", "sql", "toml", "html", "md", "yaml"):
        for place in PLACES:
            yield from (ROOT / place).rglob(f"*.{suffix}")
        yield from ROOT.glob(f"*.{suffix}")
    yield from (ROOT / name for name in ("Makefile", "requirements.in", "requirements-dev.in"))


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", _text(ROOT / "Makefile"), re.MULTILINE))


@each_document
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", _text(document))):
        if link.startswith(WEB):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@each_document
def test_every_path_that_is_named_exists(document: Path) -> None:
    """A span such as `enrollment/annual.py`, `*/sql/database/` or `tests/x.py::test_y`.

    Words in capitals stand for a name (`config/NAME.py`) and match any.
    """
    missing = []
    for span in SPAN.findall(FENCE.sub("", _text(document))):
        path, _, test = span.partition("::")
        if not path.startswith(tuple(f"{place}/" for place in (*PLACES, "*"))) or " " in path:
            continue
        pattern = re.sub(r"\b[A-Z]{2,}\b", "*", path).rstrip("/")
        found = list(ROOT.glob(pattern))
        if not found or (test and f"def {test}(" not in _text(found[0])):
            missing.append(span)
    assert missing == []


@each_document
def test_every_command_that_is_named_exists(document: Path) -> None:
    known = get_commands()
    named = set(re.findall(r"manage\.py ([a-z][a-z_]*)", _text(document)))
    assert sorted(named - known.keys()) == []
    made = set(re.findall(r"`make ([a-z]+)", _text(document)))
    assert sorted(made - _targets()) == []


def test_the_readme_names_every_command_of_ours() -> None:
    text = _text(ROOT / "README.md")
    ours = {name for name, app in get_commands().items() if app in PLACES}
    assert sorted(name for name in ours if f"`{name}" not in text) == []
    targets = _targets() - {"servers"}
    assert sorted(name for name in targets if f"make {name}" not in text) == []


def test_the_readme_names_the_columns_of_every_file() -> None:
    rows = re.findall(r"^\| in: `(\w+)` \| (.+) \|$", _text(ROOT / "README.md"), re.MULTILINE)
    columns = {
        kind.name: ", ".join(f"({c.name})" if c.optional else c.name for c in kind.columns)
        for kind in import_kinds
    }
    assert dict(rows) == columns
    exports = re.findall(r"^\| out: `(\w+)` \|", _text(ROOT / "README.md"), re.MULTILINE)
    assert sorted(exports) == sorted(export_kinds.items)


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in ADRS.iterdir())
    numbers = [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert [name[:4] for name in names] == numbers
    assert all(re.fullmatch(r"\d{4}(-[a-z0-9]+)+\.md", name) for name in names), names


@pytest.mark.parametrize("path", sorted(ADRS.glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_is_one_page_of_four_parts(path: Path) -> None:
    text = _text(path)
    title, *parts = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert title.startswith(f"{path.name[:4]} ")
    assert parts == HEADINGS
    bodies = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(body.strip() for body in bodies)
    assert len(text.splitlines()) <= LINES_OF_A_PAGE


def test_decisions_are_found_from_the_architecture_and_from_the_code() -> None:
    listed = set(re.findall(r"docs/adr/[\w.-]+\.md", _text(ROOT / "ARCHITECTURE.md")))
    there = {str(path.relative_to(ROOT)) for path in ADRS.glob("*.md")}
    assert listed == there
    named = {name for path in _sources() for name in REFERENCE.findall(_text(path))}
    assert sorted(named - there) == []


def test_every_dependency_has_its_reason() -> None:
    """docs/adr/0011-dependencies.md names each line of requirements*.in once."""
    lines = _text(ROOT / "requirements.in") + _text(ROOT / "requirements-dev.in")
    asked = set(re.findall(r"^([A-Za-z][\w-]*)", lines, re.MULTILINE))
    cells = re.findall(r"^\| (`[^|]+`) \|", _text(ADRS / "0011-dependencies.md"), re.MULTILINE)
    rows = [name for cell in cells for name in SPAN.findall(cell)]
    assert sorted(rows) == sorted(asked)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    heads = re.findall(r"^## (.+)$", _text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert heads[0] == "Unreleased"
    assert re.fullmatch(r"(\d+\.\d+\.\d+), \d{4}-\d{2}-\d{2}", heads[1])
    assert heads[1].split(",")[0] == project["version"]


def test_every_table_of_an_algorithm_is_read_by_a_test() -> None:
    """Apart from the table of words, which explains and counts nothing."""
    tests = "".join(_text(path) for path in (ROOT / "tests" / "rules").glob("test_*.py"))
    unread = [
        f"{page.name}: {heading}"
        for page in (ROOT / "docs" / "algorithms").glob("*.md")
        for heading, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", _text(page), re.MULTILINE)
        if "\n|" in text and heading != "Words" and f'"{heading}"' not in tests
    ]
    assert unread == []


def test_every_algorithm_page_is_named_by_its_rule() -> None:
    rules = "".join(_text(path) for path in ROOT.glob("*/rules/*.py"))
    pages = [path.relative_to(ROOT) for path in (ROOT / "docs" / "algorithms").glob("*.md")]
    assert [str(page) for page in pages if str(page) not in rules] == []
