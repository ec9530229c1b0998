"""The dashboard in a real browser, against the deployed stack."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from lambdas.adapters.dynamodb import to_item
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.stored_names import run_item
from tests.local.browser.shown_dashboard import (
    HOSTILE,
    KEY,
    LATER_KEY,
    MERCHANT,
    ORDERS,
    OTHER,
    SECONDS,
    Shown,
)
from tests.local.pipeline import Pipeline


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
