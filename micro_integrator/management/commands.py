"""Commands over the control socket: what is asked, who asks, what is answered."""

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from micro_integrator.kit import MicroIntegratorError

Row = Mapping[str, object]


class CommandError(MicroIntegratorError):
    """A command cannot be carried out as it was asked; the text is what its sender reads."""


@dataclass(frozen=True)
class Caller:
    """The process at the other end of the socket, as the kernel knows it."""

    user: str
    pid: int


@dataclass(frozen=True)
class Request:
    """One command, such as `task pause` with the argument `name`."""

    command: str
    action: str
    arguments: Mapping[str, str]
    caller: Caller

    @property
    def title(self) -> str:
        """The words of the command, without its arguments."""
        return f"{self.command} {self.action}".rstrip()

    def argument(self, name: str) -> str:
        """Return an argument. Raises CommandError when it is missing or empty."""
        value = self.arguments.get(name, "")
        if not value:
            raise CommandError(f"'{self.title}' needs the argument '{name}'")
        return value


@dataclass(frozen=True)
class Reply:
    """What the sender sees: text for people, rows for machines."""

    text: str
    rows: Sequence[Row] = field(default_factory=tuple)


Command = Callable[[Request], Awaitable[Reply]]
Commands = Mapping[str, Command]
"""Words of a command (`task pause`, `status`) → what carries it out."""


def status_command(report: Callable[[], Row]) -> Commands:
    """Return the command `status`: one line per fact that `report` returns."""

    async def status(_: Request) -> Reply:
        facts = report()
        width = max(map(len, facts), default=0)
        lines = [f"{name:<{width}}  {_shown(value)}" for name, value in facts.items()]
        return Reply("\n".join(lines), (facts,))

    return {"status": status}


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Return rows as text in aligned columns under a heading; `-` stands for nothing."""
    cells = [tuple(columns), *(tuple(_shown(row.get(column)) for column in columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None or value == "" else str(value)


def local_time(wall_ms: int | None) -> str | None:
    """Return an instant as people read it, in the zone of this process; None stays None."""
    if wall_ms is None:
        return None
    second, ms = divmod(wall_ms, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(second))}.{ms:03}"


def audited(request: Request, node: str) -> dict[str, object]:
    """Return what every line of the audit log tells about a command: where it was given, and by which process."""
    return {"node": node, "remote": f"pid {request.caller.pid}", "requestId": uuid.uuid4().hex}
