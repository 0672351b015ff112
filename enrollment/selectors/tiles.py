"""Where cities stand on a map of equal tiles (示意位置): columns and rows, as data."""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "fixtures" / "tiles.csv"


@cache
def tiles() -> dict[int, tuple[int, int]]:
    """Column and row of a city's tile by its code; a province that nobody has drawn has none."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            int(row["code"]): (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)
        }


__all__ = ["tiles"]
