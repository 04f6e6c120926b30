"""The handshake: both sides prove that they know the key of the group, and say who they are (coordination 8.8).

    connector                                listener
    HELLO      MIW1, Nc              ──▶
                                     ◀──     CHALLENGE  MIW1, Ns
    AUTH       g n b e, MAC("c"...)  ──▶               checks MAC and group
    checks MAC, group and who it is  ◀──     WELCOME    g n b e, MAC("s"...)

Random bytes are given in. Neither the key nor a MAC ever stands in a log line, an error or a `repr`.
"""

import hashlib
import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from micro_integrator.cluster.wire.answers import Answer
from micro_integrator.kit import MicroIntegratorError

PROTOCOL = b"MIW1"
NONCE = 16
"""Random bytes that each side puts into the proof of the other."""


class HandshakeError(MicroIntegratorError):
    """The other side is no member that can be talked to; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.value)
        self.answer = answer


class Side(Enum):
    """Who proves the key: the same fields give another MAC on the other side, so that none can be sent back."""

    CONNECTOR = b"c"
    LISTENER = b"s"


@dataclass(frozen=True, slots=True)
class Introduction:
    """What one side says about itself."""

    group: str
    node: str
    boot: str
    epoch: int
    """LEASE_EPOCH; 0 before the first lease."""


class WireKey:
    """The secret of the group (WIRE_KEY of MI_CLUSTER_SIGNAL)."""

    __slots__ = ("_secret",)

    def __init__(self, hex_digits: str) -> None:
        """Take the key as the table holds it. Raises ValueError, which does not show it, if it is not hex."""
        try:
            self._secret = bytes.fromhex(hex_digits)
        except ValueError:
            raise ValueError("the key is not in hex") from None
        if not self._secret:
            raise ValueError("the key is empty")

    def mac(self, text: bytes) -> str:
        """Return HMAC-SHA256 in hex."""
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """What makes the MACs of one handshake: the key and the nonces of both sides."""

    key: WireKey
    connector_nonce: bytes
    listener_nonce: bytes

    def mac(self, side: Side, said: Introduction) -> str:
        """Return the MAC by which `side` proves that it knows the key. Raises ValueError for text beyond Unicode."""
        fields = f"{said.group}\n{said.node}\n{said.boot}\n{said.epoch}".encode()
        return self.key.mac(side.value + self.connector_nonce + self.listener_nonce + fields)

    def introduce(self, side: Side, me: Introduction) -> bytes:
        """Return the payload of AUTH (connector) or WELCOME (listener)."""
        fields = {"g": me.group, "n": me.node, "b": me.boot, "e": me.epoch, "m": self.mac(side, me)}
        return json.dumps(fields, separators=(",", ":")).encode()

    def check(self, side: Side, payload: bytes, group: str) -> Introduction:
        """Return what the other side, being `side`, says about itself. Raises HandshakeError."""
        said, mac = _read(payload)
        if said.group != group:
            raise HandshakeError(Answer.WRONG_GROUP)
        if not hmac.compare_digest(mac.encode(), self.mac(side, said).encode()):
            raise HandshakeError(Answer.WRONG_KEY)
        return said


def greeting(nonce: bytes) -> bytes:
    """Return the payload of HELLO or CHALLENGE."""
    return PROTOCOL + nonce


def nonce_of(payload: bytes) -> bytes:
    """Return the nonce of a HELLO or CHALLENGE. Raises HandshakeError for another protocol."""
    if not payload.startswith(PROTOCOL):
        raise HandshakeError(Answer.WRONG_PROTOCOL)
    return payload[len(PROTOCOL) :]


def whom_i_met(met: Introduction, node: str, boot: str, strangers: Collection[str]) -> Answer:
    """Say what it means that `met` answered where (`node`, `boot`) was looked for.

    `strangers` are the boot ids that cannot be a successor of `boot`: my own ones and those of the other members.
    """
    if (met.node, met.boot) == (node, boot):
        return Answer.WELCOMED
    if met.boot in strangers or met.node != node:
        return Answer.OTHER_MEMBER
    return Answer.REPLACED


def _read(payload: bytes) -> tuple[Introduction, str]:
    try:
        fields = json.loads(payload)
        said = Introduction(fields["g"], fields["n"], fields["b"], fields["e"])
        mac = fields["m"]
        texts = (said.group, said.node, said.boot, mac)
        for text in texts:
            text.encode()  # lone surrogates have no bytes to prove
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HandshakeError(Answer.WRONG_PROTOCOL) from None
    is_typed = all(type(text) is str and text.isprintable() for text in texts) and type(said.epoch) is int
    if not is_typed or said.epoch < 0:
        raise HandshakeError(Answer.WRONG_PROTOCOL)
    return said, mac
