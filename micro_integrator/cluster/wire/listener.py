"""The liveness socket: open for as long as the process lives, because its refusal means death (coordination 8.8)."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from micro_integrator.cluster.wire.answers import Answer
from micro_integrator.cluster.wire.conversation import converse
from micro_integrator.cluster.wire.frames import TO_LISTENER, Frame, FrameError, Kind, encode
from micro_integrator.cluster.wire.handshake import (
    NONCE,
    HandshakeError,
    Introduction,
    Proof,
    Side,
    greeting,
    nonce_of,
)
from micro_integrator.cluster.wire.link import Link
from micro_integrator.cluster.wire.links import Life
from micro_integrator.cluster.wire.switchboard import Switchboard
from micro_integrator.observability import get_logger

log = get_logger("PeerWire")

_BACKLOG = 128

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Runs background work that has an owner."""


class Listener:
    """Lets members in. `port` is 0 until `start`."""

    def __init__(self, board: Switchboard, spawn: Spawn) -> None:
        self.port = 0
        self._board, self._spawn = board, spawn
        self._server: asyncio.Server | None = None
        self._kept_open: int | None = None
        self._unauthenticated: set[Link] = set()

    async def start(self, host: str | None, port: int) -> None:
        """Listen on `host` (None = all addresses) and `port`, or on any free port. Raises OSError."""
        listening = _bound(host, port)
        self.port = listening.getsockname()[1]
        # the loop closes its own; this second one, not inherited by other programs, ends with the process only
        self._kept_open = os.dup(listening.fileno())
        try:
            self._server = await asyncio.start_server(self._accepted, sock=listening, backlog=_BACKLOG)
        except BaseException:
            listening.close()
            self.release()
            raise

    def stop(self) -> None:
        """Let nobody in any more; connecting still succeeds and meets silence."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for link in list(self._unauthenticated):
            link.cut("stopped")

    def release(self) -> None:
        """Give the port back: from now on connections are refused, and members take that for the death of this process.

        Only for a process that goes on without ever having been a member, and for tests.
        """
        self.stop()
        if self._kept_open is not None:
            os.close(self._kept_open)
            self._kept_open = None

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limits, incoming = self._board.limits, self._board.links.incoming
        link = Link(reader, writer, limits.unsent_bytes)
        waiting = len(self._unauthenticated)
        if waiting >= limits.unauthenticated or waiting + len(incoming) >= limits.incoming:
            self._refuse(link, "too many connections")
            return
        self._unauthenticated.add(link)
        self._spawn(self._serve(link), "incoming connection")

    async def _serve(self, link: Link) -> None:
        links = self._board.links
        try:
            admitted = await self._admitted(link)
            self._unauthenticated.discard(link)
            if admitted is None:
                return
            life, opening = admitted
            links.put(links.incoming, life, link)
            try:
                await converse(link, life, TO_LISTENER, self._board, opening)
            finally:
                links.drop(links.incoming, life, link)
        finally:
            self._unauthenticated.discard(link)
            link.cut("ended")

    async def _admitted(self, link: Link) -> tuple[Life, Frame] | None:
        """Be the listener of a handshake; return who is let in, and the first it says.

        Who calls here for another member, because of a wrong endpoint, hangs up instead of saying something: it must
        not replace the connection that it has with this node on purpose.
        """
        try:
            async with asyncio.timeout(self._board.limits.handshake):
                met = await self._shake_hands(link)
                opening = await link.receive(TO_LISTENER) if met else None
                if opening is None and link.is_in_frame:
                    self._refuse(link, f"{Answer.WRONG_PROTOCOL.value} (half a frame)")
                return ((met.node, met.boot), opening) if met and opening else None
        except HandshakeError as error:
            self._refuse(link, error.answer.value)
        except FrameError as error:
            self._refuse(link, f"{Answer.WRONG_PROTOCOL.value} ({error})")
        except TimeoutError:
            self._refuse(link, Answer.TIMED_OUT.value)
        except OSError as error:
            log.debug("Incoming connection ended in its handshake: {error}", error=error)
        return None

    async def _shake_hands(self, link: Link) -> Introduction | None:
        """Return who has proved to be a member of the group.

        None without a word of blame if this node can let nobody in at present, or if the other side hangs up between
        two frames: it has changed its mind, or has only looked whether the port is open.
        """
        hello = await link.receive({Kind.HELLO})
        if hello is None:
            return None
        standing, nonce = self._board.standing, secrets.token_bytes(NONCE)
        connector_nonce = nonce_of(hello.payload)
        if (key := standing.key) is None or standing.is_leaving:
            return None
        link.send(encode(Kind.CHALLENGE, greeting(nonce)))
        auth = await link.receive({Kind.AUTH})
        if auth is None:
            return None
        proof = Proof(key, connector_nonce, nonce)
        met = proof.check(Side.CONNECTOR, auth.payload, standing.group_id)
        link.send(encode(Kind.WELCOME, proof.introduce(Side.LISTENER, standing.introduction)))
        return met

    def _refuse(self, link: Link, reason: str) -> None:
        link.cut(reason)
        self._board.complaints.handshake_failed(link.address, reason, is_incoming=True)


def _bound(host: str | None, port: int) -> socket.socket:
    try:
        return _socket(host, port)
    except OSError as error:
        if port == 0:
            raise
        free = _socket(host, 0)
        log.warning(
            "Port {port} of the wire cannot be used ({reason}); listening on {free} instead",
            port=port,
            reason=os.strerror(error.errno or 0),
            free=free.getsockname()[1],
        )
        return free


def _socket(host: str | None, port: int) -> socket.socket:
    if host is not None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    if socket.has_dualstack_ipv6():
        # the kernel knows IPv6, this host may have none; or the port is taken
        with contextlib.suppress(OSError):
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
            )
    return socket.create_server(("", port), backlog=_BACKLOG)
