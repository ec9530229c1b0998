"""`make fuzz`: any bytes for the Python parts of the parser, guided by what they reach.

    python -m tests.fuzz NAME [--seconds 60] [--seed 1]

NAME is one of the targets. A finding is printed with its bytes; keep it in tests/unit/test_fuzz.py.
"""

from __future__ import annotations

import argparse
import sys

import atheris

with atheris.instrument_imports(include=["lambdas.domain", "yaml"]):
    from tests.fuzz.targets import TARGETS, called


def main() -> None:
    """Fuzz one target for a time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    limits = [f"-max_total_time={options.seconds}", f"-seed={options.seed}", "-max_len=300", "-timeout=10"]
    atheris.Setup([sys.argv[0], *limits], lambda data: called(options.name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
