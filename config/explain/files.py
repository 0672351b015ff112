"""Worked cases from a file, and their answers as text: what the command prints."""

import json
import sys
from pathlib import Path

from config.explain import explain
from config.explain.inputs import read_json


def answer_file(file: str) -> str:
    """The answers to the cases of a JSON file, or of standard input for "-", as one line of JSON.

    A refused input is an answer too. Raises OSError where there is no such file, ValueError where
    it is no JSON.
    """
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    return json.dumps(explain(read_json(text)), ensure_ascii=False)
