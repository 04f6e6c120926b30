"""One open port: takes clients in while there is room for them; the others wait where the kernel keeps them."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable

from micro_integrator.observability import get_logger
from micro_integrator.transports.http.server.addresses import host_of
from micro_integrator.transports.http.server.connection import ServerConnection
from micro_integrator.transports.http.server.door import Door
from micro_integrator.transports.http.server.terms import Terms
from micro_integrator.transports.server_tls import ServerTls

BACKLOG = 4096
"""Clients that wait to be taken in; the kernel may keep fewer."""
AT_A_TIME = 64
"""Clients taken in before others get their turn."""
ADMISSION = 0.1
"""Seconds that clients in the middle of being let in get when the port closes."""
RESPITE = 1.0
"""Seconds until clients are taken in again when this process could open no further file."""

_SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

ConnectionMaker = Callable[[Terms, Door], ServerConnection]

log = get_logger("SourceHandler")


class Capacity:
    """How many clients may be here at once, over all ports."""

    def __init__(self, most: int | None) -> None:
        self._most, self._taken = most, 0
        self.ports: list[ListeningPort] = []
        """Those that pause while there is no room."""

    @property
    def is_full(self) -> bool:
        """Whether nobody else can be taken in."""
        return self._most is not None and self._taken >= self._most

    def enter(self) -> None:
        """Count a client."""
        self._taken += 1

    def left(self) -> None:
        """A client has gone: there is room, and a file less is open."""
        self._taken -= 1
        for port in self.ports:
            port.resume()


class ListeningPort:
    """Accepts on a socket; pauses when there is no room, or when no further file can be opened."""

    def __init__(
        self,
        opened: socket.socket,
        terms: Terms,
        capacity: Capacity,
        *,
        server: str,
        tls: ServerTls | None = None,
        make: ConnectionMaker = ServerConnection,
    ) -> None:
        """Remember: `server` is the name of this node; with `tls` the port speaks HTTPS."""
        port = opened.getsockname()[1]
        self.door = Door("https" if tls else "http", server, int(port), capacity.left)
        self._socket, self._terms, self._capacity, self._tls = opened, terms, capacity, tls
        self._make = make
        self._is_accepting = self._is_closed = False
        self._admitting: set[asyncio.Task[None]] = set()

    @property
    def is_admitting(self) -> bool:
        """Whether somebody has been accepted who is not served yet."""
        return bool(self._admitting)

    def open(self) -> None:
        """Begin to take clients in."""
        self._capacity.ports.append(self)
        self.resume()

    def resume(self) -> None:
        """Take clients in again, unless the port is closed."""
        if not (self._is_accepting or self._is_closed):
            self._is_accepting = True
            self._terms.loop.add_reader(self._socket.fileno(), self._take_in)

    def close(self) -> None:
        """Take in those who have connected already, and nobody else."""
        if not self._is_closed:
            self._take_in(BACKLOG)
            self._pause()
            self._is_closed = True
            self._socket.close()

    async def end(self) -> None:
        """Close, and forget those who are still being let in after a moment."""
        self.close()
        if self._admitting:
            await asyncio.wait(self._admitting, timeout=ADMISSION)
        for admission in self._admitting:
            admission.cancel()
        await asyncio.gather(*self._admitting, return_exceptions=True)

    def _pause(self) -> None:
        if self._is_accepting:
            self._is_accepting = False
            self._terms.loop.remove_reader(self._socket.fileno())

    def _take_in(self, at_most: int = AT_A_TIME) -> None:
        for _ in range(at_most):
            if self._capacity.is_full:
                self._pause()
                return
            try:
                client, address = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _SCARCE:
                    self._rest(error)
                    return
                continue  # this one has gone before it was let in
            client.setblocking(False)
            self._capacity.enter()
            admission = self._terms.loop.create_task(self._admit(client, host_of(address)))
            self._admitting.add(admission)
            admission.add_done_callback(self._admitting.discard)

    def _rest(self, error: OSError) -> None:
        self._pause()
        self._terms.loop.call_later(RESPITE, self.resume)
        if self._terms.reminders.is_due(self._terms.loop.time(), error.errno):
            log.warning("Clients have to wait, raise the limit of open files: {error}", error=error)

    async def _admit(self, client: socket.socket, remote: str) -> None:
        terms, tls = self._terms, self._tls
        connection = self._make(terms, self.door)
        try:
            await terms.loop.connect_accepted_socket(
                lambda: connection,
                client,
                ssl=tls.context_for(host_of(client.getsockname())) if tls else None,
                ssl_handshake_timeout=terms.head_limit if tls else None,
            )
        except OSError as error:  # of the handshake; the loop has closed the socket
            self._capacity.left()
            self._tell_failure(error, remote)

    def _tell_failure(self, error: OSError, remote: str) -> None:
        """Name what is wrong with TLS, a certificate for example, once in a while; clients hang up all the time."""
        is_about_tls = isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError)
        reason = getattr(error, "reason", "") if is_about_tls else ""
        if reason and self._terms.reminders.is_due(self._terms.loop.time(), reason):
            log.warning(
                "Client [{remote}] was not let in, TLS failed: {reason}", remote=remote, reason=reason
            )
        else:
            log.debug("Client [{remote}] was not let in: {error}", remote=remote, error=repr(error))
