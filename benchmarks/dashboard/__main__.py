"""Measure the dashboard over full tables in the embedded engine.

    python -m benchmarks.dashboard [--runs 10000] [--merchants 1000000]

For each page: milliseconds until the browser paints it (the first visit, and the median of three) and until
the server has answered, the requests to AWS of one visit, their read units, and their cost on AWS.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread
from urllib.parse import urljoin

from playwright.sync_api import Browser

from benchmarks.dashboard.asked import Asked
from benchmarks.dashboard.full_tables import FIRST_KEY, fill, merchants, running, runs
from cli.choices import Choices
from cli.dashboard.server import listen
from cli.deployment import Deployment, connect
from cli.estimate.prices import prices
from lambdas.domain.order_file import key_hash
from local.deployment import Deployment as LocalDeployment
from local.engine import Engine
from local.settings import EngineSettings
from tests.local.browser.installed import headless

VISITS = 3
LONGEST_MS = 300_000
"""The engine sorts a whole part of an index for each query, where DynamoDB keeps it sorted."""
PAINT = """new Promise((tell) =>
  new PerformanceObserver((list) =>
    list.getEntriesByName("first-contentful-paint").forEach((paint) => tell(paint.startTime))
  ).observe({ type: "paint", buffered: true }))"""
ANSWER = "performance.getEntriesByType('navigation')[0].responseEnd"


def main() -> int:
    """Fill the tables, open every page, print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--merchants", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("build/dashboard"), help="of the engine's state")
    options = parser.parse_args()
    with _deployment(options.folder.resolve()) as deployment, headless() as browser:
        begun = time.monotonic()
        bucket = deployment.orders_bucket
        fill(deployment.dynamodb, deployment.runs_table, runs(options.runs, bucket))
        fill(deployment.dynamodb, deployment.sales_table, merchants(options.merchants, bucket, Random(1)))
        took = time.monotonic() - begun
        sys.stdout.write(f"{options.runs:,} runs, {options.merchants:,} merchants, written in {took:.0f} s\n")
        _measure(deployment, browser, key_hash(bucket, FIRST_KEY))
    return 0


@contextmanager
def _deployment(folder: Path) -> Iterator[Deployment]:
    engine = Engine(EngineSettings(state_dir=folder, port=0))
    try:
        engine.start()
        LocalDeployment(engine).deploy()
        os.environ["MERCHANT_SALES_LOCAL_DIR"] = str(folder)
        yield connect(Choices(local=True))
    finally:
        engine.reset()


def _measure(deployment: Deployment, browser: Browser, keyhash: str) -> None:
    asked, goes_on = Asked(), running(deployment.orders_bucket)
    listening = listen(deployment, 0)
    asked.watch(deployment)
    Thread(target=listening.serve, daemon=True).start()
    sys.stdout.write("page: paint of the first and the median visit, answer (ms); requests; units; dollars\n")
    pages = {
        "runs": "/runs", "run": f"/runs/{keyhash}-00000001", "merchants": "/merchants",
        "merchants, a part of an id": "/merchants?search=999", "merchant": "/merchant?id=merchant-0001000",
    }  # fmt: skip
    for name, path in pages.items():
        _visit(browser, urljoin(listening.url, path), asked, name)
    fill(deployment.dynamodb, deployment.runs_table, [goes_on])
    for name, path in {
        "runs, one goes on": "/runs",
        "run that goes on": f"/runs/{goes_on['run_id']}",
    }.items():
        _visit(browser, urljoin(listening.url, path), asked, name)


def _visit(browser: Browser, address: str, asked: Asked, name: str) -> None:
    paints, answers = [], []
    for _ in range(VISITS):
        page = browser.new_page()
        page.set_default_timeout(LONGEST_MS)
        asked.forget()
        page.goto(address)
        paints.append(page.evaluate(PAINT))
        answers.append(page.evaluate(ANSWER))
        requests, units, cost = asked.taken(prices())
        page.close()
    times = ", ".join(f"{value:.0f}" for value in (paints[0], median(paints), median(answers)))
    asked_for = ", ".join(f"{count} {operation}" for operation, count in requests.items())
    sys.stdout.write(f"{name}: {times}; {asked_for}; {units}; {cost:.8f}\n")


if __name__ == "__main__":
    sys.exit(main())
