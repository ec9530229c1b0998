"""What every program is given and gives: order files, and a JSON file of net sales by merchant."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path


def given() -> tuple[Path, list[Path]]:
    """Where the sums go, and the order files."""
    out, *files = map(Path, sys.argv[1:])
    return out, files


def write_sums(out: Path, sums: Mapping[str, Decimal | float]) -> None:
    """Write the sums with every digit that they have."""
    texts = {merchant: format(Decimal(amount), "f") for merchant, amount in sums.items()}
    out.write_text(json.dumps(texts), encoding="utf-8")
