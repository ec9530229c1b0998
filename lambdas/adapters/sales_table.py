"""The sales table: contributions, and totals that are the sums of their contributions at every moment."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.adapters.dynamodb import (
    Backoff,
    ConditionNotMetError,
    ConflictError,
    Item,
    batch_get,
    put,
    transact,
    update,
)
from lambdas.adapters.runs_table import iso
from lambdas.domain.errors import RunError
from lambdas.domain.ledger import (
    Amounts,
    Contribution,
    MerchantCurrency,
    StoredContribution,
    files_counted,
    needs_commit,
)
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import contribution_item, leaderboard_of, total_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 50
"""Contributions in one transaction: with their totals 100 actions, DynamoDB's limit."""
BATCH_MONTHS = 10_000
"""Months in one transaction: at about 150 bytes each, well below DynamoDB's limit of 4 MB."""
TO_STOP_SECONDS = 90.0
"""What is left of a call's time when its last transaction begins, with all the retries of its client."""
ATTEMPTS = 30
NOTHING = Amounts()


@dataclass(frozen=True, kw_only=True)
class Commit:
    """Whose contributions are put: the run, the key it is of, and the moment that totals show.

    `resumed`: an earlier attempt may have put some of them, so what is there is read first. `check_time` is
    called before each transaction, and may raise TimeIsUpError.
    """

    run_id: RunId
    object_key: str
    now: datetime
    resumed: bool = False
    check_time: Callable[[], None] = lambda: None


@dataclass(frozen=True, kw_only=True)
class SalesTable:
    """The sales table; `backoff` spreads the attempts of workers that meet at one merchant."""

    client: DynamoDBClient
    table: str
    backoff: Backoff

    def commit(self, contributions: Iterable[Contribution], commit: Commit) -> int:
        """Put a run's contributions and move the totals by the differences; answers how many were put.

        What a newer revision has put stays, and what this run has put already isn't put again. Other writers
        and a table that is too busy are waited for. Raises RunError where what is stored keeps changing.
        """
        return sum(self._commit_batch(batch, commit) for batch in _batches(contributions))

    def _commit_batch(self, batch: list[Contribution], commit: Commit) -> int:
        waiting = [(batch, 0)]
        count = busy = 0
        # A key's first run finds nothing of its own in the table: the condition says so if that is wrong.
        read = commit.resumed or commit.run_id.revision > 1
        while waiting:
            commit.check_time()
            part, attempt = waiting.pop()
            if attempt > ATTEMPTS:
                raise _gave_up(part)
            stored = self._stored(part, commit) if read or attempt or busy else {}
            part = [c for c in part if needs_commit(stored.get(c.about), revision=commit.run_id.revision)]
            try:
                if part:
                    actions = [self._actions(c, stored.get(c.about), commit) for c in part]
                    transact(self.client, list(itertools.chain.from_iterable(actions)))
                    count += len(part)
            except ConditionNotMetError:
                waiting.append((part, attempt + 1))
            except ConflictError as e:
                self.backoff.wait(busy, str(e))
                busy += 1
                waiting += [(piece, attempt) for piece in _halves(part)]
        return count

    def _stored(
        self, contributions: Sequence[Contribution], commit: Commit
    ) -> dict[MerchantCurrency, StoredContribution]:
        keys = [contribution_item(c.about, commit.run_id.keyhash) for c in contributions]
        about_by_key = {_sort(key): c.about for key, c in zip(keys, contributions, strict=True)}
        return {
            about_by_key[_sort(item)]: StoredContribution(
                revision=int(item["revision"]), amounts=Amounts.of(item)
            )
            for item in batch_get(
                self.client, self.table, keys, backoff=self.backoff, check_time=commit.check_time
            )
        }

    def _actions(
        self, contribution: Contribution, stored: StoredContribution | None, commit: Commit
    ) -> list[object]:
        about, amounts = contribution.about, contribution.amounts
        values = contribution_item(about, commit.run_id.keyhash) | vars(amounts)
        values |= {
            "object_key": commit.object_key,
            "revision": commit.run_id.revision,
            "run_id": str(commit.run_id),
            "first_order_at": contribution.first_order_at,
            "last_order_at": contribution.last_order_at,
            "months": {month: vars(sums) for month, sums in contribution.months.items()},
        }
        actions = [
            put(
                self.table,
                values,
                condition="revision = :read",
                values_of_condition={":read": stored.revision},
            )
            if stored
            else put(self.table, values, condition="attribute_not_exists(pk)")
        ]
        before = stored.amounts if stored else NOTHING
        if amounts != before:
            difference = dict(vars(amounts - before))
            difference["files"] = files_counted(amounts) - files_counted(before)
            actions.append(
                update(
                    self.table,
                    total_item(about),
                    set_values=_total_values(about, commit),
                    add_values=difference,
                )
            )
        return actions


def _batches(contributions: Iterable[Contribution]) -> Iterator[list[Contribution]]:
    batch: list[Contribution] = []
    months = 0
    for contribution in contributions:
        if len(batch) == BATCH or (batch and months + len(contribution.months) > BATCH_MONTHS):
            yield batch
            batch, months = [], 0
        batch.append(contribution)
        months += len(contribution.months)
    if batch:
        yield batch


def _halves(part: list[Contribution]) -> list[list[Contribution]]:
    half = (len(part) + 1) // 2
    return [piece for piece in (part[:half], part[half:]) if piece]


def _total_values(about: MerchantCurrency, commit: Commit) -> Item:
    return {
        "merchant_id": about.merchant_id,
        "currency": about.currency,
        "leaderboard": leaderboard_of(about),
        "updated_at": iso(commit.now),
    }


def _sort(item: Item) -> tuple[str, str]:
    return item["pk"], item["sk"]


def _gave_up(part: Sequence[Contribution]) -> RunError:
    return RunError(
        f"The sales of merchant {part[0].about.merchant_id!r} could not be written in {ATTEMPTS} "
        "attempts, because other runs of the file keep writing them. Every total is still the sum of its "
        "contributions; run the file again with `merchant-sales replay`."
    )
