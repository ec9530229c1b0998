"""`make screenshots`: the pictures of docs/images, of what `make demo` leaves in the embedded engine."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, expect

from local.engine import Engine
from local.settings import settings_from
from tests.local.browser.dashboard_process import DashboardProcess
from tests.local.browser.installed import headless

FOLDER = Path(__file__).parents[3] / "docs" / "images"
MERCHANT, REJECTING = "travelodge gb0000", "birmingham_pcard/publish-spend-april-2016.csv.gz"
LARGEST = "complete_journey/complete_journey_transactions_sample.csv.gz"
WIDTH, MOST_BYTES = 1200, 200_000
PICTURES = {
    "runs": ("runs", 780),
    "run": (f"find-run?name={REJECTING}", 1290),
    "rejects": (f"find-run?name={REJECTING}", 320),
    "merchants": ("merchants?currency=GBP", 780),
    "merchant": (f"merchant?id={MERCHANT}", 1000),
    "replay": (f"replay?key={REJECTING}", 480),
}


def main() -> int:
    """Start the engine where it doesn't run, and take the pictures; the exit code."""
    settings = settings_from(os.environ)
    Engine(settings, progress=print).start()
    dashboard = DashboardProcess(settings.state_dir)
    try:
        with headless() as browser:
            for name in PICTURES:
                _take(browser, dashboard.url, name)
            _take(browser, dashboard.url, "merchant", dark=True)
            _take_running(browser, dashboard.url)
    finally:
        dashboard.stop()
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > MOST_BYTES]
    sys.stdout.write(f"The pictures are in {FOLDER}.{f' Too large: {large}' if large else ''}\n")
    return 1 if large else 0


def _take(browser: Browser, url: str, name: str, *, dark: bool = False) -> None:
    address, height = PICTURES[name]
    page = browser.new_page(
        viewport={"width": WIDTH, "height": height}, color_scheme="dark" if dark else "light"
    )
    page.goto(urljoin(url, address))
    if name == "rejects":
        page.get_by_role("link", name="The rejected lines").click()
        page.wait_for_load_state()
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"dashboard-{name}{'-dark' if dark else ''}.png")
    page.close()


def _take_running(browser: Browser, url: str) -> None:
    """The page of a run that goes on: of a replay, which counts nothing twice."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 420}, color_scheme="light")
    page.goto(urljoin(url, f"replay?key={LARGEST}"))
    page.get_by_role("button", name="Replay it").click()
    expect(page.get_by_role("progressbar", name=re.compile("computing"))).to_be_visible(timeout=120_000)
    page.screenshot(path=FOLDER / "dashboard-running.png")
    expect(page.locator("#state")).to_contain_text("SUCCEEDED", timeout=120_000)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
