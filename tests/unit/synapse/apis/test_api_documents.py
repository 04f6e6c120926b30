"""The OpenAPI document of an API: what a definition says of itself, in JSON and in YAML."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from unit.synapse.apis.api_lab import PLAIN, Served, api, api_text, arrival, resource, served
from unit.synapse.synapse_lab import SYNAPSE, loaded

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Graph
from micro_integrator.synapse.apis.openapi import document
from micro_integrator.synapse.apis.own_answers import own_status
from micro_integrator.synapse.apis.yaml_text import yaml_text

RESPOND = "<respond/>"
PUBLISHING = 'name="Orders" context="/orders" publishSwagger="orders-document"'


def entry(content: str, key: str = "orders-document") -> str:
    return f'<localEntry {SYNAPSE} key="{key}"><![CDATA[{content}]]></localEntry>'


def described(inside: str, attributes: str = 'name="Orders" context="/orders"') -> Any:
    return document(api(inside, attributes), "http://shop.example/orders")


def parameters(template: str) -> list[tuple[str, str, bool]]:
    """Name, place, and whether it must be there, of all parameters of a GET."""
    [operations] = described(resource(RESPOND, f'methods="GET" uri-template="{template}"'))["paths"].values()
    return [(one["name"], one["in"], one["required"]) for one in operations["get"].get("parameters", [])]


async def asked(target: str, *artifacts: str, method: str = "GET") -> Served:
    return await served(arrival(target, method), *artifacts)


def test_a_document_says_what_the_definition_says() -> None:
    inside = resource(RESPOND, 'methods="GET" uri-template="/view/{symbol}"') + resource(
        RESPOND, 'methods="POST" url-mapping="/order/*" content-type="application/json"'
    )
    answers = {"default": {"description": "Default response"}}
    assert described(inside) == {
        "openapi": "3.0.0",
        "info": {"title": "Orders", "description": "API Definition of Orders", "version": "1.0.0"},
        "servers": [{"url": "http://shop.example/orders"}],
        "paths": {
            "/view/{symbol}": {
                "get": {
                    "responses": answers,
                    "parameters": [
                        {
                            "name": "symbol",
                            "in": "path",
                            "description": "symbol",
                            "required": True,
                            "schema": {"type": "string"},
                        }
                    ],
                }
            },
            "/order/*": {
                "post": {
                    "responses": answers,
                    "requestBody": {"required": False, "content": {"application/json": {"schema": {}}}},
                }
            },
        },
    }


def test_a_version_is_part_of_name_and_document() -> None:
    info = described(PLAIN, 'name="Orders" context="/orders" version="2.1" version-type="url"')["info"]
    assert (info["title"], info["description"], info["version"]) == (
        "Orders:v2.1",
        "API Definition of Orders",
        "2.1",
    )


def test_a_resource_without_methods_and_without_a_path_takes_the_usual_ones_at_the_root() -> None:
    [(path, operations)] = described(PLAIN)["paths"].items()
    assert (path, list(operations)) == ("/", ["get", "post", "put", "delete"])
    assert ["requestBody" in operation for operation in operations.values()] == [False, True, True, False]


def test_methods_of_one_path_stand_together() -> None:
    inside = resource(RESPOND, 'methods="GET HEAD" uri-template="/{id}"') + resource(
        RESPOND, 'methods="PUT" uri-template="/{id}"'
    )
    [(path, operations)] = described(inside)["paths"].items()
    assert (path, list(operations)) == ("/{id}", ["get", "head", "put"])


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/{id}/lines/{line}", "/{id}/lines/{line}"),
        ("/{+rest}", "/{rest}"),
        ("/{a,b}", "/{a},{b}"),
        ("/{code:3}", "/{code}"),
        ("/files{/a,b}", "/files/{a}/{b}"),
        ("/report{.kind}", "/report.{kind}"),
        ("/files/*", "/files/*"),
        ("/find?by={by}", "/find"),
        ("/find{?by,all}", "/find"),
        ("{id}", "/{id}"),
    ],
)
def test_a_path_is_written_as_openapi_writes_it(template: str, path: str) -> None:
    inside = resource(RESPOND, f'methods="GET" uri-template="{template}"')
    assert list(described(inside)["paths"]) == [path]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/all", []),
        ("/{a}/{a}", [("a", "path", True)]),
        ("/{a,b}", [("a", "path", True), ("b", "path", True)]),
        ("/{code:3}", [("code", "path", True)]),
        ("/{id}?by={who}&amp;*", [("id", "path", True), ("by", "query", True)]),
        ("/find{?by,all}", [("by", "query", False), ("all", "query", False)]),
        ("/find{?q*}", [("q", "query", False)]),
    ],
)
def test_parameters_are_those_of_the_template(template: str, expected: list[tuple[str, str, bool]]) -> None:
    assert parameters(template) == expected


def test_a_fixed_parameter_has_one_value_and_a_free_one_any() -> None:
    [operations] = described(
        resource(RESPOND, 'methods="GET" uri-template="/find?kind=new&amp;by={by}{&amp;more*}"')
    )["paths"].values()
    kind, by, more = (one["schema"] for one in operations["get"]["parameters"])
    assert kind == {"type": "string", "enum": ["new"]}
    assert by == {"type": "string"}
    assert more == {"type": "object", "additionalProperties": {"type": "string"}}


# ---- asked for over HTTP ---------------------------------------------------------------------------------------------


async def test_the_document_is_given_without_running_anything() -> None:
    got = await asked("/orders?swagger.json", api_text(resource('<sequence key="nowhere"/>')))
    assert (got.error, got.answer.status) == (None, 200)
    assert got.answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert json.loads(got.answer.body)["servers"] == [{"url": "http://localhost:8290/orders"}]


async def test_both_forms_say_the_same() -> None:
    text = api_text(resource(RESPOND, 'uri-template="/{id}?by={by}"'))
    in_json, in_yaml = await asked("/orders?swagger.json", text), await asked("/orders?swagger.yaml", text)
    assert in_yaml.answer.headers["Content-Type"] == "application/yaml; charset=UTF-8"
    assert yaml.safe_load(in_yaml.answer.body) == json.loads(in_json.answer.body)


@pytest.mark.parametrize(
    "target",
    ["/orders?swagger.json", "/orders/?swagger.json", "/orders?swagger.json=1", "/orders?swagger.json&a=b"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_more_may_follow_in_the_query(target: str, method: str) -> None:
    got = await asked(target, api_text(resource('<sequence key="nowhere"/>')), method=method)
    assert b"API Definition of Orders" in got.answer.body


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/orders?swagger.json"),
        ("GET", "/orders?swagger.jsonp"),
        ("GET", "/orders?a=b&swagger.json"),
        ("GET", "/orders?swagger.xml"),
        ("GET", "/orders/7?swagger.json"),
    ],
)
async def test_another_request_is_one_for_the_resource(method: str, target: str) -> None:
    got = await asked(
        target,
        api_text(resource('<property name="HTTP_SC" scope="axis2" value="299"/><respond/>')),
        method=method,
    )
    assert got.answer.status == 299


async def test_a_version_in_the_path_has_its_own_document() -> None:
    text = api_text(PLAIN, 'name="A" context="/a" version="2.0" version-type="url"')
    got = await asked("/a/2.0?swagger.json", text)
    assert json.loads(got.answer.body)["servers"] == [{"url": "http://localhost:8290/a/2.0"}]


async def test_a_published_document_is_given_as_it_is() -> None:
    published = '{\n  "swagger": "2.0"\n}\n'
    got = await asked("/orders?swagger.json", api_text(PLAIN, PUBLISHING), entry(published))
    assert got.answer.body.decode() == published.strip()  # a local entry has no white space around it


async def test_published_json_can_be_had_as_yaml() -> None:
    got = await asked(
        "/orders?swagger.yaml", api_text(PLAIN, PUBLISHING), entry('{"swagger": "2.0", "x": [1, {}]}')
    )
    assert got.answer.headers["Content-Type"].startswith("application/yaml")
    assert got.answer.body.decode() == "swagger: '2.0'\nx:\n- 1\n- {}\n"


@pytest.mark.parametrize("item", ["swagger.json", "swagger.yaml"])
async def test_published_yaml_stays_yaml(item: str) -> None:
    got = await asked(f"/orders?{item}", api_text(PLAIN, PUBLISHING), entry('openapi: "3.0.1"'))
    assert (got.answer.headers["Content-Type"], got.answer.body) == (
        "application/yaml; charset=UTF-8",
        b'openapi: "3.0.1"',
    )


async def test_a_published_document_that_is_not_there_is_told_and_one_is_made() -> None:
    with recorded_lines() as lines:
        got = await asked("/orders?swagger.json", api_text(PLAIN, PUBLISHING))
    assert b"API Definition of Orders" in got.answer.body
    assert any("orders-document, which is not there" in text for text in lines.texts())


def test_a_published_document_is_a_reference() -> None:
    graph = Graph().changed(add=loaded(api_text(PLAIN, PUBLISHING)).artifacts)
    assert [each.key for each in graph.unresolved(lambda key: False)] == ["orders-document"]
    assert graph.unresolved(lambda key: key == "orders-document") == []


# ---- what no API has -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/favicon.ico", 404),
        ("HEAD", "/favicon.ico", 404),
        ("GET", "/services", 403),
        ("OPTIONS", "/services/", 403),
        ("GET", "/services?wsdl", 403),
        ("POST", "/services", None),
        ("GET", "/services/Orders", None),
        ("GET", "/other", None),
    ],
)
def test_there_is_no_icon_and_no_list_of_services(method: str, target: str, status: int | None) -> None:
    assert own_status(arrival(target, method)) == status


# ---- YAML ------------------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example({"\x85": None})
@example(["\u2028 Zoë"])
def test_what_is_written_as_yaml_is_read_as_the_same_value(value: Any) -> None:
    assert yaml.safe_load(yaml_text(value)) == value


@pytest.mark.parametrize("text", ["\x85", "a\u2028b", "\u2029", " \x85 ", "ä\n\x85"])
def test_rare_line_breaks_are_kept_in_yaml(text: str) -> None:
    assert yaml.safe_load(yaml_text({text: text})) == {text: text}


def test_yaml_is_written_in_blocks_and_without_references() -> None:
    twice: Any = {"c": 1}
    assert yaml_text({"a": [twice, twice], "on": True}) == "a:\n- c: 1\n- c: 1\n'on': true\n"
