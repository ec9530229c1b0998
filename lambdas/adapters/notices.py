"""The topic that people and their tools subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Messages to the subscribers of one topic."""

    client: SNSClient
    topic: str

    def publish(self, *, subject: str, message: str) -> str:
        """Send a message; its id."""
        return self.client.publish(TopicArn=self.topic, Subject=subject, Message=message)["MessageId"]
