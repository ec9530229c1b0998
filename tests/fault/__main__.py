"""`python -m tests.fault --seeds 200 --start 0`: run seeds; a failing one prints its trace.

`--plant NAME` puts a known bug into the real code first: then the seeds have to find it.
"""

from __future__ import annotations

import argparse
import sys

from tests.fault import plants


def main() -> int:
    """Run the command; 1 where a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fault", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trace", action="store_true", help="print the trace of every seed")
    parser.add_argument("--no-memory", action="store_true", help="ask DuckDB each time")
    parser.add_argument("--plant", choices=sorted(plants.PLANTS), help="a bug to put into the real code")
    options = parser.parse_args()
    if options.plant:
        plants.plant(options.plant)
    from tests.fault.campaign import campaign

    return campaign(
        range(options.start, options.start + options.seeds),
        processes=options.processes,
        trace=options.trace,
        remember=not options.no_memory,
        plant=options.plant,
    )


if __name__ == "__main__":
    sys.exit(main())
