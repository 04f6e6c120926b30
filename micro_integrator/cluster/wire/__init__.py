"""The wire between members: hints that make the group quick, and the evidence that a process has died.

Every node keeps a TCP connection to the liveness socket of every other live member. It offers a `Wire` that is told
who the members are, and tells `WireEvents` what it hears. It never touches the database, and nothing that it says is
the truth: with the wire cut, forged or silent, the group does the same things later.

    connector ──▶ dialling ──▶ handshake ◇        who answers there?
        │                                          no answer like that of a living process: evidence ◇
        ├──▶ conversation ──▶ hints ──▶ WireEvents   look now, renewals heard
    listener ──▶ handshake ◇, conversation           others call here, until this process ends
    wire      keeps a connector for each member; completeness ◇ says whether all of them can be told to look

Files marked ◇, with frames and endpoint, are rules without I/O. Start reading with `evidence`.
"""

from micro_integrator.cluster.wire.endpoint import NONE, Endpoint
from micro_integrator.cluster.wire.events import Tell, WireEvents
from micro_integrator.cluster.wire.limits import Limits
from micro_integrator.cluster.wire.own_addresses import address_of
from micro_integrator.cluster.wire.standing import Neighbour
from micro_integrator.cluster.wire.wire import Wire, WireSettings, WireState

__all__ = [
    "NONE",
    "Endpoint",
    "Limits",
    "Neighbour",
    "Tell",
    "Wire",
    "WireEvents",
    "WireSettings",
    "WireState",
    "address_of",
]
