"""The dashboard of the deployed stack, and a browser that shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.local.browser.dashboard_process import DashboardProcess
from tests.local.browser.installed import headless, left_out
from tests.local.browser.shown_dashboard import EVIL, KEY, ORDERS, Shown
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out where that was asked for."""
    if left_out(os.environ):
        for item in items:
            if item.path.parent == FOLDER:
                item.add_marker(pytest.mark.skip(reason="BROWSER_TESTS=0"))


@pytest.fixture(scope="session")
def pipeline(deployed: Deployed) -> Pipeline:
    """The deployed stack."""
    return Pipeline(deployed)


@pytest.fixture(scope="session")
def settled(pipeline: Pipeline) -> str:
    """The id of the run of an order file."""
    run = pipeline.run(KEY, ORDERS.encode())
    assert run["status"] == "SUCCEEDED"
    return str(run["run_id"])


@pytest.fixture(scope="module")
def dashboard(deployed: Deployed, settled: str) -> Iterator[Shown]:
    """A running dashboard, which ends without a word of error."""
    process = DashboardProcess(deployed.engine.settings.state_dir)
    yield Shown(process.url, settled)
    code, told = process.stop()
    assert (code, "Traceback" in told) == (0, False), told
    assert "the embedded engine at http://127.0.0.1:" in told


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The installed browser."""
    with headless(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without any history."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, dashboard: Shown) -> Iterator[Page]:
    """A page that asks nobody but the dashboard, runs into no error, and opens no dialog."""
    page = context.new_page()
    wrong: list[str] = []
    own = urlsplit(dashboard.url).netloc
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield page
    assert (set(asked), wrong) == ({own}, [])
