"""The numbers of the wire (coordination 8.8); constants in production, smaller in tests that wait for them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long; seconds unless the name says otherwise."""

    connect: float = 2.0
    handshake: float = 2.0
    members: int = 64
    """Members of a group with a wire, this node among them."""
    incoming: int = 128
    unauthenticated: int = 16
    """Incoming connections in their handshake."""
    unsent_bytes: int = 64 * 1024
    tick: float = 0.5
    ping_ticks: int = 2
    quiet_ticks: int = 7
    """Ticks without a byte after which a connection is silent. Ticks, not seconds: a process that was itself frozen
    hears what came meanwhile before it judges."""
    look_every: float = 0.02
    patience: float = 2.0
    """How long a member may be missing before the wire is incomplete."""
    settled: float = 1.0
    """How long a connection must have lived for its end to be followed up at once."""
    reconnect_first: float = 0.2
    reconnect_cap: float = 5.0
    complain_every: float = 600.0
