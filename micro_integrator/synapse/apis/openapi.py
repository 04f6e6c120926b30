"""The OpenAPI document of an API, made from its definition: paths, methods, and parameters of the templates. ◇

What a definition does not say, such as types and answers, the document leaves open.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from micro_integrator.synapse.apis.dispatch import USUAL_METHODS
from micro_integrator.synapse.apis.resource import Resource
from micro_integrator.synapse.apis.uri_pattern import UriPattern
from micro_integrator.synapse.formats import JsonValue

if TYPE_CHECKING:
    from micro_integrator.synapse.artifacts.api import Api

OPENAPI = "3.0.0"
DEFAULT_VERSION = "1.0.0"
"""Of an API that has no version: a document must name one."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

_PLACE = re.compile(r"\{([+#./;?&]?)([^{}]*)\}")
_OF_QUERY = ("?", "&")
_SEPARATORS = {"/": "/", ".": ".", ";": ";"}
"""What stands before each value of a place with this sign; those of others are separated by commas."""

Fields = dict[str, JsonValue]


def document(api: "Api", server: str) -> Fields:
    """Return the document; `server` is the URL that all paths are below."""
    return {
        "openapi": OPENAPI,
        "info": {
            "title": api.name,
            "description": f"API Definition of {api.api_name}",
            "version": api.version or DEFAULT_VERSION,
        },
        "servers": [{"url": server}],
        "paths": _paths(api),
    }


def _paths(api: "Api") -> Fields:
    paths: dict[str, Fields] = {}
    for resource in api.resources:
        path, parameters = _described(resource)
        operations = paths.setdefault(path, {})
        for method in resource.methods or USUAL_METHODS.split(", "):
            # two templates can look the same here: the first one is the one that gets requests
            operations.setdefault(method.lower(), _operation(resource, method, parameters))
    return {**paths}


def _operation(resource: Resource, method: str, parameters: list[Fields]) -> Fields:
    operation: Fields = {"responses": {"default": {"description": "Default response"}}}
    if parameters:
        operation["parameters"] = [*parameters]
    if method in WITH_BODY:
        wanted = None if resource.conditions is None else resource.conditions.content_type
        operation["requestBody"] = {"required": False, "content": {wanted or "*/*": {"schema": {}}}}
    return operation


def _described(resource: Resource) -> tuple[str, list[Fields]]:
    """Return the path of a resource as the document writes it, and the parameters in path and query."""
    mapping = resource.mapping
    if not isinstance(mapping, UriPattern):
        return _rooted("/" if mapping is None else mapping.source), []
    template, _, query = _without_query_places(mapping.source).partition("?")
    names: list[str] = []
    path = _PLACE.sub(lambda place: _written(place, names), template)
    parameters = [_parameter(name, "path") for name in dict.fromkeys(names)]
    return _rooted(path), [*parameters, *_required(query), *_optional(mapping.source)]


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _without_query_places(template: str) -> str:
    return _PLACE.sub(lambda place: "" if place[1] in _OF_QUERY else place[0], template)


def _written(place: re.Match[str], names: list[str]) -> str:
    sign, found = place[1], [_name(word) for word in place[2].split(",")]
    names += found
    places = [f"{{{name}}}" for name in found]
    before = _SEPARATORS.get(sign)
    return ",".join(places) if before is None else "".join(before + each for each in places)


def _required(query: str) -> Iterator[Fields]:
    for piece in query.split("&"):
        name, mark, value = piece.partition("=")
        if mark:
            is_fixed = value and "{" not in value and not value.endswith("*")
            yield _parameter(name, "query", {"type": "string", "enum": [value]} if is_fixed else None)


def _optional(template: str) -> Iterator[Fields]:
    for sign, content in _PLACE.findall(template):
        for word in content.split(",") if sign in _OF_QUERY else ():
            schema: Fields | None = None
            if word.endswith("*"):  # any parameters at all
                schema = {"type": "object", "additionalProperties": {"type": "string"}}
            yield {**_parameter(_name(word), "query", schema), "required": False}


def _parameter(name: str, place: str, schema: Fields | None = None) -> Fields:
    return {
        "name": name,
        "in": place,
        "description": name,
        "required": True,
        "schema": {"type": "string"} if schema is None else schema,
    }


def _name(word: str) -> str:
    """Return the name of a variable without what says how it is matched."""
    return word.strip().lstrip("+").rstrip("*").partition(":")[0]
