"""What a world puts into the functions' modules is taken out again after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.merchant_sales import partition_worker
from tests.fault.functions import MODULES


@pytest.fixture(autouse=True)
def own_functions() -> Iterator[None]:
    """Other tests call the same functions, with names of their own."""
    modules = (*MODULES, partition_worker)
    before = [dict(vars(module)) for module in modules]
    yield
    for module, names in zip(modules, before, strict=True):
        vars(module).update(names)
