"""Explore the scenarios: `python -m tests.fault.model [--full]`."""

from __future__ import annotations

import argparse
import sys

from tests.fault.model.explore import Report, explore
from tests.fault.model.model import Bug, Model
from tests.fault.model.scenarios import FOUND_IN, FULL, QUICK


def main() -> int:
    """Say what each scenario and each planted bug gives; 1 if the protocol breaks or a bug is not found."""
    parser = argparse.ArgumentParser(description="Model check of the protocol.")
    parser.add_argument("--full", action="store_true", help="the larger scenarios too: about half an hour")
    parser.add_argument("--traces", action="store_true", help="the way to each planted bug, in words")
    options = parser.parse_args()
    reports: list[Report] = []
    for scenario in QUICK + FULL if options.full else QUICK:
        reports.append(explore(Model(scenario=scenario)))
        _say(f"{scenario.name}: {reports[-1]}")
    found = {bug: explore(Model(scenario=FOUND_IN[bug], bugs=frozenset({bug}))) for bug in Bug}
    for bug, report in found.items():
        _say(f"planted: {bug.value}: {_outcome(report, options.traces)}")
    states = sum(report.states for report in reports)
    broken = sum(bool(report.violation) for report in reports)
    caught = sum(bool(report.violation) for report in found.values())
    _say(f"{len(reports)} scenarios, {states:,} states, {broken} violations")
    _say(f"{caught} of {len(found)} planted bugs found")
    return 1 if broken or caught < len(found) else 0


def _outcome(report: Report, traces: bool) -> str:
    if not report.violation:
        return "NOT FOUND"
    return str(report) if traces else f"found after {len(report.trace)} steps: {report.violation}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
