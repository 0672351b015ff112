"""What parameters mean, in words: from the files that define them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.apps import apps
from django.utils.translation import get_language

from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameters import Definition


@cache
def definitions() -> Mapping[str, Definition]:
    """The definition of each parameter; files are read once."""
    roots = [Path(app.path, "parameters") for app in apps.get_app_configs()]
    return load_parameters([root for root in roots if root.is_dir()]).definitions


def description_of(code: str) -> str:
    """The description of a parameter in the language of the page; the code where there is none."""
    found = definitions().get(code)
    if found is None:
        return code
    return found.description_en if get_language() == "en" else found.description_zh


__all__ = ["definitions", "description_of"]
