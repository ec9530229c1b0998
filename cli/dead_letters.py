"""`merchant-sales dead-letters`: events that could not be delivered, and delivering them again."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Annotated, Any

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.dead_letter import DeadLetter
from cli.dead_letter_queue import DeadLetterQueue, Listed, put_back, read_some
from cli.deployment import Deployment, connect
from cli.printing import printable, say, show, show_json, table

app = typer.Typer()
MANY = "`merchant-sales sweep` looks at every changed key at once, however many letters there are"


@app.callback(invoke_without_command=True)
def dead_letters(
    ctx: typer.Context, as_json: AsJson = False, local: Local = False, stack: StackName = None
) -> None:
    """List events that could not be delivered, at most 1,000; `put-back` delivers them again.

    With --json: [{message_id, since, calls, about, error, event}, …], the oldest first.
    """
    ctx.obj = choices(ctx, as_json=as_json, local=local, stack=stack)
    if ctx.invoked_subcommand:
        return
    listed = read_some(_queue(connect(ctx.obj)), clock=time.monotonic)
    if not listed.whole:
        say(not_all(listed), style="yellow")
    if ctx.obj.as_json:
        show_json([letter.to_json() for letter in listed.letters])
        return
    if not listed.letters:
        show("There are no dead letters.")
        return
    rows = [(one.sent_at, one.calls, one.about, one.error) for one in listed.letters]
    show(table("since (UTC)", "for", "~about", "~error", rows=rows))
    show("When the cause has passed: `merchant-sales dead-letters put-back`.")


@app.command("put-back")
def put_back_letters(
    ctx: typer.Context,
    message_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these (default: all).")
    ] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Deliver dead letters to where they were going, and take each out of the queue then.

    Exit code 1 where one could not be delivered; it stays. With --json: what the list has of each, and
    `delivered`: true or false.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    counts: Counter[bool] = Counter()
    done: list[dict[str, Any]] = []

    def told(letter: DeadLetter, delivered: bool) -> None:
        counts[delivered] += 1
        if chosen.as_json:
            done.append({**letter.to_json(), "delivered": delivered})
        else:
            show(f"{printable(letter.about)}: {'delivered' if delivered else 'stays in the queue'}")

    whole = put_back(
        _queue(deployment), lambda letter: _deliver(deployment, letter), told, only=message_ids or ()
    )
    if chosen.as_json:
        show_json(done)
    else:
        show(f"{counts[True]} of {counts.total()} dead letters delivered")
    if not whole:
        say(
            "Letters that stay came back before all were read, so others may not have been delivered. Mend "
            f"what keeps them back and put back again; {MANY}.",
            style="yellow",
        )
    if counts[False] or not whole:
        raise typer.Exit(1)


def not_all(listed: Listed) -> str:
    """What a list says that isn't whole."""
    return (
        f"These are {len(listed.letters):,} of the dead letters: there are more, or others are reading them. "
        f"`merchant-sales dead-letters put-back` delivers all of them; {MANY}."
    )


def _queue(deployment: Deployment) -> DeadLetterQueue:
    return DeadLetterQueue(deployment.sqs, deployment.dead_letter_queue)


def _deliver(deployment: Deployment, letter: DeadLetter) -> bool:
    """Call what the letter names, if letters of that come here: whoever can send some calls nothing else."""
    if letter.key is not None:
        deployment.looks.start(letter.key)
        return True
    if letter.function and letter.calls in deployment.functions_with_letters:
        deployment.functions.invoke(
            FunctionName=letter.calls, InvocationType="Event", Payload=json.dumps(letter.event).encode()
        )
        return True
    why = "nobody knows where this was going"
    if letter.function:
        why = f"it was going to {letter.function}, of which the stack {deployment.stack} has no letters"
    say(printable(f"{letter.message_id}: {why}: {letter.body[:200]}"), style="yellow")
    return False
