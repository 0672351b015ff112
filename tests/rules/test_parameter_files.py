"""One broken file a mistake: each is refused with its name, its file, its key and a remedy.

`sound/` is a small set of parameters without a mistake. A folder of `broken/` is laid over it; the
part of its name before the dash is the error that must follow.
"""

import re
import shutil
from pathlib import Path

import pytest

from enrollment.rules import parameter_checks, parameter_files, parameter_yaml
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameter_yaml import ParameterFileError

HERE = Path(__file__).parent
BROKEN = sorted(path.name for path in (HERE / "broken").iterdir())
RAISED = re.compile(
    r"(?:ParameterFileError|fields\.error|self\.error|_city_error)\(\s*\"([a-z_]+)\""
)


def lay_over(root: Path, folder: str | None) -> Path:
    shutil.copytree(HERE / "sound", root)
    if folder is not None:
        shutil.copytree(HERE / "broken" / folder, root, dirs_exist_ok=True)
    return root


def test_the_sound_files_are_read(tmp_path: Path) -> None:
    root = lay_over(tmp_path / "parameters", None)

    book = load_parameters([root], examples=True)

    assert len(book.values) == 11
    assert {value.status for value in book.values} == {"verified", "unverified", "example"}


@pytest.mark.parametrize("folder", BROKEN)
def test_a_broken_file_is_refused_by_name(folder: str, tmp_path: Path) -> None:
    root = lay_over(tmp_path / "parameters", folder)

    with pytest.raises(ParameterFileError) as refused:
        load_parameters([root], examples=True)

    error = refused.value
    assert error.name == folder.partition("-")[0]
    assert error.file.startswith(str(root))
    assert error.key
    assert error.remedy
    assert str(error) == f"{error.file}: {error.key}: {error.wrong}. {error.remedy}."


def test_every_refusal_has_its_broken_file() -> None:
    raised: set[str] = set()
    for module in (parameter_yaml, parameter_files, parameter_checks):
        assert module.__file__ is not None
        raised |= set(RAISED.findall(Path(module.__file__).read_text(encoding="utf-8")))

    unproven = raised - {folder.partition("-")[0] for folder in BROKEN}

    assert unproven == {"duplicate_code"}  # two folders, see the next test


def test_one_code_in_two_folders_is_refused(tmp_path: Path) -> None:
    first = lay_over(tmp_path / "first", None)
    second = tmp_path / "second"
    shutil.copytree(HERE / "sound" / "waiting", second / "waiting")

    with pytest.raises(ParameterFileError) as refused:
        load_parameters([first, second])

    assert refused.value.name == "duplicate_code"


def test_examples_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    root = lay_over(tmp_path / "parameters", None)

    assert "example" not in {value.status for value in load_parameters([root]).values}
