"""Warnings about strangers: one for each address and ten minutes, whatever they try."""

from micro_integrator.cluster.wire.answers import Address
from micro_integrator.cluster.wire.endpoint import Endpoint
from micro_integrator.kit import Reminders, boottime
from micro_integrator.observability import get_logger

log = get_logger("PeerWire")

_MOST = 1000
"""Addresses remembered; a flood from more of them makes the oldest speak again."""


class Complaints:
    """Remembers which address was complained about when."""

    def __init__(self, every: float) -> None:
        self._reminders = Reminders(every, _MOST)

    def handshake_failed(self, address: Address, reason: str, *, is_incoming: bool = False) -> None:
        """Say why nobody was let in, or why nobody answered as a member; callers have a new port each time."""
        if self._may_tell("handshake", (address[0], 0) if is_incoming else address):
            log.warning(
                "Wire handshake with {address} failed: {reason}",
                address=str(Endpoint(*address)),
                reason=reason,
            )

    def leads_to(self, address: Address, node_id: str, other: str) -> None:
        """Say that the endpoint of one member is where another one answers."""
        if self._may_tell("endpoint", address):
            log.warning("Endpoint of member [{node}] leads to [{other}]", node=node_id, other=other)

    def closed(self, address: Address, node_id: str, reason: str) -> None:
        """Say that a member did not keep to the protocol."""
        if self._may_tell("protocol", (address[0], 0)):
            log.warning("Wire to member [{node}] closed: {reason}", node=node_id, reason=reason)

    def _may_tell(self, what: str, address: Address) -> bool:
        return self._reminders.is_due(boottime(), (what, address))
