"""What an API tells of itself, and handlers of the user's own: the examples of the pages, on a real node."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from gateway.artifacts import api, reply, resource
from gateway.caller import Answer, Caller
from gateway.serving_node import ServingNode, serving
from harness.node import CHECKOUT

pytestmark = pytest.mark.usefixtures("leaves_nothing")

PAGE = (CHECKOUT / "docs" / "api-handlers.md").read_text("utf-8")
ORDER = f'<sequence xmlns="http://ws.apache.org/ns/synapse" name="order">{reply("order")}</sequence>'
PUBLISHED = b'{\n  "swagger": "2.0",\n  "info": {"title": "Stock"}\n}\n'
STOCK = api("stock", resource(reply("stock"))).replace(
    "<api ", '<api publishSwagger="/_system/governance/custom/stock.json" ', 1
)


def example(language: str) -> str:
    """Return the example of the page."""
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[ServingNode]:
    artifacts = {
        "order": ORDER,
        "orders": example("xml"),
        "shop": api("shop", resource(reply("one"), methods="GET", uri_template="/{id}?detail={detail}")),
        "stock": STOCK,
    }
    files = {"lib/gate.py": example("python").encode(), "registry/governance/custom/stock.json": PUBLISHED}
    with serving(folder / "node", artifacts, files=files) as started:
        yield started


def get(gateway: ServingNode, path: str, *headers: str, method: str = "GET") -> Answer:
    with Caller(gateway.port) as caller:
        caller.send(
            "\r\n".join([f"{method} {path} HTTP/1.1", "Host: esb.example:81", *headers, "", ""]).encode()
        )
        return caller.answer(method)


def test_an_api_gives_its_document(gateway: ServingNode) -> None:
    answer = get(gateway, "/shop?swagger.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=UTF-8")
    found = json.loads(answer.body)
    assert found["info"]["description"] == "API Definition of shop"
    assert found["servers"] == [{"url": "http://esb.example:81/shop"}]
    assert list(found["paths"]) == ["/{id}"]
    assert yaml.safe_load(get(gateway, "/shop?swagger.yaml").body) == found


def test_an_api_gives_the_document_that_is_published(gateway: ServingNode) -> None:
    assert get(gateway, "/stock?swagger.json").body == PUBLISHED
    assert yaml.safe_load(get(gateway, "/stock?swagger.yaml").body) == json.loads(PUBLISHED)


def test_the_head_of_a_document_has_its_length(gateway: ServingNode) -> None:
    answer = get(gateway, "/stock?swagger.json", method="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, str(len(PUBLISHED)), b"")


def test_an_api_that_is_not_there_has_no_document(gateway: ServingNode) -> None:
    assert get(gateway, "/nothing?swagger.json").status == 404


@pytest.mark.parametrize(("path", "status"), [("/favicon.ico", 404), ("/services", 403), ("/services/", 403)])
def test_there_is_no_icon_and_no_list_of_services(gateway: ServingNode, path: str, status: int) -> None:
    known = len(gateway.node.log())
    answer = get(gateway, path)
    assert (answer.status, answer.body) == (status, b"")
    assert "main sequence executed" not in gateway.node.log()[known:]


def test_a_handler_of_the_page_refuses_and_lets_in(gateway: ServingNode) -> None:
    refused, let_in = get(gateway, "/orders/7"), get(gateway, "/orders/7", "X-Key: red")
    assert (refused.status, json.loads(refused.body)) == (401, {"error": "key missing or unknown"})
    assert (let_in.status, let_in.body, let_in.headers["x-caller"]) == (200, b"order", "red")


def test_a_handler_of_the_page_sees_refusals_of_the_api(gateway: ServingNode) -> None:
    answer = get(gateway, "/orders/7", "X-Key: blue", "Content-Length: 0", method="POST")
    assert (answer.status, answer.headers["x-caller"]) == (405, "blue")


def test_the_log_tells_who_was_refused(gateway: ServingNode) -> None:
    known = len(gateway.node.log())
    get(gateway, "/orders/8")
    assert "{ApiHandler}" in gateway.wait_logged_after(known, "No key for /orders/8")


def test_a_handler_of_java_is_a_fault_with_a_line(gateway: ServingNode) -> None:
    known = len(gateway.node.log())
    handlers = '<handlers>\n<handler class="com.example.Audit"/></handlers>'
    gateway.home.deploy("java", api("java", handlers, resource(reply("never"))))
    gateway.wait_logged_after(known, "java.xml:2", "Java class com.example.Audit has no Python equivalent")
    assert get(gateway, "/java").status == 404
