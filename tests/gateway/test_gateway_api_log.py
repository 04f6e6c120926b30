"""wso2-mi-api.log: what happens in an API stands there once more, under its name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.artifacts import api, reply, resource
from gateway.caller import Caller
from gateway.serving_node import ServingNode, serving
from harness import wait_until

TELLS = '<log category="WARN" level="custom"><property name="step" value="1"/></log>'
FAILS = '<sequence key="nowhere"/>'


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[ServingNode]:
    orders = api(
        "orders",
        resource(TELLS + reply("told"), uri_template="/tells"),
        resource(FAILS, reply("sorry"), uri_template="/fails"),
    )
    with serving(folder / "node", {"orders": orders}) as started:
        yield started


def test_lines_and_faults_of_an_api_stand_in_a_file_of_their_own(gateway: ServingNode) -> None:
    file = gateway.home.root / "repository" / "logs" / "wso2-mi-api.log"
    with Caller(gateway.port) as caller:
        assert [caller.get(f"/orders/{name}").body for name in ("tells", "fails")] == [b"told", b"sorry"]
    wait_until(lambda: file.exists() and file.read_text().count("\n") == 3, lambda: "three lines")
    lines = [re.sub(r"^\[[^]]*\] ", "", line).rstrip() for line in file.read_text().splitlines()]
    assert lines == [
        " WARN {API_LOGGER.orders} - step = 1",
        " WARN {API_LOGGER.orders} - ERROR_CODE : 0 ERROR_MESSAGE : Sequence named nowhere cannot be found",
        " WARN {API_LOGGER.orders} - Executing fault sequence mediator : anonymous",
    ]
    assert len(gateway.node.lines("step = 1")) == 1
