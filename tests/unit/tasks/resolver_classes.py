"""Resolvers of a user, good and bad."""

from collections.abc import Mapping


class Remembers:
    """Keeps what it is given."""

    properties: Mapping[str, str] | None = None

    def init(self, properties: Mapping[str, str]) -> None:
        type(self).properties = properties

    def get_task_node_location(self, view: object, task_name: str) -> None:
        """Know of no node."""


class NeedsRegion(Remembers):
    """Does not start without a property."""

    def init(self, properties: Mapping[str, str]) -> None:
        self.region = properties["region"]


class Mute:
    """Has no method to ask."""


class Waits:
    """Has a coroutine where a plain method is expected."""

    async def get_task_node_location(self, view: object, task_name: str) -> None:
        """Know of no node."""
