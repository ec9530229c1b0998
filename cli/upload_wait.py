"""Sends files to the orders bucket and follows them until each has settled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cli.deployment import Deployment
from cli.errors import CommandError, sentence
from cli.printing import say
from cli.reading_runs import key_items, run_items
from cli.run_progress import RunWatch
from cli.standstill import Standstill, finished
from cli.upload_display import Display
from cli.upload_progress import Stage, Upload, covers, pause_seconds
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import RUNNING
from lambdas.domain.order_file import RunId

FILES_AT_ONCE = 8
RUNS_WATCHED = 8
"""So many runs at once are looked at closely: that takes a listing each."""
WATCHED = {Stage.SHARDING, Stage.COMPUTING, Stage.SETTLING}


@dataclass(frozen=True, kw_only=True)
class UploadWait:
    """What sending and following needs."""

    deployment: Deployment
    display: Display
    limit_seconds: float
    watches: dict[str, RunWatch] = field(default_factory=dict)

    def send(self, uploads: Sequence[Upload]) -> None:
        """Send the files, some at once; raises CommandError when one can't be sent."""
        with ThreadPoolExecutor(FILES_AT_ONCE) as senders:
            sending = [senders.submit(self._send, upload) for upload in uploads]
            while any(not one.done() for one in sending):
                self._stop_at_error(sending, uploads)
                self.display.show(uploads)
                time.sleep(0.1)
            self._stop_at_error(sending, uploads)
        self.display.show(uploads)

    def follow(self, uploads: Sequence[Upload]) -> None:
        """Wait until all have settled, or the time limit is over."""
        began = time.monotonic()
        standstill = Standstill()
        while True:
            self._look([upload for upload in uploads if not upload.settled])
            self.display.show(uploads)
            waited = time.monotonic() - began
            seen = [(upload.stage, finished(upload.progress)) for upload in uploads]
            if told := standstill.told(seen, waited):
                say(told, style="yellow")
            if all(upload.settled for upload in uploads) or waited > self.limit_seconds:
                return
            time.sleep(pause_seconds(waited, local=self.deployment.local))

    def _send(self, upload: Upload) -> None:
        def sent(count: int) -> None:
            upload.sent_bytes += count

        bucket = self.deployment.orders_bucket
        self.deployment.s3.upload_file(str(upload.path), bucket, upload.key, Callback=sent)
        upload.version_id = self.deployment.order_files.present(upload.key).version_id

    def _stop_at_error(self, sending: list[Future[None]], uploads: Sequence[Upload]) -> None:
        for one, upload in zip(sending, uploads, strict=True):
            error = one.exception() if one.done() and not one.cancelled() else None
            if error is None:
                continue
            for other in sending:
                other.cancel()
            told = sentence(error)
            if told is None:
                raise error
            there = sum(one.version_id is not None for one in uploads)
            raise CommandError(
                f"{upload.path} could not be uploaded: {told} {there} of {len(uploads)} files are there "
                "and are processed; upload the others again."
            ) from error

    def _look(self, waiting: Sequence[Upload]) -> None:
        """Bring what is known up to date: two reads for up to 100 files."""
        client, table = self.deployment.dynamodb, self.deployment.runs_table
        keys = key_items(client, table, (upload.keyhash for upload in waiting))
        known = [(upload, keys.get(upload.keyhash, {})) for upload in waiting]
        started = [(upload, item) for upload, item in known if self._concerns(upload, item)]
        runs = run_items(client, table, (RunId(u.keyhash, int(item["revision"])) for u, item in started))
        for upload, item in started:
            upload.run = runs.get(str(RunId(upload.keyhash, int(item["revision"]))))
            upload.settled = upload.run is not None and upload.run["status"] != RUNNING
        for upload, item in known:
            failed_at = item.get("last_look_error_at")
            if upload.run is None and failed_at and failed_at != upload.before.get("last_look_error_at"):
                upload.look_error, upload.settled = item["last_look_error"], True
        self._look_closer(upload for upload in waiting if not upload.settled)

    def _concerns(self, upload: Upload, item: Item) -> bool:
        """Whether the key's newest revision is of what was uploaded, or of what came after."""
        newer = int(item.get("revision", 0)) > int(upload.before.get("revision", 0))
        if not newer or upload.version_id is None:
            return False
        present = upload.version_id
        if item.get("version_id") != upload.version_id:
            present = self.deployment.order_files.present(upload.key).version_id
        return covers(item, version_id=upload.version_id, present_version_id=present)

    def _look_closer(self, uploads: Iterable[Upload]) -> None:
        running = [upload for upload in uploads if upload.run and upload.stage in WATCHED]
        for upload in running[:RUNS_WATCHED]:
            run: Item = upload.run or {}
            name = str(run["run_id"])
            watch = self.watches.setdefault(name, RunWatch(deployment=self.deployment, run_id=name))
            upload.progress = watch.look(run, datetime.now(UTC))
