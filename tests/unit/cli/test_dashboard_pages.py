"""The pages of the dashboard: what they show, also of hostile names, wrong addresses and refusals."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from flask.testing import FlaskClient

from cli.dashboard.application import application
from cli.suggested import keep_options
from lambdas.domain.stored_names import places_object, rejects_folder
from tests.unit.cli.dashboard_stack import Stack, put_contribution, put_run, put_total

HOST = "localhost"
HOSTILE = "\"><script>alert('1')</script>\u202egnp.csv"
NOW = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.fixture
def browser(stack: Stack) -> FlaskClient:
    app = application(stack.deployment(), hosts={HOST}, token="a-token", now=lambda: NOW)
    return app.test_client()


def shown(browser: FlaskClient, address: str, code: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == code, answer.text
    return answer.text


def linked(page: str, text: str) -> str | None:
    """The address behind a link's text."""
    found = re.search(f'href="([^"]*)">{text}<', page)
    return html.unescape(found[1]) if found else None


def test_the_list_of_runs_is_read_in_pieces_whatever_its_length(stack: Stack, browser: FlaskClient) -> None:
    moments = [f"2026-01-02T{n // 60:02d}:{n % 60:02d}:00.000Z" for n in range(600)]
    ids = [put_run(stack, f"shop/{at}.csv", started_at=at) for at in moments]
    found: list[str] = []
    address: str | None = "/runs"
    while address:
        before = stack.tables.evaluated
        page = shown(browser, address)
        assert stack.tables.evaluated - before <= 400
        found += re.findall('id="to-([^"]*)"', page)
        address = linked(page, "Older runs")
    assert found == ids[::-1]


def test_a_run_shows_counts_exact_money_reasons_and_its_time_line(stack: Stack, browser: FlaskClient) -> None:
    page = shown(browser, f"/runs/{put_run(stack, 'shop/a.csv')}")
    for told in (
        "SUCCEEDED", "12,345,678,901,234,567.0001", "The merchant is blank.", "after 1.0 s", "after 2.5 s",
        "console.aws.amazon.com", "The rejected lines", "a stack in memory", "<caption>Order lines</caption>",
    ):  # fmt: skip
        assert told in page
    assert "data-poll" not in page


def test_a_running_run_shows_how_far_it_is_and_asks_again(stack: Stack, browser: FlaskClient) -> None:
    begun = {"status": "RUNNING", "sharded_at": None, "ended_at": None, "counts": None, "money": None}
    run_id = put_run(stack, "shop/a.csv", **begun, reject_reasons=None)
    page = shown(browser, f"/runs/{run_id}")
    assert "planning" in page
    assert "<progress" in page
    assert 'data-poll="2"' in page
    assert 'data-poll="5"' in shown(browser, "/runs")
    assert 'aria-live="polite"' in page


def test_a_failed_run_says_why_and_that_its_key_is_partly_counted(stack: Stack, browser: FlaskClient) -> None:
    page = shown(browser, f"/runs/{put_run(stack, 'a.csv', status='FAILED', reason='A column is missing.')}")
    assert "A column is missing." in page
    assert "partly counted" in page
    assert "merchant-sales redrive" in page


def test_rejected_lines_are_bounded_and_counted(stack: Stack, browser: FlaskClient) -> None:
    run_id = put_run(stack, "shop/a.csv", counts={"lines": 900, "rejected": 500})
    line = '{"line": %d, "byte": 1, "column": "amount", "reason": "No number.", "text": "<b>%s</b>"}\n'
    name = f"{rejects_folder(run_id)}0-9.jsonl"
    stack.bucket.objects[name] = "".join(line % (n, "x" * 300) for n in range(2, 502)).encode()
    assert places_object(run_id) not in stack.bucket.objects
    page = shown(browser, f"/runs/{run_id}/rejects")
    assert "The first 200 of 500." in page
    assert page.count("No number.") == 200
    assert "&lt;b&gt;xxx" in page
    assert "x" * 201 not in page


def test_merchants_come_by_net_sales_and_equal_ones_are_not_lost_between_pages(
    stack: Stack, browser: FlaskClient
) -> None:
    for n in range(120):
        put_total(stack, f"m{n:03d}", "10" if n < 100 else str(n))
        put_total(stack, f"gone{n:03d}", "0", files=0)
    put_run(stack, "shop/a.csv")
    names: list[str] = []
    address: str | None = "/merchants"
    while address:
        page = shown(browser, address)
        names += re.findall('<a href="/merchant[?]id=([^"]*)">', page)
        address = linked(page, "Next merchants")
    assert names[:20] == [f"m{n:03d}" for n in range(119, 99, -1)]
    assert sorted(names) == [f"m{n:03d}" for n in range(120)]


def test_a_merchant_is_found_by_its_exact_id_and_a_part_of_it_among_the_best(
    stack: Stack, browser: FlaskClient
) -> None:
    for name in ("travel one", "travel two", "other"):
        put_total(stack, name, "5")
    exact = browser.get("/merchants?search=+travel+one+")
    assert (exact.status_code, exact.location) == (302, "/merchant?id=travel+one")
    part = shown(browser, "/merchants?search=travel")
    assert "travel one" in part
    assert "travel two" in part
    assert ">other<" not in part
    assert "None of those" in shown(browser, "/merchants?search=nothing+like+it")


def test_a_merchant_shows_totals_months_as_a_chart_and_files(stack: Stack, browser: FlaskClient) -> None:
    put_run(stack, "shop/a.csv", status="FAILED")
    put_total(stack, "m", "7.5")
    put_contribution(stack, "m", "shop/a.csv", {"2025-11": "10", "2026-01": "-2.5"})
    page = shown(browser, "/merchant?id=m")
    assert "USD, 2025-11 to 2026-01: the highest 10.00 in 2025-11, the lowest -2.50 in 2026-01" in page
    assert page.count("<rect") == 3
    assert "shop/a.csv is partly counted" in page
    assert ">7.50<" in page


def test_a_merchant_in_very_many_files_is_read_in_part_and_says_so(
    stack: Stack, browser: FlaskClient
) -> None:
    put_total(stack, "m", "2001")
    for n in range(2001):
        put_contribution(stack, "m", f"shop/{n}.csv", {"2026-01": "1"})
    before = stack.tables.evaluated
    page = shown(browser, "/merchant?id=m")
    assert stack.tables.evaluated - before <= 2002
    assert "more than 2,000 files" in page
    assert "2,001.00" in page
    assert "<rect" not in page
    assert page.count("shop/") <= 210


ADDRESSES = [
    "/runs", "/merchants", "/merchant?id={id}", "/runs/{run}", "/replay?key={id}", "/merchants?search={id}x",
    "/merchant?id={id}x", "/find-run?name={id}x", "/replay?key={id}x", "/replays/x?key={id}",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_hostile_names_are_shown_and_do_nothing(stack: Stack, browser: FlaskClient, address: str) -> None:
    run_id = put_run(stack, HOSTILE)
    put_total(stack, HOSTILE, "1")
    put_contribution(stack, HOSTILE, HOSTILE, {"2026-01": "1"})
    page = browser.get(address.format(id=quote(HOSTILE), run=run_id)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(" in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("address", "code", "told"),
    [
        ("/runs/x", 404, "There is no run x"),
        (f"/runs/{'0' * 32}-00000001", 404, "There is no run"),
        ("/find-run?name=nothing.csv", 404, "There is no run nothing.csv"),
        ("/merchant?id=nobody", 404, "There is no merchant"),
        ("/find-run", 400, "Type a run id"),
        ("/merchant", 400, "names no merchant"),
        ("/merchants?currency=dollars", 400, "three letters"),
        ("/runs?after=bm9uc2Vuc2U=", 404, "begin with the first page"),
        ("/runs?after=%FF", 404, "begin with the first page"),
        ("/replay?key=never/there.csv", 404, "There is no order file"),
        ("/replay", 400, "names no key"),
        ("/nothing", 404, "There is no such page"),
    ],
)
def test_a_mistake_is_one_sentence_in_the_page(
    browser: FlaskClient, address: str, code: int, told: str
) -> None:
    page = shown(browser, address, code)
    assert told in page
    assert "Traceback" not in page


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "AWS_PROFILE"),
        (ClientError({"Error": {"Code": "ExpiredTokenException"}}, "Query"), "have expired"),
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query"),
            "don&#39;t allow Query",
        ),
        (ZeroDivisionError(), "made a mistake"),
    ],
)
def test_what_aws_refuses_is_told_in_the_page(
    stack: Stack, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr(stack.tables, "query", refuse)
    page = shown(browser, "/runs", 500 if isinstance(error, ZeroDivisionError) else 502)
    assert told in page
    assert "ZeroDivisionError" not in page


def test_suggested_commands_look_where_the_dashboard_does(stack: Stack) -> None:
    keep_options(["--local", "--stack", "Other"])
    app = application(stack.deployment(), hosts={HOST}, token="a-token")
    reason = "It broke: go on with `merchant-sales redrive`."
    run_id = put_run(stack, "a.csv", status="FAILED", reason=reason)
    page = shown(app.test_client(), f"/runs/{run_id}")
    assert f"<code>merchant-sales --local --stack Other redrive {run_id}</code>" in page
    assert f"go on with `merchant-sales --local --stack Other redrive {run_id}`." in page
