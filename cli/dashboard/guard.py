"""Who is answered: only pages of this very server; no page elsewhere can read or start anything."""

from __future__ import annotations

import hmac
from collections.abc import Collection

from flask import Flask, Response, abort, request

TOKEN_FIELD = "token"
READING = {"GET", "HEAD"}
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: a browser then sends `Origin: null` with a form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def guard(app: Flask, *, hosts: Collection[str], token: str) -> None:
    """Check every request, and harden every answer, of an application.

    `hosts` are the names and ports that it answers to: under any other name it may be reached through
    another site's DNS. `token` is known to its own forms only.
    """

    @app.before_request
    def check() -> None:
        if request.host not in hosts:
            abort(403, f"The dashboard answers only to {' and '.join(sorted(hosts))}: open it there.")
        own = {f"http://{host}" for host in hosts}
        origin = request.headers.get("Origin")
        if origin is not None and origin not in own:
            abort(403, "Another web site asked for this: open the dashboard itself.")
        if request.method in READING:
            # A link to here is fine; an image, a frame or a script elsewhere that points to here is not.
            fetched = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
            if fetched and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
                abort(403, "Another web site asked for this: open the dashboard itself.")
            return
        given = request.form.get(TOKEN_FIELD, "")
        if origin is None or not hmac.compare_digest(given.encode(), token.encode()):
            abort(
                403,
                "This form is not of the dashboard that runs now, which may have been started anew: go back, "
                "reload the page, and confirm again.",
            )

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.context_processor
    def fields() -> dict[str, str]:
        return {"token_field": TOKEN_FIELD, "token": token}
