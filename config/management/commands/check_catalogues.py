"""`manage.py check_catalogues`: every text on a screen has its Chinese, and no entry is left over.

Texts are written in English (gettext), so the English catalogue is complete while every msgid is
English; the Chinese one has to hold each of them. Pure Python: a bare machine has no xgettext.
"""

import json
import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import templatize

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CATALOGUE = Path("config/locale/zh_Hans/LC_MESSAGES/django.po")
CASES = Path("tests/rules/cases.json")
OURS = ("config", "enrollment", "benefits", "funds", "templates")
LIBRARIES = ("timezone_field",)  # their texts are shown too, though they are no apps
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
ENTRY = re.compile(r'^(?:msgctxt "(.*)"\n)?msgid ((?:".*"\n)+)', re.MULTILINE)
QUOTED = re.compile(r'"(.*)"')
# Comments, formats of a date, and the name of the language itself.
NOT_SHOWN = re.compile(
    r"\{#.*?#\}|\{% comment.*?endcomment %\}|\|date:\"[^\"]*\"|lang=\"zh-hans\"[^<]*<", re.DOTALL
)

Key = tuple[str, str]  # context and msgid


@dataclass
class Texts:
    """Which texts the code shows, and where each first stands."""

    found: dict[Key, str] = field(default_factory=dict)

    def add(self, source: str, where: str) -> None:
        lines = BytesIO(source.encode())
        for line, function, messages, _ in extract_python(lines, KEYWORDS, (), {}):
            key = _key(str(function), messages)
            if key is not None:
                self.found.setdefault(key, f"{where}:{line}")


def _key(function: str, messages: Any) -> Key | None:
    """Return context and msgid of one call; None where the text is no literal."""
    texts = list(messages) if isinstance(messages, (list, tuple)) else [messages]
    context = texts.pop(0) if "pgettext" in function else ""
    if not texts or not isinstance(texts[0], str) or not isinstance(context, str):
        return None
    return context, texts[0]


def _sources(root: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = root / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            parts = file.relative_to(root).parts
            if file.suffix in {".py", ".html", ".txt"} and not {"static", "locale"} & set(parts):
                yield file


def texts_of(root: Path, names: Iterable[str] = OURS) -> Texts:
    """Collect the texts of Python files and templates under root."""
    texts = Texts()
    for file in _sources(root, names):
        source, where = file.read_text(encoding="utf-8"), str(file.relative_to(root))
        if file.suffix != ".py":
            # What templatize writes has calls of gettext among fillers that no tokenizer accepts
            # at any indent; one line is one statement.
            source = "\n".join(line.strip() for line in templatize(source).splitlines())
        texts.add(source, where)
    return texts


def case_titles_of(root: Path) -> dict[Key, str]:
    """The titles of the worked cases, which the sandbox shows as examples.

    Their per cents are doubled, because a catalogue takes a single one for a placeholder.
    """
    file = root / CASES
    if not file.exists():
        return {}
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return {("", case["title"].replace("%", "%%")): f"{CASES}: {case['id']}" for case in cases}


def _shown_texts(root: Path) -> dict[Key, str]:
    """Every text of ours that a screen shows, and where it stands."""
    return case_titles_of(root) | texts_of(root).found


def _foreign_texts() -> set[Key]:
    """Texts of installed apps that are not ours: we may translate what they left out."""
    found: set[Key] = set()
    paths = [Path(config.path) for config in apps.get_app_configs()]
    paths += [Path(str(spec.origin)).parent for name in LIBRARIES if (spec := find_spec(name))]
    for path in paths:
        if settings.BASE_DIR not in path.parents or ".venv" in path.parts:
            found |= texts_of(path.parent, [path.name]).found.keys()
    return found


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def _faults_of_entry(message: Message) -> Iterator[str]:
    msgid = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    if message.fuzzy:
        yield "is fuzzy: look at the translation and remove the mark"
    if not all(strings):
        yield "has no translation"
        return
    wanted = _placeholders(" ".join(message.id) if isinstance(message.id, tuple) else msgid)
    for string in strings:
        if _placeholders(str(string)) != wanted:
            yield f"has other placeholders than its translation: {string}"


def faults(root: Path, catalogue: Catalog, foreign: set[Key]) -> list[str]:
    """Return one line for each text that is missing, unfinished, not English, or left over."""
    shown = _shown_texts(root)
    entries: dict[Key, Message] = {}
    for message in catalogue:
        msgid = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
        if msgid:
            entries[message.context or "", msgid] = message
    lines = []
    for (context, msgid), where in shown.items():
        # A Chinese term in brackets behind its English one is welcome.
        if HAN.search(msgid) and not re.search("[A-Za-z]", msgid):
            lines.append(f"{where}: a msgid is English, this is not: {msgid!r}")
        elif msgid and (context, msgid) not in entries:
            lines.append(f"{where}: not in {CATALOGUE}: {msgid!r}")
    for (context, msgid), message in entries.items():
        lines.extend(f"{CATALOGUE}: {msgid!r} {fault}" for fault in _faults_of_entry(message))
        if (context, msgid) not in shown and (context, msgid) not in foreign:
            lines.append(f"{CATALOGUE}: nothing shows {msgid!r}: remove the entry")
    for file in _sources(root, ["templates"]):
        text = NOT_SHOWN.sub("", file.read_text(encoding="utf-8"))
        if HAN.search(text):
            lines.append(f"{file.relative_to(root)}: Chinese text outside the catalogue")
    return lines


def repeated(text: str) -> list[str]:
    """Return one line for each entry that stands a second time: the later one would win."""
    entries = [(context, "".join(QUOTED.findall(msgid))) for context, msgid in ENTRY.findall(text)]
    return [
        f"{CATALOGUE}: {msgid!r} stands {times} times"
        for (_, msgid), times in Counter(entries).items()
        if times > 1
    ]


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="zh_Hans", domain="django")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


class Command(BaseCommand):
    help = "Check that every text has its Chinese translation. Changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="Print the missing entries as a catalogue."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root = settings.BASE_DIR
        catalogue = _read(root / CATALOGUE)
        if options["missing"]:
            self._print_missing(root, catalogue)
            return
        lines = repeated((root / CATALOGUE).read_text(encoding="utf-8"))
        lines += faults(root, catalogue, _foreign_texts())
        for line in lines:
            self.stderr.write(line)
        if lines:
            raise CommandError(f"{len(lines)} faults in the translations.")
        self.stdout.write(f"{len(catalogue)} texts, all translated.")

    def _print_missing(self, root: Path, catalogue: Catalog) -> None:
        for (context, msgid), where in _shown_texts(root).items():
            if catalogue.get(msgid, context or None) is None:
                head = f'msgctxt "{context}"\n' if context else ""
                text = msgid.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
                self.stdout.write(f'\n#: {where}\n{head}msgid "{text}"\nmsgstr ""')
