"""Finds a port on loopback and holds it from the first moment on."""

import socket

from local.errors import LocalEngineError

TRIES = 200


def listening_socket(wanted: int | None, preferred: list[int]) -> socket.socket:
    """A listening socket: the wanted port (0: any) or an error; else the first free of the preferred
    ones and those after them.
    """
    if wanted is not None:
        try:
            return _bound(wanted)
        except OSError as error:
            raise LocalEngineError(
                f"Port {wanted} is taken ({error.strerror}). End what uses it, or leave the port out "
                "to get a free one."
            ) from error
    first = preferred[-1]
    for port in [*preferred, *range(first + 1, first + TRIES)]:
        try:
            return _bound(port)
        except OSError:
            continue
    raise LocalEngineError(f"No free port from {first} to {first + TRIES - 1}. Choose one with --port.")


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock
