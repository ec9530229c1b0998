"""What the orders bucket holds of a key, where no run has taken it: its event may be lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from cli.deployment import Deployment
from cli.formats import FORMATS
from cli.printing import moment
from cli.suggested import shell_word
from lambdas.adapters.runs_table import iso
from lambdas.domain.errors import OrderFileError, OrderFormatError
from lambdas.domain.look import next_revision
from lambdas.domain.order_file import OrderFile, key_hash
from lambdas.domain.order_format import load_order_formats


@dataclass(frozen=True, kw_only=True)
class Untaken:
    """What a key holds now and no run has taken; `since` is None where it holds nothing any more."""

    present: OrderFile
    since: datetime | None

    @property
    def since_words(self) -> str:
        """Since when, for people."""
        return f"{moment(iso(self.since.astimezone(UTC)))} UTC" if self.since else "now"

    @property
    def words(self) -> str:
        """What is to be done about a key that has had runs."""
        key = shell_word(self.present.key)
        what = f"a newer version ({self.present.version_id}, since {self.since_words}) that no run has taken"
        if self.present.deleted:
            what = "nothing of this key any more, and no run has taken its sales back"
        return (
            f"the bucket holds {what} yet: `merchant-sales replay {key}` takes it, `merchant-sales sweep` "
            "all there are"
        )


def untaken(deployment: Deployment, key: str) -> Untaken | None:
    """What a look at the key would start a run of; None where nothing is to be done."""
    if not key or key.endswith("/"):
        return None  # such keys are never looked at
    present = deployment.order_files.present(key)
    known = deployment.runs.key_state(key_hash(deployment.orders_bucket, key))
    if next_revision(known, present, replay=False, formats=load_order_formats(FORMATS)) is None:
        return None
    return Untaken(present=present, since=None if present.deleted else _since(deployment, present))


def told_of_untaken(deployment: Deployment, key: str) -> tuple[Untaken | None, str]:
    """What no run has taken, and the remark on it; the remark alone where the bucket doesn't answer."""
    try:
        found = untaken(deployment, key)
    except ClientError as e:
        code = e.response.get("Error", {}).get("Code", "")
        return None, f"whether the bucket holds a newer version is not known: S3 refused to say ({code})"
    except (OrderFileError, OrderFormatError) as e:
        return None, f"whether the bucket holds a newer version is not known: {e}"
    return found, found.words if found else ""


def _since(deployment: Deployment, present: OrderFile) -> datetime:
    head = deployment.s3.head_object(Bucket=present.bucket, Key=present.key, VersionId=present.version_id)
    return head["LastModified"]
