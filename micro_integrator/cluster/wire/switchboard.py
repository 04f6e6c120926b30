"""What all connections of one wire share."""

from dataclasses import dataclass

from micro_integrator.cluster.wire.complaints import Complaints
from micro_integrator.cluster.wire.events import Tell, WireEvents
from micro_integrator.cluster.wire.hints import Hints
from micro_integrator.cluster.wire.limits import Limits
from micro_integrator.cluster.wire.links import Links
from micro_integrator.cluster.wire.standing import Standing


@dataclass(frozen=True, slots=True)
class Switchboard:
    """Who we are, who is connected, and where to turn with what is heard."""

    standing: Standing
    links: Links
    hints: Hints
    complaints: Complaints
    limits: Limits
    events: WireEvents
    tell: Tell
