"""The web server of the dashboard: on the loopback interface, for as long as the command runs."""

from __future__ import annotations

import errno
import secrets
from dataclasses import dataclass

from waitress.server import TcpWSGIServer, create_server

from cli.dashboard.application import application
from cli.deployment import Deployment
from cli.errors import CommandError

LOOPBACK = "127.0.0.1"
THREADS = 8
MOST_BODY_BYTES = 16_384
"""A form of the dashboard has one short field."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A server that has its port."""

    server: TcpWSGIServer
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
    hosts: set[str] = set()
    app = application(deployment, hosts=hosts, token=secrets.token_urlsafe(32))
    try:
        server = create_server(
            app, host=LOOPBACK, port=port, threads=THREADS, ident=None, max_request_body_size=MOST_BODY_BYTES
        )
    except OSError as e:
        raise CommandError(_refusal(e, port)) from e
    assert isinstance(server, TcpWSGIServer)  # it would be several for a name with several addresses
    assert server.socket is not None
    port = server.socket.getsockname()[1]
    hosts |= {f"{LOOPBACK}:{port}", f"localhost:{port}"}
    if port == 80:  # browsers leave it out
        hosts |= {LOOPBACK, "localhost"}
    return Listening(server=server, url=f"http://{LOOPBACK}:{port}/")


def _refusal(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of this computer is taken, perhaps by another dashboard: choose another with "
            "--port, or --port 0 for any free one."
        )
    return f"Port {port} can't be used ({error.strerror}): choose another with --port."
