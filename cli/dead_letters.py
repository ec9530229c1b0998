"""`merchant-sales dead-letters`: events that could not be delivered, and delivering them again."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.dead_letter import DeadLetter, read_letter
from cli.deployment import Deployment, connect
from cli.printing import printable, say, show, show_json, table

app = typer.Typer()
HIDDEN_SECONDS = 120
"""So long a letter that has been read is hidden from others who read the queue."""


@app.callback(invoke_without_command=True)
def dead_letters(
    ctx: typer.Context, as_json: AsJson = False, local: Local = False, stack: StackName = None
) -> None:
    """List events that could not be delivered; `put-back` delivers them again."""
    ctx.obj = choices(ctx, as_json=as_json, local=local, stack=stack)
    if ctx.invoked_subcommand:
        return
    deployment = connect(ctx.obj)
    letters = receive(deployment)
    for letter in letters:
        deployment.sqs.change_message_visibility(
            QueueUrl=deployment.dead_letter_queue, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )
    if ctx.obj.as_json:
        show_json([letter.to_json() for letter in letters])
        return
    if not letters:
        show("There are no dead letters.")
        return
    rows = [(one.sent_at, one.calls, one.about, one.error) for one in letters]
    show(table("since (UTC)", "for", "~about", "~error", rows=rows))
    show("When the cause has passed: `merchant-sales dead-letters put-back`.")


@app.command("put-back")
def put_back(
    ctx: typer.Context,
    message_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these (default: all).")
    ] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Deliver dead letters to where they were going, and take each out of the queue then.

    Exit code 1 where one could not be delivered; it stays.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    done: list[dict[str, Any]] = []
    for letter in receive(deployment):
        if message_ids and letter.message_id not in message_ids:
            continue
        done.append({**letter.to_json(), "delivered": _deliver(deployment, letter)})
    if chosen.as_json:
        show_json(done)
    else:
        for one in done:
            show(f"{printable(one['about'])}: {'delivered' if one['delivered'] else 'stays in the queue'}")
        show(f"{sum(one['delivered'] for one in done)} of {len(done)} dead letters delivered")
    if not all(one["delivered"] for one in done):
        raise typer.Exit(1)


def receive(deployment: Deployment) -> list[DeadLetter]:
    """All letters of the queue; each stays hidden from others for a while."""
    letters: dict[str, DeadLetter] = {}
    while True:
        answer = deployment.sqs.receive_message(
            QueueUrl=deployment.dead_letter_queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        new = [read_letter(message) for message in answer.get("Messages", [])]
        letters |= {letter.message_id: letter for letter in new}
        if not new:
            return sorted(letters.values(), key=lambda letter: letter.sent_at)


def _deliver(deployment: Deployment, letter: DeadLetter) -> bool:
    if letter.key is not None:
        deployment.looks.start(letter.key)
    elif letter.function:
        deployment.functions.invoke(
            FunctionName=letter.function, InvocationType="Event", Payload=json.dumps(letter.event).encode()
        )
    else:
        say(f"{letter.message_id}: nobody knows where this was going: {letter.body[:200]}", style="yellow")
        return False
    deployment.sqs.delete_message(QueueUrl=deployment.dead_letter_queue, ReceiptHandle=letter.receipt)
    return True
