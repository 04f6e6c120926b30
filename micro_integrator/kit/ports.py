"""Ports that listen: bound here, so that every listener says the same when one is taken."""

import asyncio
import errno
import socket

from micro_integrator.kit.errors import MicroIntegratorError


class ListenError(MicroIntegratorError):
    """A port cannot be opened; the text names the setting to change."""


class PortInUse(ListenError):
    """Another program listens on the port."""

    def __init__(self, key: str, host: str, port: int, offset: int) -> None:
        super().__init__(
            f"{key}: {host}:{port} is already in use; change the key in conf/deployment.toml, "
            f"or start with: bin/micro-integrator.sh run -DportOffset={offset + 10}"
        )


async def bound_socket(key: str, host: str, port: int, *, offset: int, backlog: int) -> socket.socket:
    """Return a listening socket. Raises ListenError.

    `key` names the setting in its text and `offset`, that of the server, is for its advice; `backlog` clients may wait
    to be taken in.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ListenError(f"{key}: the address to bind to, '{host}', is none: {error.strerror}") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
        opened.bind(address)
        opened.listen(backlog)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(key, host, port, offset) from error
        raise ListenError(f"{key}: {host}:{port} cannot be opened: {error.strerror}") from error
    return opened
