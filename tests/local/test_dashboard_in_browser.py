"""The dashboard in a real browser, against the deployed stack."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lambdas.adapters.dynamodb import to_item
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.stored_names import run_item
from tests.local.browser import headless, left_out
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.dashboard_process import DashboardProcess
from tests.local.pipeline import Pipeline

pytestmark = pytest.mark.skipif(left_out(os.environ), reason="BROWSER_TESTS=0")

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
KEY, LATER_KEY = "dashboard/orders <b>&.csv", "dashboard/later.csv"
HOSTILE = "~<img src=x onerror=alert(1)>"
MERCHANT, OTHER = "~dash one", "~dash two"
ORDERS = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n" + "".join(
    [
        f"{MERCHANT},1000000000.0001,o1,1,1,2024-01-31T23:00:00\n",
        f"{MERCHANT},-2.5,o2,1,1,2024-03-01T00:00:00\n",
        f"{MERCHANT},1.23456,o3,1,1,2024-03-02\n",
        *(f"{OTHER},1,p{n},1,1,2024-03-01\n" for n in range(40)),
        f"{HOSTILE},5,q1,1,1,2024-02-02\n",
    ]
)
SECONDS = 1000.0
EVIL = "evil.example"


@dataclass(frozen=True)
class Shown:
    """A running dashboard of a stack that has settled a file."""

    url: str
    run_id: str

    def pages(self) -> dict[str, str]:
        """The address of each kind of page."""
        paths = {
            "runs": "runs", "run": f"runs/{self.run_id}", "rejects": f"runs/{self.run_id}/rejects",
            "merchants": "merchants?currency=USD", "merchant": f"merchant?id={quote(MERCHANT)}",
            "replay": f"replay?key={quote(KEY)}", "an error": "runs/nonsense",
        }  # fmt: skip
        return {name: self.url + path for name, path in paths.items()}


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


@pytest.fixture(scope="module")
def dashboard(deployed: Deployed, pipeline: Pipeline) -> Iterator[Shown]:
    run = pipeline.run(KEY, ORDERS.encode())
    assert run["status"] == "SUCCEEDED"
    process = DashboardProcess(deployed.engine.settings.state_dir)
    yield Shown(process.url, run["run_id"])
    code, told = process.stop()
    assert (code, "Traceback" in told) == (0, False), told
    assert "the embedded engine at http://127.0.0.1:" in told


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A name of somebody else that leads to this computer, as in an attack by DNS rebinding.
    with headless(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
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


def test_a_run_is_found_in_the_list_and_shown_whole(page: Page, dashboard: Shown) -> None:
    page.goto(dashboard.url)
    expect(page.get_by_role("contentinfo").or_(page.get_by_role("banner")).first).to_contain_text(
        "embedded engine"
    )
    page.get_by_role("link", name=KEY, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Run of {KEY}")
    expect(page.get_by_role("table", name="Order lines")).to_contain_text(re.compile(r"44\s*1\s*0\s*0\s*43"))
    expect(page.get_by_role("table", name="Money, net of refunds")).to_contain_text("1,000,000,042.5001")
    expect(page.get_by_role("table", name="Rejected lines by reason")).to_contain_text("more than 4 decimals")
    expect(page.get_by_role("list").filter(has_text="ended: SUCCEEDED")).to_contain_text("sharded")
    page.get_by_role("link", name="The rejected lines").click()
    expect(page.get_by_role("row", name=re.compile("^4 amount"))).to_contain_text(f"{MERCHANT},1.23456,o3")


def test_a_new_run_appears_and_ends_without_a_reload(
    page: Page, dashboard: Shown, pipeline: Pipeline
) -> None:
    page.goto(dashboard.url)
    page.evaluate("window.neverReloaded = true")
    pipeline.s3.put_object(Bucket=pipeline.orders_bucket, Key=LATER_KEY, Body=ORDERS.encode())
    row = page.get_by_role("row").filter(has_text=LATER_KEY)
    expect(row).to_contain_text("SUCCEEDED", timeout=90 * SECONDS)
    expect(row).to_contain_text("1,000,000,042.5001 USD")
    assert page.evaluate("window.neverReloaded")


def test_a_replay_is_asked_for_confirmed_and_followed_to_its_end(
    page: Page, dashboard: Shown, pipeline: Pipeline
) -> None:
    revision = int((pipeline.key(KEY) or {})["revision"])
    page.goto(dashboard.pages()["run"])
    page.get_by_role("link", name="Replay this key…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Replay {KEY}?")
    assert int((pipeline.key(KEY) or {})["revision"]) == revision
    page.get_by_role("button", name="Replay it").click()
    page.wait_for_url(re.compile(f"/runs/[0-9a-f]+-{revision + 1:08d}$"), timeout=60 * SECONDS)
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("#state")).to_contain_text("SUCCEEDED", timeout=90 * SECONDS)
    expect(page.get_by_role("table", name="Order lines")).to_be_visible()
    assert page.evaluate("window.neverReloaded")
    files = 2 if pipeline.key(LATER_KEY) else 1
    assert pipeline.totals(OTHER)["USD"]["net_sales"] == 40 * files


def test_the_end_of_a_run_is_announced(page: Page, dashboard: Shown, pipeline: Pipeline) -> None:
    run_id = RunId(key_hash(pipeline.orders_bucket, "dashboard/made-up.csv"), 1)
    values = {
        "run_id": str(run_id), "object_key": "dashboard/made-up.csv", "version_id": "v", "status": "RUNNING",
        "started_at": "2024-01-01T00:00:00.000Z", "execution": "arn:aws:states:us-east-1:0:execution:a:b",
    }  # fmt: skip
    table = pipeline.deployed.outputs["RunsTableName"]
    try:
        pipeline.dynamodb.put_item(TableName=table, Item=to_item(run_item(run_id) | values))
        page.goto(f"{dashboard.url}runs/{run_id}")
        expect(page.get_by_role("progressbar", name="planning")).to_be_visible()
        replay = page.get_by_role("link", name="Replay this key…")
        replay.focus()
        ended = {"status": "FAILED", "reason": "Made up.", "ended_at": "2024-01-01T00:01:00.000Z"}
        pipeline.dynamodb.put_item(TableName=table, Item=to_item(run_item(run_id) | values | ended))
        expect(page.locator("#announcement")).to_contain_text("FAILED")
        expect(page.get_by_role("main")).to_contain_text("Why: Made up.")
        expect(page.get_by_role("progressbar")).to_have_count(0)
        expect(replay).to_be_focused()
    finally:
        pipeline.dynamodb.delete_item(TableName=table, Key=to_item(run_item(run_id)))


def test_merchants_are_searched_and_one_is_shown_with_its_months(page: Page, dashboard: Shown) -> None:
    page.goto(dashboard.pages()["merchants"])
    page.get_by_label("Merchant id").fill("~dash")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status").first).to_contain_text("No merchant has the id “~dash” exactly")
    expect(page.get_by_role("link", name=OTHER)).to_be_visible()
    page.get_by_label("Merchant id").fill(MERCHANT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Merchant {MERCHANT}")
    chart = re.compile("2024-01 to 2024-03: the highest [0-9,.]+ in 2024-01")
    expect(page.get_by_role("img", name=chart)).to_be_visible()
    expect(page.locator("svg.months rect")).to_have_count(3)
    expect(page.get_by_role("table", name="By month")).to_contain_text("2024-03")
    expect(
        page.get_by_role("table", name="By file").get_by_role("link", name=KEY, exact=True)
    ).to_be_visible()


def test_a_hostile_merchant_id_is_only_a_text(page: Page, dashboard: Shown) -> None:
    page.goto(dashboard.pages()["merchants"])
    page.goto(f"{dashboard.url}merchants?search={quote(HOSTILE)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Merchant {HOSTILE}")
    expect(page.locator("main img")).to_have_count(0)


def test_a_run_is_reached_by_keyboard_alone(page: Page, dashboard: Shown) -> None:
    page.goto(dashboard.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    link = page.get_by_role("table").get_by_role("link").first
    for _ in range(6):
        page.keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    expect(link).to_be_focused()
    assert link.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run of")


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


def test_a_port_that_is_taken_is_one_sentence(deployed: Deployed, dashboard: Shown) -> None:
    answer = Command(deployed)("dashboard", "--port", str(urlsplit(dashboard.url).port))
    assert answer.returncode == 2
    assert "choose another with --port" in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
