"""Which resolver plans, by the settings; what is wrong with them is a problem with its place."""

from micro_integrator.config import ConfigurationError, Place, Settings
from micro_integrator.tasks import Planning, ResolverError, make_resolver

_SECTIONS = (("[[task_resolver]] ", "task_resolver.0."), ("[task_handling] ", "task_handling."))
"""How messages name a section, and how settings do."""


def planning(settings: Settings) -> Planning:
    """Return how the leader plans. Raises ConfigurationError for a resolver that cannot choose."""
    handling = settings.task_handling
    try:
        resolver = make_resolver(handling.resolver_class, settings.task_resolver)
    except ResolverError as error:
        place = _place(error.key, settings)
        raise ConfigurationError(place.file, place.line, str(error), column=place.column) from error
    rebalances = resolver.rebalances if handling.rebalance is None else handling.rebalance == "on_join"
    return Planning(resolver, rebalances, handling.resolving_period)


def _place(key: str, settings: Settings) -> Place:
    """Return where the value stands; what is missing is told where the resolver is named."""
    for title, path in _SECTIONS:
        key = key.replace(title, path)
    file = Place(settings.home.shown(settings.home.deployment_toml))
    return settings.places.get(key) or settings.places.get("task_handling.resolver_class") or file
