"""The dashboard for everybody who may see it, whatever they see with, and for nobody else."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.local.browser.dashboard_process import DashboardProcess
from tests.local.browser.shown_dashboard import EVIL, KEY, SECONDS, Shown
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_has_an_accessibility_fault(
    browser: Browser, dashboard: Shown, colours: str, width: int
) -> None:
    context = browser.new_context(color_scheme=colours, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    page = context.new_page()
    backgrounds = set()
    for name, address in dashboard.pages().items():
        page.goto(address)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert [(fault["id"], fault["help"], fault["nodes"]) for fault in found] == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backgrounds == {{"light": "rgb(255, 255, 255)", "dark": "rgb(15, 20, 25)"}[colours]}
    context.close()


def test_another_site_can_neither_read_nor_start_anything(
    context: BrowserContext, dashboard: Shown, pipeline: Pipeline
) -> None:
    revision = (pipeline.key(KEY) or {})["revision"]
    page = context.new_page()
    target = f"{dashboard.url}replay?key={quote(KEY)}"
    form = f'<form method="post" action="{target}"><input name="token" value="guess"></form>'
    page.route("http://shop.example/*", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto("http://shop.example/")
    read = f"fetch('{dashboard.url}runs').then(() => 'read', () => 'refused')"
    assert page.evaluate(read) == "refused"
    with page.expect_response(target) as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    assert (pipeline.key(KEY) or {})["revision"] == revision


def test_a_name_of_somebody_else_that_leads_here_is_refused(
    context: BrowserContext, dashboard: Shown
) -> None:
    page = context.new_page()
    answer = page.goto(f"http://{EVIL}:{urlsplit(dashboard.url).port}/runs")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("alert")).to_contain_text("answers only to")


def test_it_listens_on_loopback_only(dashboard: Shown) -> None:
    assert urlsplit(dashboard.url).hostname == "127.0.0.1"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(dashboard.url.replace("127.0.0.1", "127.0.0.2"), timeout=5)


@pytest.mark.usefixtures("dashboard")
def test_a_page_says_when_the_dashboard_has_stopped(context: BrowserContext, deployed: Deployed) -> None:
    process = DashboardProcess(deployed.engine.settings.state_dir)
    page = context.new_page()
    page.goto(process.url)
    expect(page.locator("#live-state")).to_have_text("This page keeps itself up to date.")
    assert process.stop()[0] == 0
    expect(page.locator("#live-state")).to_contain_text(
        "start `merchant-sales dashboard` again", timeout=30 * SECONDS
    )
    expect(page.get_by_role("table")).to_be_visible()


def test_ctrl_c_ends_it_at_any_moment(deployed: Deployed) -> None:
    code, told = DashboardProcess(deployed.engine.settings.state_dir).stop()
    assert (code, "Traceback" in told) == (0, False)


def test_a_port_that_is_taken_is_one_sentence(deployed: Deployed, dashboard: Shown) -> None:
    answer = Command(deployed)("dashboard", "--port", str(urlsplit(dashboard.url).port))
    assert answer.returncode == 2
    assert "choose another with --port" in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
