"""Unit cases about APIs: which API and which resource a request is for."""

from xml.sax.saxutils import quoteattr

from conformance.contexts import NoTasks, artifacts_of, check_context
from conformance.corpus import Row
from conformance.definitions import XMLNS

from micro_integrator.synapse import Arrival, Body, Engine, Headers, Message, Stream, Surroundings

_API = {
    "name": "name",
    "context": "context",
    "hostname": "host",
    "port": "port",
    "version": "version",
    "version-type": "version_type",
}
_RESOURCE = {"methods": "methods", "uri-template": "uri_template", "url-mapping": "url_mapping"}
_PORTS = {"http": 8280, "https": 8243}
"""Of the reference's listeners, as its tests have them."""


class Remembering(Engine):
    """An engine that keeps the last message it has made."""

    last: Message | None = None

    def message(self, body: Body | None = None) -> Message:
        """Return a message, and keep it."""
        self.last = super().message(body)
        return self.last


class Client:
    """A client that takes any answer."""

    is_answered = False

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        """Take the answer."""
        self.is_answered = True


async def dispatch(asked: Row, expected: Row) -> None:
    """Send a request to the APIs of a case. Raises Mismatch, and Gap for what cannot be tried."""
    engine = Remembering(Surroundings(), tasks=NoTasks())
    engine.graph = engine.graph.changed(add=artifacts_of(*map(_definition, asked["apis"])))
    await engine.serve(_arrival(asked), Client())
    assert engine.last is not None
    check_context([_with_version(one, asked["apis"]) for one in expected["context"]], engine.last)


def _arrival(asked: Row) -> Arrival:
    scheme = asked.get("transport", "http")
    fields = {"Host": "localhost:8280", **(asked.get("headers") or {})}
    host = fields["Host"].partition(":")[0]
    method, target = asked.get("method", "GET"), asked["url"]
    return Arrival(
        method, target, Headers([*fields.items()]), Body(), scheme, host, _PORTS[scheme], "192.0.2.7", "1"
    )


def _definition(api: Row) -> str:
    inside = "".join(
        f"<resource {_attributes(resource, _RESOURCE)}>"
        f"<inSequence>{''.join(resource.get('in', []))}</inSequence></resource>"
        for resource in api["resources"]
    )
    return f"<api {XMLNS} {_attributes(api, _API)}>{inside or '<resource/>'}</api>"


def _attributes(given: Row, names: dict[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(_text(given[key]))}" for name, key in names.items() if given.get(key))


def _text(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _with_version(one: Row, apis: list[Row]) -> Row:
    """Return a check on the name of an API as it is meant: where the reference asks for `api.getName()`, the version
    belongs to the name (`TestAPI:v1.0.0`), which the corpus has left out."""
    versions = {api["name"]: api["version"] for api in apis if api.get("version")}
    if one.get("name") != "SYNAPSE_REST_API" or one.get("arg") not in versions:
        return one
    return {**one, "arg": f"{one['arg']}:v{versions[one['arg']]}"}
