"""audit.log: who changed what, one JSON object after the usual head of a line."""

import json
from collections.abc import Mapping

from micro_integrator.observability.journal import AUDIT, journal
from micro_integrator.observability.logger import get_logger

_log = get_logger(AUDIT)


def audit(by: str, action: str, kind: str, subject: Mapping[str, object] | str, **more: object) -> None:
    """Record a change, or an attempt at one: `action` done by `by` to a `kind` of artifact.

    `subject` names the thing (`{"taskName": "orders"}`); it becomes a JSON string inside the JSON, as in the
    reference. A sentence is told as it is. `more` adds members such as node, remote, requestId, error.
    """
    about = subject if isinstance(subject, str) else json.dumps(_masked(subject))
    told = {"performedBy": by, "action": action, "type": kind, "info": about, **more}
    _log.info(json.dumps(_masked(told)))


def _masked(told: Mapping[str, object]) -> dict[str, object]:
    """Mask texts before they become JSON, in which a quote or an umlaut looks different and would not be found."""
    return {name: journal.mask(value) if isinstance(value, str) else value for name, value in told.items()}
