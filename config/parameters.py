"""Where the numbers of law stand: one folder an app, the documents with the lowest."""

from pathlib import Path

ROOTS = [
    Path(__file__).resolve().parent.parent / app / "parameters"
    for app in ("enrollment", "benefits", "funds")
]
