"""The engine's front door: marks requests as HTTPS, saves on demand, and gives jobs their roles.

The bootstrap bucket's policy refuses requests that didn't come over TLS. On loopback there is none, so
each request says that a proxy ended it, as behind a load balancer.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local.inside.job_credentials import PATH as CREDENTIALS_PATH

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SAVE_PATH = "/_merchant_sales/save"
_FORWARDED = b"x-forwarded-proto"


def wrap(
    application: Application,
    *,
    save: Callable[[], bool],
    job_credentials: Callable[[str], dict[str, str] | None],
) -> Application:
    """The application with every request marked as HTTPS; `POST /_merchant_sales/save` calls `save`.

    What a job's process asks for is answered by `job_credentials`, which takes its secret.
    """

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == SAVE_PATH and scope["method"] == "POST":
            saved = await asyncio.to_thread(save)
            await _answer(send, 200 if saved else 500, {"saved": saved})
            return
        if scope["type"] == "http" and scope["path"].startswith(CREDENTIALS_PATH):
            found = job_credentials(scope["path"].removeprefix(CREDENTIALS_PATH))
            await _answer(send, 200 if found else 404, found or {"message": "no such job runs"})
            return
        if scope["type"] in ("http", "websocket"):
            headers = [pair for pair in scope["headers"] if pair[0].lower() != _FORWARDED]
            scope = {**scope, "headers": [*headers, (_FORWARDED, b"https")]}
        await application(scope, receive, send)

    return front


async def _answer(send: Send, status: int, values: object) -> None:
    body = json.dumps(values).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
