"""Who is connected at present: at most one connection in each direction with each life of a member."""

from collections.abc import Callable, Iterator

from micro_integrator.cluster.wire.link import Link

Life = tuple[str, str]
"""Node id and boot id."""


class Links:
    """The authenticated connections; `changed` is called whenever one comes or goes."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.outgoing: dict[Life, Link] = {}
        self.incoming: dict[Life, Link] = {}
        self._changed = changed

    def put(self, among: dict[Life, Link], life: Life, link: Link) -> None:
        """Enter `link` into `outgoing` or `incoming`; it replaces an older one."""
        older = among.get(life)
        among[life] = link
        if older is not None:
            older.cut("replaced by a newer connection")
        self._changed()

    def drop(self, among: dict[Life, Link], life: Life, link: Link) -> None:
        """Forget `link`, unless a newer one has already replaced it."""
        if among.get(life) is link:
            del among[life]
            self._changed()

    def reaches(self, life: Life) -> bool:
        """Whether there is a connection in either direction."""
        return life in self.outgoing or life in self.incoming

    def one_of_each(self) -> Iterator[Link]:
        """Yield one connection with everybody, the own one where there are two."""
        yield from (self.incoming | self.outgoing).values()

    def all(self) -> list[Link]:
        """Return every connection."""
        return [*self.outgoing.values(), *self.incoming.values()]
