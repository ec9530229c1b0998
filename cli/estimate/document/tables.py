"""The tables of docs/cost.md."""

from __future__ import annotations

from cli.estimate.alternatives import Alternative, alternatives
from cli.estimate.bill import Line, total
from cli.estimate.document.cases import (
    ACCOUNTS,
    CROWDED,
    MERCHANTS,
    ORDERS,
    SIZES,
    Case,
    estimate_of,
)
from cli.estimate.document.figure_tables import figure_tables
from cli.estimate.document.marks import markdown
from cli.estimate.estimation import Estimate, Facts
from cli.estimate.load import BYTES_PER_LINE
from cli.estimate.quotas import quotas
from cli.estimate.quotas.quota import Deployment
from cli.estimate.report import quantity
from cli.estimate.settings import MIB, Place, Settings
from cli.estimate.warnings import warnings
from cli.estimate.wording import count, dollars, duration, size

LINES_SHOWN = Case(orders=10**8, merchants=10**5)
MAPREDUCE = Case(orders=775 * 10**6, merchants=10**5, file_bytes=126_800_000_000, map_concurrency=400)
"""What awslabs/lambda-refarch-mapreduce was measured with."""


def tables() -> dict[str, str]:
    """Every table by its name."""
    return {
        "cost": cost_table(),
        "lines": lines_table(),
        "instead": instead_table(),
        "time": time_table(),
        "crowded": crowded_table(),
        "elsewhere": elsewhere_table(),
        "quotas": quota_table(),
        **figure_tables(),
    }


def cost_table() -> str:
    """Cost and time of so many orders and merchants in one file."""
    amounts = (">file", ">merchants", ">splits", ">partitions", ">cost", ">a million orders")
    headings = ("orders", *amounts, ">median", ">95th percentile", "mind")
    notes: list[str] = []
    rows = [_cost_row(estimate_of(Case(orders, m)), notes) for orders in ORDERS for m in MERCHANTS]
    listed = [f"{number}. {note}" for number, note in enumerate(notes, start=1)]
    return "\n".join([markdown(headings, rows), "", *listed])


def lines_table() -> str:
    """The bill of one case, line by line."""
    estimate = estimate_of(LINES_SHOWN)
    kept = estimate.bill.kept()
    rows = [
        *_lines(estimate.lines),
        ("", "**in all**", "", f"**{dollars(estimate.cost)}**"),
        *_lines(kept),
        ("", "**kept for a month**", "", f"**{dollars(total(kept))}**"),
    ]
    return markdown(("service", "what", ">quantity", ">cost"), rows)


def instead_table() -> str:
    """This system next to what one could use instead."""
    rows: list[tuple[str, ...]] = []
    for orders, merchants in zip(ORDERS, MERCHANTS, strict=True):
        estimate = estimate_of(Case(orders, merchants))
        told = f"{count(orders)} orders, {count(merchants)} merchants"
        seconds = duration(estimate.forecast.seconds.median)
        rows.append((told, "this system", dollars(estimate.cost), seconds, ""))
        rows += [("", *_instead(one)) for one in alternatives(estimate)]
    return markdown(("load", "by", ">cost", ">time", "but"), rows)


def time_table() -> str:
    """Time to result by account and mapConcurrency: median, 95th percentile, and how many runs fail."""
    headings = ["one file", *(f">account {a}, mapConcurrency {c}" for a, c in ACCOUNTS)]
    rows = []
    for file_bytes, merchants in SIZES:
        cells = []
        for account, concurrency in ACCOUNTS:
            case = Case(
                orders=file_bytes // BYTES_PER_LINE,
                merchants=merchants,
                file_bytes=file_bytes,
                account=account,
                map_concurrency=concurrency,
            )
            cells.append(_time_cell(estimate_of(case)))
        rows.append((f"{size(file_bytes)}, {count(merchants)} merchants", *cells))
    return markdown(headings, rows)


def crowded_table() -> str:
    """A million orders of as many merchants, by the size of partitions."""
    rows = []
    for partition_bytes, concurrency in CROWDED:
        case = Case(10**6, 10**6, map_concurrency=concurrency, partition_bytes=partition_bytes)
        estimate = estimate_of(case)
        told = (f"{partition_bytes // MIB} MiB", f"{concurrency}", count(estimate.shape.partitions))
        rows.append((*told, dollars(estimate.cost), _time_cell(estimate)))
    return markdown(("partitionBytes", ">mapConcurrency", ">partitions", ">cost", ">time"), rows)


def elsewhere_table() -> str:
    """A published measurement next to this system's estimate for the same load."""
    ours = estimate_of(MAPREDUCE)
    rows = [
        ("awslabs/lambda-refarch-mapreduce, measured", "200 s", "$0.11", "sums by key, nothing else"),
        (
            f"this system, estimated, mapConcurrency {MAPREDUCE.map_concurrency}",
            duration(ours.forecast.seconds.median),
            dollars(ours.cost),
            "exact, deduplicated, by month, rejects told, totals stored",
        ),
    ]
    return markdown(("775 million rows, 126.8 GB", ">time", ">cost", "what comes out"), rows)


def quota_table() -> str:
    """Every quota with the load that reaches it."""
    at = Deployment(facts=Facts(), settings=Settings(), place=Place())
    rows = [(quota.name, quota.reached, quota.then) for quota in quotas(at)]
    return markdown(("quota", "reached by", "then"), rows)


def _cost_row(estimate: Estimate, notes: list[str]) -> tuple[str, ...]:
    load, shape, seconds = estimate.load, estimate.shape, estimate.forecast.seconds
    return (
        count(load.lines),
        size(load.delivered_bytes),
        count(load.merchants),
        count(shape.splits),
        count(shape.partitions),
        dollars(estimate.cost),
        dollars(estimate.cost / load.lines * 10**6),
        duration(seconds.median),
        duration(seconds.p95),
        ", ".join(_numbered(warnings(estimate), notes)),
    )


def _lines(lines: list[Line]) -> list[tuple[str, ...]]:
    return [(line.service, line.what, quantity(line), dollars(line.cost)) for line in lines]


def _numbered(told: list[str], notes: list[str]) -> list[str]:
    notes += [note for note in told if note not in notes]
    return [str(notes.index(note) + 1) for note in told]


def _time_cell(estimate: Estimate) -> str:
    seconds, failed = estimate.forecast.seconds, estimate.forecast.failed_share
    times = f"{duration(seconds.median)} ({duration(seconds.p95)})"
    return f"FAILS in {failed:.0%}" if failed else times


def _instead(one: Alternative) -> tuple[str, ...]:
    least = "≥ " if one.least else ""
    seconds = "not modelled" if one.seconds is None else least + duration(one.seconds)
    return one.name, least + dollars(one.cost), seconds, one.lacks
