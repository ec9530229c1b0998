"""The engine's front door: marks requests as HTTPS, and saves on demand.

The bootstrap bucket's policy refuses requests that didn't come over TLS. On loopback there is none, so
each request says that a proxy ended it, as behind a load balancer.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SAVE_PATH = "/_merchant_sales/save"
_FORWARDED = b"x-forwarded-proto"


def wrap(application: Application, *, save: Callable[[], bool]) -> Application:
    """The application with every request marked as HTTPS; `POST /_merchant_sales/save` calls `save`."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == SAVE_PATH and scope["method"] == "POST":
            await _answer(send, await asyncio.to_thread(save))
            return
        if scope["type"] in ("http", "websocket"):
            headers = [pair for pair in scope["headers"] if pair[0].lower() != _FORWARDED]
            scope = {**scope, "headers": [*headers, (_FORWARDED, b"https")]}
        await application(scope, receive, send)

    return front


async def _answer(send: Send, saved: bool) -> None:
    body = json.dumps({"saved": saved}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200 if saved else 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
