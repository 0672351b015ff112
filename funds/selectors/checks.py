"""What `verify` proves of the funds: one SQL file a check, its name the promise."""

from pathlib import Path

from enrollment.declarations import Check

FOLDER = Path(__file__).resolve().parent.parent / "sql" / "verify"
CHECKS = [Check(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.sql"))]
