"""wso2-mi-api.log: what log mediators and faults of APIs tell, under the name of the API."""

from functools import lru_cache

from micro_integrator.observability.journal import API, journal
from micro_integrator.observability.logger import Logger


@lru_cache(maxsize=1024)
def api_logger(name: str) -> Logger:
    """Return the logger of the API `name`; without log files nobody hears it."""
    return Logger(journal.dotted_channel(f"{API}.{name}"), (), {})
