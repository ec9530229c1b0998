"""What the adapters make of settings, of S3's refusals, and of large batches."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lambdas.adapters.s3 import is_conflict, is_missing, is_there_already
from lambdas.adapters.sales_table import BATCH, BATCH_MONTHS, _batches
from lambdas.adapters.scratch import scratch_database
from lambdas.adapters.settings import Settings, SettingsError
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


def test_only_a_failed_precondition_means_that_the_object_is_there() -> None:
    assert is_there_already(refusal("PreconditionFailed"))
    # Another writer at the same moment: nobody knows yet whether the object will be there.
    assert not is_there_already(refusal("ConditionalRequestConflict"))
    assert is_conflict(refusal("ConditionalRequestConflict"))
    assert not is_conflict(refusal("PreconditionFailed"))
    assert [is_missing(refusal(code)) for code in ("404", "NoSuchKey", "NoSuchVersion", "AccessDenied")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "The variable RUNS_TABLE is not set"),
        ({"RUNS_TABLE": "runs", "PARTITION_BYTES": "many"}, "PARTITION_BYTES is 'many'"),
        ({"RUNS_TABLE": "runs", "PARTITION_BYTES": "0"}, "PARTITION_BYTES is '0'"),
    ],
)
def test_a_wrong_variable_is_told_when_it_is_asked_for(variables: dict[str, str], told: str) -> None:
    settings = Settings(variables)
    with pytest.raises(SettingsError, match=told):
        _ = (settings.runs_table, settings.limits)


def test_a_function_takes_its_share_of_memory_and_processors() -> None:
    settings = Settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008"})
    assert settings.threads == 2
    assert 1_800_000_000 < settings.database_memory_bytes < 1_950_000_000


def test_a_job_says_what_memory_and_processors_it_has() -> None:
    settings = Settings({"JOB_MEMORY_MB": "16384", "JOB_VCPUS": "4", "AWS_BATCH_JOB_ID": "job:3"})
    assert settings.threads == 4
    assert 10_200_000_000 < settings.database_memory_bytes < 10_400_000_000
    assert settings.environment_name == "job:3"


def test_what_a_killed_call_left_behind_is_gone_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings = Settings(
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024", "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[1]abc"}
    )
    with scratch_database(settings) as (folder, _):
        (folder / "left behind").write_bytes(b"x")
        with scratch_database(settings) as (again, _):
            assert again == folder
            assert not (again / "left behind").exists()
    assert list(tmp_path.iterdir()) == []


def test_batches_stay_below_the_limits_of_a_transaction() -> None:
    def contribution(number: int, months: int) -> Contribution:
        sums = {f"{1970 + month // 12}-{month % 12 + 1:02d}": Amounts(lines=1) for month in range(months)}
        return Contribution(about=MerchantCurrency(str(number), "USD"), months=sums)

    small = [contribution(number, 1) for number in range(2 * BATCH + 1)]
    assert [len(batch) for batch in _batches(small)] == [BATCH, BATCH, 1]
    large = [contribution(number, 1_500) for number in range(20)]
    batches = list(_batches(large))
    assert sum(len(batch) for batch in batches) == 20
    assert max(sum(len(c.months) for c in batch) for batch in batches) <= BATCH_MONTHS
    assert list(_batches([])) == []
