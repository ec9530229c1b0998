"""The web server of the dashboard: on the loopback interface, for as long as the command runs."""

from __future__ import annotations

import errno
import secrets
import socket
from dataclasses import dataclass

from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from cli.dashboard.application import application
from cli.deployment import Deployment
from cli.errors import CommandError

LOOPBACK = "127.0.0.1"
THREADS = 8
HTTP_PORT = 80
MOST_BODY_BYTES = 16_384
"""A form of the dashboard has one short field."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A server that has its port."""

    server: MultiSocketServer | BaseWSGIServer
    url: str

    def serve(self) -> None:
        """Answer until the process is interrupted."""
        try:
            self.server.run()
        finally:
            self.server.close()


def listen(deployment: Deployment, port: int) -> Listening:
    """Take the port, 0 for any free one; raises CommandError where another program has it."""
    # Made here because a session must not make clients in several threads at once.
    _ = (deployment.dynamodb, deployment.s3, deployment.stepfunctions)
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((LOOPBACK, port))
    except OSError as e:
        taken.close()
        raise CommandError(_refusal(e, port)) from e
    port = taken.getsockname()[1]
    app = application(deployment, hosts=hosts_of(port), token=secrets.token_urlsafe(32))
    server = create_server(
        app, sockets=[taken], threads=THREADS, ident=None, max_request_body_size=MOST_BODY_BYTES
    )
    return Listening(server=server, url=f"http://{LOOPBACK}:{port}/")


def hosts_of(port: int) -> set[str]:
    """The names, with the port, under which browsers on this computer ask for the dashboard."""
    names = {LOOPBACK, "localhost"}
    # Browsers leave out the port that is HTTP's own.
    return {f"{name}:{port}" for name in names} | (names if port == HTTP_PORT else set())


def _refusal(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of this computer is taken, perhaps by another dashboard: choose another with "
            "--port, or --port 0 for any free one."
        )
    return f"Port {port} can't be used ({error.strerror}): choose another with --port."
