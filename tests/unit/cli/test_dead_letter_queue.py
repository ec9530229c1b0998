"""Dead letters that were read come back after a while: neither listing nor putting back goes on for ever."""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from cli.dead_letter import DeadLetter
from cli.dead_letter_queue import (
    HIDDEN_SECONDS,
    MOST_LISTED,
    MOST_SECONDS,
    DeadLetterQueue,
    put_back,
    read_some,
)
from cli.dead_letters import not_all

SECONDS_OF_A_CALL = 0.1


class Queue:
    """SQS: a letter that was received is hidden for a while, and then there again with another receipt."""

    def __init__(self, letters: int) -> None:
        self.now, self.receipts, self.removed = 0.0, 0, list[str]()
        self.there = deque((f"m{number}", 0.0) for number in range(letters))
        self.held: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def receive_message(self, **request: Any) -> dict[str, Any]:
        """The next letters that aren't hidden."""
        self.now += SECONDS_OF_A_CALL
        while self.held:
            receipt, (name, until) = next(iter(self.held.items()))
            if until > self.now:
                break  # the others were received later
            del self.held[receipt]
            self.there.append((name, until))
        taken = [self.there.popleft()[0] for _ in range(min(10, len(self.there)))]
        return (
            {"Messages": [self._handed(name, request["VisibilityTimeout"]) for name in taken]}
            if taken
            else {}
        )

    def delete_message(self, **request: Any) -> None:
        """Take it out."""
        self.now += SECONDS_OF_A_CALL / 2
        name, _ = self.held.pop(request["ReceiptHandle"])
        self.removed.append(name)

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        """There again at once; SQS doesn't raise of a receipt that is too old, but says so."""
        failed = []
        for entry in request["Entries"]:
            held = self.held.pop(entry["ReceiptHandle"], None)
            if held is None:
                failed.append(entry["Id"])
            else:
                self.there.append((held[0], self.now))
        assert len(request["Entries"]) <= 10
        return {"Failed": failed}

    def _handed(self, name: str, seconds: float) -> dict[str, Any]:
        self.receipts += 1
        self.held[f"r{self.receipts}"] = (name, self.now + seconds)
        body = json.dumps({"key": f"{name}.csv"})
        return {"MessageId": name, "ReceiptHandle": f"r{self.receipts}", "Body": body}


def queue_of(letters: int) -> tuple[Queue, DeadLetterQueue]:
    made: Any = Queue(letters)
    return made, DeadLetterQueue(made, "url")


def all_put_back(
    queue: DeadLetterQueue, *, stays: Collection[str] = (), only: Sequence[str] = ()
) -> tuple[list[str], list[str], bool]:
    """What was delivered, what stays, and whether all was read."""
    delivered, stayed = list[str](), list[str]()

    def told(letter: DeadLetter, done: bool) -> None:
        (delivered if done else stayed).append(letter.message_id)

    complete = put_back(queue, lambda letter: letter.message_id not in stays, told, only=only)
    return delivered, stayed, complete


def test_many_letters_are_delivered_as_they_are_read_each_once() -> None:
    sqs, queue = queue_of(30_000)
    delivered, stayed, complete = all_put_back(queue)
    assert (len(delivered), len(set(delivered)), stayed, complete) == (30_000, 30_000, [], True)
    assert sqs.removed == delivered
    assert not sqs.held


def test_each_is_taken_out_right_after_its_delivery() -> None:
    sqs, queue = queue_of(25)

    def deliver(letter: DeadLetter) -> bool:
        if letter.message_id == "m17":
            raise ConnectionError
        return True

    with pytest.raises(ConnectionError):
        put_back(queue, deliver, lambda *_: None)
    assert sqs.removed == [f"m{number}" for number in range(17)]


def test_letters_that_cannot_be_delivered_stay_and_end_it() -> None:
    sqs, queue = queue_of(30_000)
    bad = {f"m{number}" for number in range(30_000)}
    _, stayed, complete = all_put_back(queue, stays=bad)
    assert len(stayed) == len(set(stayed))
    assert not complete
    assert not sqs.removed


def test_a_few_that_cannot_be_delivered_keep_none_of_the_others_back() -> None:
    sqs, queue = queue_of(5_000)
    bad = {f"m{number}" for number in range(0, 5_000, 9)}
    delivered, stayed, _ = all_put_back(queue, stays=bad)
    assert (set(stayed), len(delivered)) == (bad, 5_000 - len(bad))
    assert {name for name, _ in sqs.there} == bad  # and can be listed at once


def test_chosen_letters_are_found_among_others() -> None:
    sqs, queue = queue_of(500)
    assert all_put_back(queue, only=["m7", "m450"]) == (["m7", "m450"], [], True)
    assert sqs.removed == ["m7", "m450"]
    assert len(sqs.there) == 498


def test_a_letter_whose_removal_came_late_is_removed_and_not_delivered_again() -> None:
    sqs, queue = queue_of(30)
    sqs.there.appendleft(("m25", 0.0))
    delivered, _, _ = all_put_back(queue)
    assert (len(delivered), sqs.removed.count("m25")) == (30, 2)


def test_letters_whose_removal_came_late_hide_no_others() -> None:
    sqs, queue = queue_of(30)
    for number in range(10):
        sqs.there.insert(10 + number, (f"m{number}", 0.0))  # a batch of nothing else
    delivered, _, all_read = all_put_back(queue)
    assert (len(delivered), all_read) == (30, True)


def test_a_short_list_is_whole_and_its_letters_are_there_again() -> None:
    sqs, queue = queue_of(37)
    listed = read_some(queue, clock=lambda: sqs.now)
    assert (len(listed.letters), listed.whole) == (37, True)
    assert (len(sqs.there), dict(sqs.held)) == (37, {})


def test_a_long_list_ends_and_its_letters_are_there_again() -> None:
    sqs, queue = queue_of(30_000)
    listed = read_some(queue, clock=lambda: sqs.now)
    assert (len(listed.letters), listed.whole) == (MOST_LISTED, False)
    assert (len(sqs.there), dict(sqs.held)) == (30_000, {})
    told = not_all(listed)
    assert "These are 1,000 of the dead letters" in told
    assert (
        "`merchant-sales dead-letters put-back` delivers all of them; `merchant-sales sweep` looks at" in told
    )


def test_a_slow_list_ends_before_its_first_letters_come_back() -> None:
    sqs, queue = queue_of(200)
    steps = iter(range(0, 10_000, 20))
    listed = read_some(queue, clock=lambda: float(next(steps)))
    assert not listed.whole
    assert 0 < len(listed.letters) < 200
    assert MOST_SECONDS < HIDDEN_SECONDS
    assert len(sqs.there) == 200


def test_a_list_ends_where_somebody_elses_letters_come_back() -> None:
    sqs, queue = queue_of(20)
    sqs.there.extend([("m3", 0.0)] * 30)
    listed = read_some(queue, clock=lambda: sqs.now)
    assert (len(listed.letters), listed.whole) == (20, False)  # there may be others behind them


def test_an_empty_queue_has_no_letters() -> None:
    sqs, queue = queue_of(0)
    assert read_some(queue, clock=lambda: sqs.now).letters == []
    assert all_put_back(queue) == ([], [], True)
