"""Looks and plans: when a run is needed, and how it is cut."""

import hashlib
import itertools

import pytest

from lambdas.domain.errors import OrderFileError, RunError
from lambdas.domain.look import KeyState, next_revision
from lambdas.domain.order_file import DELETED, OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat, parse_order_format
from lambdas.domain.partitions import HASHES, hash_ranges, merchant_hash, partition_count
from lambdas.domain.plan import Limits, Plan, Split, choose_lane, make_plan

LIMITS = Limits(
    partition_bytes=1000,
    max_partitions=8,
    inline_partitions=4,
    one_split_bytes=100_000,
    split_bytes=50_000,
    max_file_bytes=5 << 40,
)


def order_file(version_id: str = "v1", *, key: str = "shop/a.csv", size_bytes: int = 10) -> OrderFile:
    return OrderFile(bucket="orders", key=key, version_id=version_id, size_bytes=size_bytes)


def formats() -> list[OrderFormat]:
    return [parse_order_format("prefix: shop/\ncolumns: {merchant_id: m, amount: a}", "shop.yaml")]


@pytest.mark.parametrize(
    ("known", "present", "replay", "revision"),
    [
        (KeyState(), "v1", False, 1),
        (KeyState(revision=1, version_id="v1"), "v1", False, None),
        (KeyState(revision=1, version_id="v1"), "v1", True, 2),
        (KeyState(revision=1, version_id="v1"), "v2", False, 2),
        (KeyState(revision=1, version_id="v1"), DELETED, False, 2),
        (KeyState(revision=2, version_id=DELETED), DELETED, False, None),
        (KeyState(), DELETED, False, None),
        (KeyState(), DELETED, True, None),
        (KeyState(revision=3, version_id="v1", status="FAILED"), "v1", False, None),
    ],
)
def test_a_run_is_needed_when_the_key_holds_what_no_run_is_of(
    known: KeyState, present: str, replay: bool, revision: int | None
) -> None:
    assert next_revision(known, order_file(present), replay=replay) == revision


def test_a_deletion_changes_nothing_where_the_format_keeps_deleted_files() -> None:
    known = KeyState(revision=1, version_id="v1")
    keep = "prefix: shop/\ndeletions: keep\ncolumns: {merchant_id: m, amount: a}"
    formats = [parse_order_format(keep, "shop.yaml")]
    assert next_revision(known, order_file(DELETED), replay=True, formats=formats) is None
    assert next_revision(known, order_file("v2"), replay=False, formats=formats) == 2
    elsewhere = order_file(DELETED, key="market/a.csv")
    assert next_revision(known, elsewhere, replay=False, formats=formats) == 2


def test_a_file_has_no_more_splits_than_a_job_has_children() -> None:
    huge = order_file(size_bytes=5 << 40)
    plan = make_plan(order_file=huge, revision=1, replaced_bytes=0, formats=formats(), limits=LIMITS)
    assert len(plan.splits) == 10_000
    assert (plan.splits[0].start, plan.splits[-1].end) == (0, 5 << 40)
    assert all(before.end == after.start for before, after in itertools.pairwise(plan.splits))


def test_a_plan_survives_being_stored() -> None:
    plan = make_plan(order_file=order_file(), revision=3, replaced_bytes=0, formats=formats(), limits=LIMITS)
    assert Plan.from_json(plan.to_json()) == plan
    assert (
        plan.run_id == f"{hashlib.sha256(b'orders' + bytes([10]) + b'shop/a.csv').hexdigest()[:32]}-00000003"
    )
    assert plan.order_format.columns.merchant_id == "m"
    assert (plan.lane, len(plan.splits), plan.partitions) == ("one_split", 1, 1)


@pytest.mark.parametrize(
    ("key", "size_bytes", "replaced_bytes", "partitions"),
    [
        ("shop/a.csv", 1000, 0, 1),
        ("shop/a.csv", 1001, 0, 2),
        ("shop/a.csv", 10, 3500, 4),
        ("shop/a.csv.gz", 1000, 0, 5),
        ("shop/a.csv", 90_000, 0, 8),
    ],
)
def test_partitions_follow_the_bytes_of_the_file_and_of_what_it_replaces(
    key: str, size_bytes: int, replaced_bytes: int, partitions: int
) -> None:
    plan = make_plan(
        order_file=order_file(key=key, size_bytes=size_bytes),
        revision=1,
        replaced_bytes=replaced_bytes,
        formats=formats(),
        limits=LIMITS,
    )
    assert plan.partitions == partitions


def test_a_deleted_key_has_no_lines_to_shard_and_needs_no_format() -> None:
    gone = order_file(DELETED, key="elsewhere/a.csv", size_bytes=0)
    plan = make_plan(order_file=gone, revision=2, replaced_bytes=2500, formats=formats(), limits=LIMITS)
    assert (plan.lane, plan.splits, plan.partitions) == ("none", (), 3)


@pytest.mark.parametrize(
    ("present", "told"),
    [
        (order_file(key="elsewhere/a.csv"), "No order format fits the key 'elsewhere/a.csv'"),
        (order_file(size_bytes=0), "The file 'shop/a.csv' is empty (0 bytes)"),
        (
            order_file(size_bytes=(5 << 40) + 1),
            "The file 'shop/a.csv' has 5,497,558,138,881 bytes, more than the 5,497,558,138,880 that this "
            "deployment takes (maxFileBytes)",
        ),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(present: OrderFile, told: str) -> None:
    with pytest.raises(OrderFileError) as error:
        make_plan(order_file=present, revision=1, replaced_bytes=0, formats=formats(), limits=LIMITS)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("format_lane", "split_bytes", "lane"),
    [
        ("auto", [], "none"),
        ("auto", [100_000], "one_split"),
        ("auto", [100_001], "oversize"),
        ("batch", [10], "oversize"),
        ("auto", [100_000, 100_000], "many_splits"),
        ("auto", [100_000, 100_001], "oversize_splits"),
        ("batch", [10, 10], "oversize_splits"),
    ],
)
def test_what_is_too_large_for_a_function_or_asked_for_goes_to_batch(
    format_lane: str, split_bytes: list[int], lane: str
) -> None:
    text = f"columns: {{merchant_id: m, amount: a}}\nlane: {format_lane}"
    splits = [Split(start=0, end=size) for size in split_bytes]
    assert choose_lane(parse_order_format(text, "shop.yaml"), splits, LIMITS) == lane


@pytest.mark.parametrize(("size_bytes", "lane"), [(100_000, "one_split"), (100_001, "oversize")])
def test_a_plan_names_its_lane(size_bytes: int, lane: str) -> None:
    present = order_file(key="shop/a.csv.gz", size_bytes=size_bytes)
    plan = make_plan(order_file=present, revision=1, replaced_bytes=0, formats=formats(), limits=LIMITS)
    assert plan.lane == lane


def test_hash_ranges_cover_every_hash_once() -> None:
    for count in (1, 2, 3, 7, 40, 512):
        ranges = hash_ranges(count)
        assert ranges[0].lo == 0
        assert ranges[-1].hi == HASHES - 1
        assert all(left.hi + 1 == right.lo for left, right in itertools.pairwise(ranges))
        assert merchant_hash("shop") in ranges[merchant_hash("shop") * count // HASHES]


def test_the_hash_of_a_merchant_never_changes() -> None:
    assert merchant_hash("shop") == 0xFB54F3C5
    assert merchant_hash("café") == 0x07117FE4


def test_partition_counts_stay_within_their_bounds() -> None:
    assert partition_count(raw_bytes=0, partition_bytes=100, most=5) == 1
    assert partition_count(raw_bytes=10**12, partition_bytes=100, most=5) == 5


@pytest.mark.parametrize("text", ["", "abc", "g" * 32 + "-00000001", "a" * 32 + "-1"])
def test_a_text_that_is_no_run_id_is_told_what_one_looks_like(text: str) -> None:
    with pytest.raises(RunError, match="32 hex digits, a hyphen and 8 digits"):
        RunId.parse(text)


def test_run_ids_read_back() -> None:
    run_id = RunId(key_hash("orders", "a"), 12)
    assert RunId.parse(str(run_id)) == run_id
