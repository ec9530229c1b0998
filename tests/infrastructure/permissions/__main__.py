"""Says of everything in the stack's policies what notices when it is missing.

    python -m tests.infrastructure.permissions

Ends with 1 where something could be missing unnoticed, is missing, or is granted and never used.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from tests.infrastructure.permissions.audit import Finding, all_needs, audit, never_used
from tests.infrastructure.permissions.deployments import DEPLOYMENTS
from tests.infrastructure.permissions.needs import unmet
from tests.infrastructure.permissions.resolving import resolved
from tests.infrastructure.permissions.workers import Recorded, recorded_calls
from tests.infrastructure.synthesis import synthesize

WIDTH = 200


def main() -> int:
    """Print the tables, for each kind of deployment what the ones before didn't have."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    recorded, seen, faults = recorded_calls(), set[Finding](), 0
    for name in DEPLOYMENTS:
        findings, wrong = _audited(name, recorded)
        new = [finding for finding in findings if finding not in seen]
        seen.update(new)
        if new:
            console.print(_table(name, new))
        for sentence in wrong:
            console.print(sentence, style="red", markup=False)
        faults += len(wrong) + sum(finding.unnoticed for finding in new)
    unnoticed = sum(finding.unnoticed for finding in seen)
    console.print(f"{len(seen)} times something was taken out; {unnoticed} times nothing noticed it.")
    return 1 if faults else 0


def _audited(name: str, recorded: Recorded) -> tuple[list[Finding], list[str]]:
    settings = DEPLOYMENTS[name]
    resources = resolved(synthesize(settings))
    needs = all_needs(resources, recorded, settings)
    missing = [f"MISSING: {sentence}" for sentence in unmet(resources, needs)]
    unused = [f"NEVER USED: {sentence}" for sentence in never_used(resources, needs)]
    return audit(resources, needs), missing + unused


def _table(name: str, findings: list[Finding]) -> Table:
    table = Table(title=f"deployed {name}")
    for heading in ("role or policy", "taken out", "noticed by"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        style = "red" if finding.unnoticed else ""
        table.add_row(finding.owner, finding.taken_out, finding.noticed, style=style)
    return table


if __name__ == "__main__":
    sys.exit(main())
