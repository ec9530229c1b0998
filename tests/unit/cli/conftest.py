"""Every test begins as a command of its own does: without the options of an earlier call."""

import pytest

from cli.suggested import keep_options


@pytest.fixture(autouse=True)
def no_options_of_an_earlier_call() -> None:
    """Forget the options that suggested commands repeat."""
    keep_options([])
