"""One attempt to reach a member: connect, shake hands, see who it is."""

import asyncio
import secrets
import socket
from dataclasses import dataclass

from micro_integrator.cluster.wire.answers import Address, Answer
from micro_integrator.cluster.wire.endpoint import Endpoint
from micro_integrator.cluster.wire.frames import Frame, FrameError, Kind, encode
from micro_integrator.cluster.wire.handshake import (
    NONCE,
    HandshakeError,
    Introduction,
    Proof,
    Side,
    greeting,
    nonce_of,
    whom_i_met,
)
from micro_integrator.cluster.wire.limits import Limits
from micro_integrator.cluster.wire.link import Link
from micro_integrator.cluster.wire.standing import Neighbour, Standing


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended; WELCOMED has a `link`, a WELCOME of somebody else has `met`."""

    answer: Answer
    link: Link | None = None
    met: Introduction | None = None
    detail: str = ""

    @property
    def reason(self) -> str:
        """The answer in words."""
        return f"{self.answer.value} ({self.detail})" if self.detail else self.answer.value


async def resolve(text: str, limit: float) -> Address | None:
    """Return the address of an ENDPOINT; None when no name server knows it within `limit` seconds."""
    try:
        endpoint = Endpoint.parse(text, 0)
        if endpoint.ip is not None:
            return endpoint.ip, endpoint.port
        async with asyncio.timeout(limit):
            found = await asyncio.get_running_loop().getaddrinfo(
                endpoint.host, endpoint.port, type=socket.SOCK_STREAM
            )
    except (OSError, ValueError):  # ValueError: not an address, or no name that DNS could hold
        return None
    return (str(found[0][4][0]), endpoint.port) if found else None


async def dial(address: Address, wanted: Neighbour, standing: Standing, limits: Limits) -> Attempt:
    """Look for `wanted` at `address`; takes at most the limits of connecting and shaking hands."""
    try:
        async with asyncio.timeout(limits.connect):
            reader, writer = await asyncio.open_connection(*address)
    except TimeoutError:
        return Attempt(Answer.TIMED_OUT)
    except ConnectionRefusedError:
        return Attempt(Answer.REFUSED)
    except OSError as error:
        return Attempt(Answer.UNREACHABLE, detail=str(error))
    link = Link(reader, writer, limits.unsent_bytes)
    try:
        attempt = await _shake_hands(link, wanted, standing, limits)
    except BaseException:
        link.cut("cancelled")
        raise
    if attempt.link is None:
        link.cut(attempt.answer.value)
    return attempt


async def _shake_hands(link: Link, wanted: Neighbour, standing: Standing, limits: Limits) -> Attempt:
    try:
        async with asyncio.timeout(limits.handshake):
            met = await _introduced(link, standing)
    except HandshakeError as error:
        return Attempt(error.answer)
    except FrameError as error:
        return Attempt(Answer.WRONG_PROTOCOL, detail=str(error))
    except TimeoutError:
        return Attempt(Answer.TIMED_OUT)
    except OSError:
        return Attempt(Answer.CLOSED)
    answer = whom_i_met(met, wanted.node_id, wanted.boot_id, standing.strangers_to(wanted.node_id))
    return Attempt(answer, link if answer is Answer.WELCOMED else None, met)


async def _introduced(link: Link, standing: Standing) -> Introduction:
    """Be the connector of a handshake; return what the listener has proved about itself."""
    key, mine, nonce = standing.key, standing.introduction, secrets.token_bytes(NONCE)
    if key is None:
        raise HandshakeError(Answer.WRONG_KEY)
    link.send(encode(Kind.HELLO, greeting(nonce)))
    challenge = await _next(link, Kind.CHALLENGE)
    proof = Proof(key, nonce, nonce_of(challenge.payload))
    link.send(encode(Kind.AUTH, proof.introduce(Side.CONNECTOR, mine)))
    welcome = await _next(link, Kind.WELCOME)
    return proof.check(Side.LISTENER, welcome.payload, mine.group)


async def _next(link: Link, kind: Kind) -> Frame:
    frame = await link.receive({kind})
    if frame is None:
        raise HandshakeError(Answer.CLOSED)
    return frame
