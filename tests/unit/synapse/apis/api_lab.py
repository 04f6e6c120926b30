"""APIs without a listener: definitions, requests as a listener hands them over, and what is answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from unit.synapse.synapse_lab import SYNAPSE, artifacts_of, engine_with, loaded

from micro_integrator.synapse import Arrival, Body, Flow, Headers, Message, Sender, Stream, faults
from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.apis.routes import Match, Routes
from micro_integrator.synapse.apis.serving import serve_api
from micro_integrator.synapse.arriving import take_in
from micro_integrator.synapse.artifacts.api import Api

PLAIN = "<resource/>"


@dataclass
class Answer:
    """What went back to a client."""

    status: int
    headers: Headers
    body: bytes


@dataclass
class Client:
    """A reply channel that remembers."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return bool(self.answers)

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        assert isinstance(body, bytes)
        self.answers.append(Answer(status, headers, body))


@dataclass
class Served:
    """What became of a request."""

    message: Message
    client: Client
    match: Match | None
    error: Exception | None = None

    @property
    def properties(self) -> dict[str, object]:
        return self.message.default

    @property
    def answer(self) -> Answer:
        [found] = self.client.answers
        return found


def api_text(inside: str = PLAIN, attributes: str = 'name="Orders" context="/orders"') -> str:
    return f"<api {SYNAPSE} {attributes}>{inside}</api>"


def api(inside: str = PLAIN, attributes: str = 'name="Orders" context="/orders"') -> Api:
    [found] = artifacts_of(api_text(inside, attributes))
    assert isinstance(found, Api)
    return found


def api_at(context: str, attributes: str = "", name: str | None = None) -> Api:
    return api(PLAIN, f'name="{name or context}" context="{context}" {attributes}')


def problems(inside: str = PLAIN, attributes: str = 'name="Orders" context="/orders"') -> list[str]:
    return [str(error) for error in loaded(api_text(inside, attributes)).errors]


def notices(inside: str = PLAIN, attributes: str = 'name="Orders" context="/orders"') -> list[str]:
    return [str(notice) for notice in loaded(api_text(inside, attributes)).notices]


def resource(mediators: str, attributes: str = "") -> str:
    return f"<resource {attributes}><inSequence>{mediators}</inSequence></resource>"


def arrival(
    target: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    *,
    scheme: str = "http",
    body: Body | None = None,
) -> Arrival:
    fields = {"Host": "localhost:8290", **(headers or {})}
    host = fields["Host"].partition(":")[0]
    return Arrival(
        method, target, Headers([*fields.items()]), body or Body(), scheme, host, 8290, "192.0.2.7", "c-1"
    )


def found(apis: Iterable[Api], request: Arrival) -> Match | None:
    return Routes(apis).find(request, Message())


async def served(
    request: Arrival,
    *artifacts: str,
    cors: Cors | None = None,
    senders: Mapping[str, Sender] | None = None,
) -> Served:
    """Let the API among `artifacts` that a request is for serve it, as the engine does."""
    engine = engine_with(*artifacts)
    engine.senders.update(senders or {})
    message, client = engine.message(request.body), Client()
    take_in(request, message)
    flow = Flow(engine, engine.graph, reply=client)
    match = Routes(each for each in engine.graph if isinstance(each, Api)).find(request, message)
    outcome = Served(message, client, match)
    if match is None:
        return outcome
    try:
        await serve_api(match, request, message, flow, cors or Cors())
    except Exception as error:
        outcome.error = error
        await faults.handle(error, message, flow)
    return outcome
