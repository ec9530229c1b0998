"""Write the tables of docs/cost.md anew.

python -m cli.estimate.document
"""

from __future__ import annotations

import sys
from pathlib import Path

from cli.estimate.document.marks import written
from cli.estimate.document.tables import tables

DOCUMENT = Path(__file__).parents[3] / "docs" / "cost.md"


def main() -> int:
    """Replace what stands between the marks."""
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), tables()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
