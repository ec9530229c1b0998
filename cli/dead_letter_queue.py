"""The queue of dead letters: SQS hides what was read for a while, and then gives it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.dead_letter import DeadLetter, read_letter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
"""As many letters as SQS takes and gives in one call."""
HIDDEN_SECONDS = 120
"""So long a letter that has been read is hidden from others who read the queue."""
MOST_LISTED = 1000
MOST_SECONDS = 60.0
"""Of reading a list: the rest of the time is for letting others see its letters again."""


@dataclass(frozen=True)
class DeadLetterQueue:
    """Some letters at a time."""

    sqs: SQSClient
    url: str

    def receive(self) -> list[DeadLetter]:
        """The next letters, hidden from others from now on; none where none is to be seen."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [read_letter(message) for message in answer.get("Messages", [])]

    def remove(self, letter: DeadLetter) -> None:
        """Take a letter out for good."""
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """Let others see these letters; those that were hidden long enough are seen already."""
        receipts = [letter.receipt for letter in letters]
        for first in range(0, len(receipts), AT_ONCE):
            entries: Any = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[first : first + AT_ONCE])
            ]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Letters, the oldest first; `whole` where these are all."""

    letters: Sequence[DeadLetter]
    whole: bool


def read_some(queue: DeadLetterQueue, *, clock: Callable[[], float]) -> Listed:
    """The letters of the queue, or as many as a list holds and can be read before the first come back."""
    letters: dict[str, DeadLetter] = {}
    until = clock() + MOST_SECONDS
    whole = False
    while len(letters) < MOST_LISTED and clock() < until:
        read = {letter.message_id: letter for letter in queue.receive()}
        whole = not read
        if read.keys() <= letters.keys():
            break
        letters |= read
    queue.release(letters.values())
    return Listed(letters=sorted(letters.values(), key=lambda letter: letter.sent_at), whole=whole)


def put_back(
    queue: DeadLetterQueue,
    deliver: Callable[[DeadLetter], bool],
    told: Callable[[DeadLetter, bool], None],
    *,
    only: Sequence[str] = (),
) -> bool:
    """Deliver letters as they are read, and take out each that was delivered; `told` learns of each.

    False where letters that stay came back before an end was seen: others may not have been read.
    """
    done: set[str] = set()
    stay: dict[str, DeadLetter] = {}
    while letters := queue.receive():
        fresh = False
        for letter in letters:
            name = letter.message_id
            if name in done:  # its removal came late
                queue.remove(letter)
                fresh = True
                continue
            fresh = fresh or name not in stay
            wanted = name not in stay and (not only or name in only)
            if wanted and deliver(letter):
                queue.remove(letter)
                done.add(name)
            else:
                stay[name] = letter
            if wanted:
                told(letter, name in done)
        if not fresh or _all_met(only, done, stay):
            break
    queue.release(stay.values())
    return not letters or _all_met(only, done, stay)


def _all_met(only: Sequence[str], done: Collection[str], stay: Collection[str]) -> bool:
    return bool(only) and all(name in done or name in stay for name in only)
