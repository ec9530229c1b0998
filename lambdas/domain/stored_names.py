"""The keys of items and the names of objects: the data model that functions, command and tests share."""

from __future__ import annotations

from lambdas.domain.ledger import MerchantCurrency
from lambdas.domain.order_file import RunId
from lambdas.domain.partitions import HashRange, merchant_hash
from lambdas.domain.plan import Split

ItemKey = dict[str, str]
"""The partition key `pk` and sort key `sk` of an item."""

PARTS = 16
"""How many parts an index has that would else take every write in one place."""

KEY = "KEY"
TOTAL = "TOTAL#"
CONTRIBUTION = "FILE#"
"""How the sort keys of key items, totals and contributions are or begin."""


def key_item(keyhash: str) -> ItemKey:
    """Runs table: what is known of a key of the orders bucket."""
    return {"pk": f"FILE#{keyhash}", "sk": KEY}


def orders_bucket_item() -> ItemKey:
    """Runs table: the orders bucket whose files are counted."""
    return {"pk": "ORDERS_BUCKET", "sk": "ORDERS_BUCKET"}


def sweep_item() -> ItemKey:
    """Runs table: how far the scheduled sweeps are."""
    return {"pk": "SWEEP", "sk": "SWEEP"}


def run_item(run_id: RunId) -> ItemKey:
    """Runs table: a run."""
    return {"pk": f"FILE#{run_id.keyhash}", "sk": f"RUN#{run_id.revision:08d}"}


def look_item(execution: str) -> ItemKey:
    """Runs table: the outcome of an execution's look, by the name in the execution's ARN."""
    return {"pk": f"LOOK#{execution.rsplit(':', 1)[-1]}", "sk": "LOOK"}


def content_item(content_sha256: str) -> ItemKey:
    """Runs table: the run that claimed some bytes first."""
    return {"pk": f"CONTENT#{content_sha256}", "sk": "CONTENT"}


def listing(part: int) -> str:
    """Runs table, index runs_by_start: a part of the list of runs."""
    return f"RUNS#{part}"


def listing_of(keyhash: str) -> str:
    """The part of the list in which a key's runs stand."""
    return listing(int(keyhash[:8], 16) % PARTS)


def merchant_key(merchant_id: str) -> str:
    """Sales table: the partition key of all items of a merchant."""
    return f"MERCHANT#{merchant_id}"


def contribution_item(about: MerchantCurrency, keyhash: str) -> ItemKey:
    """Sales table: what one order file says about a merchant and currency."""
    return {"pk": merchant_key(about.merchant_id), "sk": f"{CONTRIBUTION}{about.currency}#{keyhash}"}


def total_item(about: MerchantCurrency) -> ItemKey:
    """Sales table: the sum of a merchant's contributions in a currency."""
    return {"pk": merchant_key(about.merchant_id), "sk": f"{TOTAL}{about.currency}"}


def leaderboard(currency: str, part: int) -> str:
    """Sales table, index leaderboard: a part of the list of totals by net sales."""
    return f"TOP#{currency}#{part}"


def leaderboard_of(about: MerchantCurrency) -> str:
    """The part of the list in which a total stands."""
    return leaderboard(about.currency, merchant_hash(about.merchant_id) % PARTS)


def plan_object(run_id: str) -> str:
    """Work bucket: the plan of a run."""
    return f"runs/{run_id}/plan.json"


def splits_object(run_id: str, *, begin_inside: bool = False) -> str:
    """Work bucket: the list of splits to shard, or of those to shard again that begin inside quotes."""
    return f"runs/{run_id}/{'splits-inside' if begin_inside else 'splits'}.jsonl"


def shards_folder(run_id: str) -> str:
    """Work bucket: where a run's shards are."""
    return f"runs/{run_id}/shards/"


def shards_object(run_id: str, split: Split, *, begins_inside: bool = False) -> str:
    """Work bucket: the frames of a split and their index, as it is read from outside or inside of quotes."""
    return f"{shards_folder(run_id)}{split.name}{_inside(begins_inside)}.frames"


def frames_object(run_id: str) -> str:
    """Work bucket: where the frames of each partition are, for a run of several splits."""
    return f"runs/{run_id}/frames.list"


def partitions_object(run_id: str) -> str:
    """Work bucket: the list of partitions that the fan-out reads."""
    return f"runs/{run_id}/partitions.jsonl"


def job_failures(run_id: str, job_id: str) -> str:
    """Work bucket: how the names of a Batch job's failure, and of those of an array's children, begin."""
    return f"runs/{run_id}/failures/{job_id}"


def job_failure_object(run_id: str, job_id: str) -> str:
    """Work bucket: why a Batch job failed."""
    return f"{job_failures(run_id, job_id)}.json"


def rejects_folder(run_id: str) -> str:
    """Work bucket: where a run's rejects are."""
    return f"rejects/{run_id}/"


def rejects_object(run_id: str, split: Split, *, begins_inside: bool = False) -> str:
    """Work bucket: the rejects of a split."""
    return f"{rejects_folder(run_id)}{split.name}{_inside(begins_inside)}.jsonl"


def places_object(run_id: str) -> str:
    """Work bucket: which rejects objects of a run of several splits hold, and where their lines begin."""
    return f"{rejects_folder(run_id)}places.json"


def results_folder(run_id: str) -> str:
    """Work bucket: where a run's results and done marks are."""
    return f"sales/{run_id}/"


RESULTS, DONE = ".parquet", ".done.json"
"""How the names of results and of done marks end."""


def results_object(run_id: str, part: HashRange) -> str:
    """Work bucket: the results of a partition."""
    return f"{results_folder(run_id)}{part.name}{RESULTS}"


def done_object(run_id: str, part: HashRange) -> str:
    """Work bucket: the mark that a partition is done, with its counts."""
    return f"{results_folder(run_id)}{part.name}{DONE}"


def _inside(begins_inside: bool) -> str:
    return ".inside" if begins_inside else ""
