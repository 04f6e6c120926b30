"""What a node answers to paths that no API has: there is no icon, and services are not listed. ◇"""

from micro_integrator.synapse.apis.resource import READING
from micro_integrator.synapse.ports import Arrival

STATUSES = {"/favicon.ico": 404, "/services": 403, "/services/": 403}


def own_status(arrival: Arrival) -> int | None:
    """Return the status of such an answer, None for a request that sequences may look at."""
    return STATUSES.get(arrival.target.partition("?")[0]) if arrival.method in READING else None
