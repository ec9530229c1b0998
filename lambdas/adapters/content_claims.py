"""Content claims: who counted some bytes first, so that their twin under another name carries a warning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.dynamodb import ConditionNotMetError, ConflictError, Item, get_item, put, transact
from lambdas.adapters.runs_table import RUNNING, RunsTable
from lambdas.domain.errors import RunError
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import content_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class ContentClaims:
    """The claims in the runs table."""

    client: DynamoDBClient
    table: str
    runs: RunsTable

    def claim(self, content_sha256: str, *, run_id: RunId, object_key: str) -> str | None:
        """Claim the content for a run's key; the other key whose counted file has it already, or None.

        A conditional write decides, so of two at the same moment one always learns of the other. A claim
        whose key holds other content by now is taken over.
        """
        mine: Item = {**content_item(content_sha256), "run_id": str(run_id), "object_key": object_key}
        for _ in range(ATTEMPTS):
            claim = get_item(self.client, self.table, content_item(content_sha256))
            if claim and claim["run_id"] == str(run_id):
                return None
            holder = RunId.parse(claim["run_id"]) if claim else None
            if claim and holder and holder.keyhash != run_id.keyhash and self._holds(holder, content_sha256):
                return str(claim["object_key"])
            try:
                transact(self.client, [self._put(mine, claim)])
            except (ConditionNotMetError, ConflictError):
                continue
            return None
        raise RunError(
            f"The content of {object_key!r} is claimed over and over by other files with the same bytes. "
            "Run the file again with `merchant-sales replay`."
        )

    def _holds(self, holder: RunId, content_sha256: str) -> bool:
        """Whether the claiming run may still count, or its key's counted run has the same content."""
        run = self.runs.run(holder)
        if run and run["status"] == RUNNING:
            return True
        fence = self.runs.key_state(holder.keyhash).fence
        counted = self.runs.run(RunId(holder.keyhash, fence)) if fence else None
        return counted is not None and counted.get("content_sha256") == content_sha256

    def _put(self, mine: Item, claim: Item | None) -> object:
        if claim is None:
            return put(self.table, mine, condition="attribute_not_exists(pk)")
        known = {":run_id": claim["run_id"]}
        return put(self.table, mine, condition="run_id = :run_id", values_of_condition=known)
