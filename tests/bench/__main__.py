"""Entry point of the benchmarks. Progress goes to standard error, one JSON object to output."""

import argparse
import json
import sys

from tests.bench import database

BENCHES = {
    "assess": "tests.bench.assessing",
    "dashboards": "tests.bench.dashboards",
    "desk": "tests.bench.desk",
    "differ": "tests.bench.differing",
    "ledger": "tests.bench.booking",
    "open": "tests.bench.opening",
    "remittance": "tests.bench.remitting",
}


def main() -> int:
    """Run one benchmark. Exit status 0 when its bounds hold, 1 when one does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    database.use_instance()
    module = __import__(BENCHES[options.name], fromlist=["run"])
    result = module.run(people=options.people)
    if options.json:
        print(json.dumps(result, default=str))
    else:
        for key, value in result.items():
            print(f"{key}: {value}")
    return 0 if all(bound["holds"] for bound in result["bounds"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
