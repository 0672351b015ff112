"""What axe-core finds on an open page: serious and critical findings are faults."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RUN = """
    () => axe.run(document, {resultTypes: ['violations'], preload: false})
        .then((found) => found.violations
        .filter((each) => ['serious', 'critical'].includes(each.impact))
        .map((each) => [each.id, ...each.nodes.slice(0, 3).map((node) => node.html)].join(' ')))
"""


def serious_findings(page: Any) -> list[str]:
    """Each serious finding with the first elements that it is about.

    The script is put in by the browser's own channel, which no policy of the page forbids. It loads
    no style sheet again (`preload`): one that imports another would be written into the page, which
    the policy does forbid, and only an experimental rule asks for it.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found
