"""Says of every statement, action and resource in the stack's policies what notices when it is missing.

python -m tests.infrastructure.permissions
"""

import sys

from tests.infrastructure.permissions.audit import all_needs, audit, never_used
from tests.infrastructure.permissions.needs import unmet
from tests.infrastructure.permissions.resolving import resolved
from tests.infrastructure.permissions.workers import recorded_calls
from tests.infrastructure.synthesis import synthesize


def main() -> int:
    """Print the table; 1 where something isn't allowed that must be, or could be missing unnoticed."""
    resources = resolved(synthesize())
    needs = all_needs(resources, recorded_calls())
    missing = unmet(resources, needs)
    for sentence in missing:
        print(f"MISSING: {sentence}")  # noqa: T201
    findings = audit(resources, needs)
    for one in findings:
        print(f"{one.owner:45} {one.taken_out:110} {one.noticed}")  # noqa: T201
    unused = never_used(resources, needs)
    for sentence in unused:
        print(f"NEVER USED: {sentence}")  # noqa: T201
    unnoticed = sum(one.unnoticed for one in findings)
    print(f"{len(findings)} cuts, {unnoticed} unnoticed, {len(missing)} grants missing")  # noqa: T201
    return 1 if unnoticed or missing or unused else 0


if __name__ == "__main__":
    sys.exit(main())
