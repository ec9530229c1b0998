"""Known bugs, each a small change of the real code's text, made before anything imports it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A module of the functions, and the changes of its text."""

    module: str
    changes: tuple[tuple[str, str], ...]


FENCE = """        if self.runs.key_state(self.run_id.keyhash).fence > self.run_id.revision:
            return {"superseded": True, "committed": 0, "retracted": 0}
"""
AHEAD = "        results, resumed = self._written_ahead(plan)\n"
PLANTS = {
    "commit-without-condition": Plant(
        module="lambdas.adapters.sales_table",
        changes=(
            (
                '                condition="revision = :read",\n'
                '                values_of_condition={":read": stored.revision},\n',
                '                condition="attribute_exists(pk)",\n',
            ),
            (
                'condition="attribute_not_exists(pk)")',
                'condition="attribute_not_exists(pk) OR attribute_exists(pk)")',
            ),
        ),
    ),
    "completed-without-condition": Plant(
        module="lambdas.adapters.new_files", changes=(('                IfNoneMatch="*",\n', ""),)
    ),
    "fence-before-write-ahead": Plant(
        module="lambdas.merchant_sales.partition_worker", changes=((AHEAD + FENCE, FENCE + AHEAD),)
    ),
    "last-merchant-range-ends-early": Plant(
        module="lambdas.domain.partitions",
        changes=(
            (
                "ends = [*sorted(set(merchant_hashes))[:-1], HASHES - 1]",
                "ends = sorted(set(merchant_hashes)) or [HASHES - 1]",
            ),
        ),
    ),
    "retract-from-last-run-only": Plant(
        module="lambdas.merchant_sales.partition_worker",
        changes=(
            ('            if run["status"] == SUCCEEDED:\n                break\n', "            break\n"),
        ),
    ),
}


def plant(name: str) -> None:
    """Import the module with the bug in it; raises RuntimeError where it is imported already."""
    module_name, changes = PLANTS[name].module, PLANTS[name].changes
    spec = find_spec(module_name)
    if spec is None or spec.origin is None or module_name in sys.modules:
        raise RuntimeError(f"{module_name} is imported already, or isn't there: no bug can be planted in it")
    text = Path(spec.origin).read_text("utf-8")
    for old, new in changes:
        if text.count(old) != 1:
            raise RuntimeError(f"{spec.origin} has changed: fit the planted bug {name} to it ({old!r})")
        text = text.replace(old, new)
    module = module_from_spec(spec)
    sys.modules[module_name] = module
    exec(compile(text, spec.origin, "exec"), module.__dict__)
    parent, _, child = module_name.rpartition(".")
    setattr(sys.modules[parent], child, module)
