"""Bad input: a file that cannot be counted FAILS in one sentence, a bad line is rejected, no total moves."""

import gzip

import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at"
GOOD = f"{HEADING}\n~bad,5.00,o1,1,1,2024-05-01\n".encode()


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "is empty (0 bytes)"),
        ("missing.csv", b"merchant_id,order_id\n~bad,1\n", "amount"),
        ("repeated.csv", GOOD.replace(b"quantity", b"amount"), "amount"),
        ("plain.csv.gz", GOOD, "gz"),
        ("truncated.csv.gz", gzip.compress(GOOD * 1000)[:-20], "gz"),
        ("damaged.csv.gz", gzip.compress(GOOD)[:-8] + bytes(8), "gz"),
        ("rejects.csv", GOOD + b"~bad,x,o2,1,1,2024-05-01\n", "1 of 2 lines (50.0%) were rejected"),
    ],
)
def test_a_file_that_cannot_be_counted_fails_in_one_sentence_and_changes_no_total(
    pipeline: Pipeline, name: str, content: bytes, told: str
) -> None:
    before = pipeline.totals("~bad")
    run = pipeline.run(f"bad/{name}", content)
    assert run["status"] == "FAILED"
    assert told in run["reason"]
    assert "Traceback" not in run["reason"]
    assert pipeline.totals("~bad") == before


def test_the_file_after_a_failed_one_is_counted_as_if_nothing_had_happened(pipeline: Pipeline) -> None:
    assert pipeline.run("bad/then.csv", b"")["status"] == "FAILED"
    run = pipeline.run("bad/then.csv", GOOD.replace(b"~bad", b"~then"))
    assert (run["status"], run["run_id"][-8:]) == ("SUCCEEDED", "00000002")
    assert pipeline.totals("~then")["USD"]["net_sales"] == 5


def test_a_heading_without_lines_succeeds(pipeline: Pipeline) -> None:
    run = pipeline.run("bad/heading.csv", HEADING.encode())
    assert (run["status"], run["counts"]["lines"]) == ("SUCCEEDED", 0)


def test_a_key_that_ends_in_a_slash_is_never_looked_at(pipeline: Pipeline) -> None:
    pipeline.s3.put_object(Bucket=pipeline.orders_bucket, Key="bad/folder/", Body=b"")
    pipeline.run("bad/after the folder.csv", HEADING.encode())
    assert pipeline.key("bad/folder/") is None


ODD_MERCHANTS = ["~#a/b", '~"quoted"', "~two\nlines", "~=cmd()", "~ü ☃", "~a#USD#b"]


def test_odd_merchants_are_counted_and_odd_lines_rejected_with_their_reasons(
    pipeline: Pipeline, deployed: Deployed
) -> None:
    counted = [
        f'"{merchant.replace(chr(34), chr(34) * 2)}",1.50,o,1,1,2024-05-01' for merchant in ODD_MERCHANTS
    ]
    wrong = {
        "~odd,1e9999,o,1,1,2024-05-01": "amount",
        "~odd,1.23456,o,1,1,2024-05-01": "4 decimals",
        "~odd,NaN,o,1,1,2024-05-01": "amount",
        "~odd,=cmd(),o,1,1,2024-05-01": "amount",
        "~odd,1,o,1,1,2024-05-01,surplus": "column",
        "~" + "x" * 300 + ",1,o,1,1,2024-05-01": "256",
        " ,1,o,1,1,2024-05-01": "merchant",
        "~odd,1,o,1,1,2023-02-30": "date",
        "~odd,1,o,1,1.5,2024-05-01": "quantity",
    }
    good = [f"~fine,1,{number},1,1,2024-05-01" for number in range(200)]
    text = "\n".join([HEADING, *counted, *wrong, *good]) + "\n"
    run = pipeline.run("bad/odd ü+name.csv", text.encode() + b"~odd,1,\xff\xfe,1,1,2024-05-01\n")
    assert run["status"] == "SUCCEEDED", run.get("reason")
    assert run["counts"]["counted"] == len(counted) + len(good)
    for merchant in ODD_MERCHANTS:
        assert pipeline.totals(merchant)["USD"]["net_sales"] == 1.5, merchant
    assert pipeline.totals("~odd") == {}
    rejects = Command(deployed).json("rejects", run["run_id"])["lines"]
    reasons = {reject["text"]: reject["reason"] for reject in rejects}
    assert len(rejects) == len(wrong) + 1
    for line, told in wrong.items():
        assert told in reasons[line], (line, reasons[line])
    first_wrong = 2 + len(counted) + 1  # one merchant has a line end inside
    assert rejects[0]["line"] == first_wrong
