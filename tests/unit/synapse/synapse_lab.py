"""The smallest surroundings in which mediators and artifacts can be tried out."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from micro_integrator.kit import parse
from micro_integrator.synapse import (
    Artifact,
    Body,
    Engine,
    Entry,
    Headers,
    Loaded,
    Message,
    Outcome,
    ReplyChannel,
    Stream,
    Surroundings,
    Terms,
    load,
)
from micro_integrator.synapse.formats import standalone
from micro_integrator.tasks import Fire, Task

SYNAPSE = 'xmlns="http://ws.apache.org/ns/synapse"'


@dataclass
class TasksHeld:
    """Keeps what artifacts hand over."""

    tasks: dict[str, Task] = field(default_factory=dict)

    def add(self, task: Task) -> None:
        self.tasks[task.name] = task

    def remove(self, name: str) -> None:
        del self.tasks[name]


@dataclass
class Answers:
    """A reply channel that remembers."""

    given: list[tuple[int, dict[str, str], bytes | Stream]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    is_last: bool = False

    @property
    def is_answered(self) -> bool:
        return bool(self.given)

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        self.given.append((status, dict(headers), body))
        self.reasons.append(reason)
        self.is_last = is_last


@dataclass
class Pieces:
    """A body that is still on its way."""

    pieces: list[bytes]
    length: int | None = None
    is_abandoned: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def abandon(self) -> None:
        self.is_abandoned = True


@dataclass
class Trial:
    """What became of a message."""

    message: Message
    outcome: Outcome

    @property
    def properties(self) -> dict[str, object]:
        return self.message.default

    @property
    def error(self) -> str:
        return str(self.outcome.error or "")

    def payload(self) -> str:
        element = self.message.body.xml()
        return "" if element is None else markup(element)


def sequence(mediators: str, name: str = "tried", attributes: str = "") -> str:
    return f'<sequence {SYNAPSE} name="{name}" {attributes}>{mediators}</sequence>'


def loaded(text: str, terms: Terms | None = None) -> Loaded:
    return load(text.encode(), Path("s.xml"), terms)


def artifacts_of(*texts: str) -> list[Artifact]:
    found: list[Artifact] = []
    for text in texts:
        result = loaded(text)
        assert result.errors == []
        found += result.artifacts
    return found


def problems(mediators: str, terms: Terms | None = None) -> list[str]:
    """Everything that is wrong with mediators that begin on line 1."""
    return [str(error) for error in loaded(sequence(mediators), terms).errors]


def notices(mediators: str) -> list[str]:
    return [str(notice) for notice in loaded(sequence(mediators)).notices]


def engine_with(*texts: str, surroundings: Surroundings | None = None) -> Engine:
    engine = Engine(surroundings or Surroundings(), tasks=TasksHeld())
    engine.graph = engine.graph.changed(add=artifacts_of(*texts))
    return engine


async def tried(
    mediators: str,
    body: Body | None = None,
    *,
    others: Iterable[str] = (),
    properties: Mapping[str, object] | None = None,
    surroundings: Surroundings | None = None,
    reply: ReplyChannel | None = None,
    prepared: Message | None = None,
) -> Trial:
    """Run mediators on a message; `others` are further artifacts, `prepared` lends its addresses and headers."""
    engine = engine_with(sequence(mediators), *others, surroundings=surroundings)
    message = engine.message(body)
    if prepared is not None:
        message.to, message.headers, message.id = prepared.to, prepared.headers, prepared.id
    message.default.update(properties or {})
    return Trial(message, await engine.inject(Entry("tried"), message, reply=reply))


def xml_body(text: str) -> Body:
    return Body.of_bytes(text.encode(), "application/xml")


def json_body(text: str) -> Body:
    return Body.of_bytes(text.encode(), "application/json")


def markup(element: etree._Element) -> str:
    return etree.tostring(standalone(element), method="c14n", with_comments=False).decode()


def same_xml(one: str, other: str) -> bool:
    return markup(parse(one)) == markup(parse(other))


def fire(
    task: str = "t", key: int | None = 7, trigger_seq: int | None = None, *, may_act: bool = True
) -> Fire:
    return Fire(task, 3, key, trigger_seq, due_ms=0, redelivered=False, allowed=lambda: may_act)
