"""`?swagger.json` and `?swagger.yaml` behind the context of an API: its OpenAPI document, without any mediation.

The document is the one that `publishSwagger` names, when it is there, else one made from the definition.
"""

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.synapse.apis.openapi import document
from micro_integrator.synapse.apis.resource import READING
from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import JsonValue, read_json
from micro_integrator.synapse.message import Headers, Message
from micro_integrator.synapse.ports import Arrival

if TYPE_CHECKING:
    from micro_integrator.synapse.apis.routes import Match

log = get_logger("Swagger")

OK = 200
PREFIX = "swagger."
"""What a query begins with that may ask for a document."""
JSON, YAML = "application/json", "application/yaml"
TYPES = {"swagger.json": JSON, "swagger.yaml": YAML}


async def answer_description(match: "Match", arrival: Arrival, message: Message, flow: Flow) -> bool:
    """Answer a request for the document of an API; False when it asks for something else."""
    wanted = _wanted(match.query or "")
    if wanted is None or match.path != "/" or arrival.method not in READING or flow.reply is None:
        return False
    content_type, text = _published(match, wanted, message, flow) or (
        wanted,
        _made(match, arrival, message, wanted),
    )
    await flow.reply.reply(OK, Headers([("Content-Type", f"{content_type}; charset=UTF-8")]), text.encode())
    return True


def _wanted(query: str) -> str | None:
    """Return the media type that a query asks for; more may follow behind `=` or `&`."""
    item = query.partition("&")[0].partition("=")[0]
    return TYPES.get(item)


def _made(match: "Match", arrival: Arrival, message: Message, wanted: str) -> str:
    host = message.headers.get("host") or f"{arrival.host}:{arrival.port}"
    found = document(match.api, f"{arrival.scheme}://{host}{match.api.prefix or '/'}")
    return _in_blocks(found) if wanted == YAML else f"{json.dumps(found, ensure_ascii=False, indent=2)}\n"


def _published(match: "Match", wanted: str, message: Message, flow: Flow) -> tuple[str, str] | None:
    """Return media type and text of the document that the API names, None when there is none.

    JSON can be had as YAML too; what was written in YAML is given as it is.
    """
    key = match.api.published
    if key is None:
        return None
    text = _text_of(key, message, flow)
    if text is None:
        log.warning(
            "API {api} publishes {key}, which is not there: the document is made from the definition",
            api=match.api.name,
            key=key,
        )
        return None
    if not text.lstrip().startswith("{"):
        return YAML, text
    return (YAML, _as_yaml(text)) if wanted == YAML else (JSON, text)


@lru_cache(maxsize=8)  # anybody may ask, and large documents take their time
def _as_yaml(text: str) -> str:
    try:
        return _in_blocks(read_json(text))
    except FormatError:
        return text  # flow style, with whatever JSON does not permit


def _in_blocks(value: JsonValue) -> str:
    from micro_integrator.synapse.apis.yaml_text import yaml_text  # a library that few nodes need

    return yaml_text(value)


def _text_of(key: str, message: Message, flow: Flow) -> str | None:
    """Return a local entry, or a resource of the registry, as text."""
    found = flow.graph.entry(key)
    if found is None:
        try:
            found = message.surroundings.registry.read(key)
        except MicroIntegratorError as error:
            log.warning("{error}", error=error)
    if isinstance(found, bytes):
        return found.decode("utf-8", "replace")
    return found if isinstance(found, str) else None
