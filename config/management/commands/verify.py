"""`manage.py verify [--json]`: prove the declared invariants on the live database."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from enrollment.declarations import Check, checks

EXAMPLES = 5


def run_check(check: Check) -> dict[str, Any]:
    """Run one check. Returns {"name", "ok", "violations", "examples"}."""
    with connection.cursor() as cursor:
        # The declared text is ours and takes no parameters; %% would be text in it.
        cursor.execute(
            f"WITH violation AS MATERIALIZED ({check.sql}\n) "  # noqa: S608 - a constant of ours
            "SELECT (SELECT count(*) FROM violation), "
            "       (SELECT jsonb_agg(to_jsonb(x)) "
            f"         FROM (SELECT * FROM violation LIMIT {EXAMPLES}) x)"
        )
        violations, examples = cursor.fetchone()
    return {
        "name": check.name,
        "ok": violations == 0,
        "violations": violations,
        "examples": json.loads(examples) if isinstance(examples, str) else examples or [],
    }


class Command(BaseCommand):
    help = "Prove the invariants of the live database; exit 1 on a violation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as last line")

    def handle(self, *args: Any, **options: Any) -> None:
        outermost = not connection.in_atomic_block
        with transaction.atomic():
            if outermost:
                # All checks look at one moment, and none can write.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            results = [run_check(check) for check in checks]
        ok = all(result["ok"] for result in results)
        if options["json"]:
            told = {"ok": ok, "checks": results}
            self.stdout.write(json.dumps(told, ensure_ascii=False, default=str))
        else:
            for result in results:
                mark = "ok  " if result["ok"] else "FAIL"
                self.stdout.write(f"{mark} {result['name']} ({result['violations']})")
                for example in result["examples"]:
                    self.stdout.write(f"       {example}")
        if not ok:
            broken = ", ".join(result["name"] for result in results if not result["ok"])
            raise CommandError(f"violated: {broken}", returncode=1)
