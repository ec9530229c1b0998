"""Who the dashboard answers, what it starts, and what browsers may do with its pages."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from flask.testing import FlaskClient

from cli.dashboard.application import application
from lambdas.domain.stored_names import look_item
from tests.unit.cli.dashboard_stack import Stack

HOST, ORIGIN, KEY = "localhost", "http://localhost", "shop/a b&c.csv"
TOKEN = "a-token"


@pytest.fixture
def stack() -> Stack:
    stack = Stack()
    stack.bucket.objects[KEY] = b"merchant_id,amount\n"
    return stack


@pytest.fixture
def browser(stack: Stack) -> FlaskClient:
    app = application(stack.deployment(), hosts={HOST, "127.0.0.1:8750"}, token=TOKEN)
    return app.test_client()


HOSTS_OF_OTHERS = [
    "evil.example", "evil.example:8750", "127.0.0.1", "127.0.0.1:80", "[::1]:8750", "a b", "localhost.",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS_OF_OTHERS)
def test_only_its_own_names_are_answered(browser: FlaskClient, host: str) -> None:
    answer = browser.get("/runs", headers={"Host": host})
    assert answer.status_code in {400, 403}
    assert "Runs</h1>" not in answer.text
    assert browser.get("/static/live.js", headers={"Host": host}).status_code in {400, 403}


def test_both_names_of_this_computer_are_answered(browser: FlaskClient) -> None:
    assert browser.get("/runs", headers={"Host": "127.0.0.1:8750"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_what_another_site_asks_for_is_refused(
    stack: Stack, browser: FlaskClient, headers: dict[str, str]
) -> None:
    assert browser.get("/runs", headers=headers).status_code == 403
    assert stack.tables.queries == 0


def test_a_link_from_another_site_is_followed(browser: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert browser.get("/runs", headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["/runs", "/nothing", "/static/dashboard.css", "/replay"])
def test_every_answer_forbids_scripts_of_others_and_frames(browser: FlaskClient, address: str) -> None:
    headers = browser.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_pages_have_no_script_style_or_address_of_elsewhere(browser: FlaskClient) -> None:
    for address in ("/runs", "/merchants", f"/replay?key={KEY.replace('&', '%26')}"):
        page = browser.get(address).text
        assert page.count("<script") == page.count('<script src="/static/live.js" defer></script>') == 1
        for forbidden in ("style=", "<style", "onclick", "http://", "https://", "//cdn"):
            assert forbidden not in page


def test_a_replay_starts_only_once_it_is_confirmed(stack: Stack, browser: FlaskClient) -> None:
    asked = browser.get("/replay", query_string={"key": KEY})
    assert asked.status_code == 200
    assert TOKEN in asked.text
    assert TOKEN not in asked.request.url
    assert stack.executions.inputs == []
    done = browser.post(
        "/replay", query_string={"key": KEY}, data={"token": TOKEN}, headers={"Origin": ORIGIN}
    )
    assert done.status_code == 303
    assert TOKEN not in done.location
    assert [json.loads(text) for text in stack.executions.inputs] == [{"key": KEY, "replay": True}]


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        ({}, {"Origin": ORIGIN}),
        ({"token": "another"}, {"Origin": ORIGIN}),
        ({"token": "\u00e9"}, {"Origin": ORIGIN}),
        ({"token": TOKEN}, {}),
        ({"token": TOKEN}, {"Origin": "http://evil.example"}),
        ({"token": TOKEN}, {"Origin": "null"}),
        ({"token": TOKEN}, {"Origin": ORIGIN, "Host": "evil.example"}),
    ],
)
def test_a_form_that_is_not_of_this_dashboard_starts_nothing(
    stack: Stack, browser: FlaskClient, data: dict[str, str], headers: dict[str, str]
) -> None:
    assert browser.post("/replay", query_string={"key": KEY}, data=data, headers=headers).status_code == 403
    assert stack.executions.inputs == []


def test_the_token_in_the_address_does_not_count(stack: Stack, browser: FlaskClient) -> None:
    answer = browser.post("/replay", query_string={"key": KEY, "token": TOKEN}, headers={"Origin": ORIGIN})
    assert answer.status_code == 403
    assert stack.executions.inputs == []


def test_nothing_else_takes_a_post(browser: FlaskClient) -> None:
    for address in ("/runs", "/merchants", "/merchant?id=m"):
        answer = browser.post(address, data={"token": TOKEN}, headers={"Origin": ORIGIN})
        assert answer.status_code == 405


def test_a_started_replay_leads_to_its_run(stack: Stack, browser: FlaskClient) -> None:
    assert 'data-poll="2"' in browser.get("/replays/look-1").text
    run_id = f"{'0' * 32}-00000002"
    stack.tables.put("runs", look_item("look-1") | {"outcome": "registered", "run_id": run_id})
    assert browser.get("/replays/look-1").location == f"/runs/{run_id}"
    stack.tables.put("runs", look_item("look-2") | {"outcome": "failed"})
    assert "ended before it had a run" in browser.get("/replays/look-2").text
    stack.tables.put("runs", look_item("look-3") | {"outcome": "nothing"})
    assert "nothing to do" in browser.get("/replays/look-3").text


def test_no_other_command_loads_the_web_framework() -> None:
    program = "import sys, cli.main; print([m for m in ('flask', 'waitress', 'jinja2') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
