"""What auditors answered: vulnerabilities, nothing, or that they could not ask, which is never a pass."""

from __future__ import annotations

import json
from dataclasses import dataclass

FOUND, NOTHING_FOUND, UNCHECKED = "vulnerable", "nothing known", "not checked"


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The outcome for one file of pins, and how it is told."""

    outcome: str
    told: str


def pip_result(path: str, answer: str) -> Audited:
    """Of pip-audit's JSON: a package that it could not ask for has a reason for that instead of a list."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return _unchecked(path, "pip-audit gave no answer: is the Python Package Index reachable?")
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or '-'}"
        for one in packages
        for flaw in one.get("vulns", [])
    ]
    skipped = [one["name"] for one in packages if "vulns" not in one]
    if found:
        return Audited(
            outcome=FOUND, told="\n".join([f"{path}: VULNERABLE", *(f"  {line}" for line in found)])
        )
    if skipped or not packages:
        return _unchecked(
            path, f"{len(skipped)} of {len(packages)} packages, such as {', '.join(skipped[:3])}"
        )
    return Audited(outcome=NOTHING_FOUND, told=f"{path}: nothing known of {len(packages)} packages")


def npm_result(path: str, answer: str) -> Audited:
    """Of `npm audit --json`."""
    try:
        about = json.loads(answer)["metadata"]
        flaws, packages = int(about["vulnerabilities"]["total"]), int(about["dependencies"]["total"])
    except (ValueError, KeyError, TypeError):
        return _unchecked(path, "npm gave no answer: is its registry reachable?")
    if flaws:
        return Audited(outcome=FOUND, told=f"{path}: VULNERABLE, {flaws} known: `npm audit` names them")
    return Audited(outcome=NOTHING_FOUND, told=f"{path}: nothing known of {packages} packages")


def _unchecked(path: str, why: str) -> Audited:
    return Audited(outcome=UNCHECKED, told=f"{path}: NOT CHECKED: {why}")
