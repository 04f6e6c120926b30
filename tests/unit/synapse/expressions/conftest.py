"""Messages to evaluate expressions on."""

from collections.abc import Callable, Mapping

import pytest

from micro_integrator.synapse.message import Body, Message

MakeMessage = Callable[..., Message]


@pytest.fixture
def make() -> MakeMessage:
    """`make(json=…)` or `make(xml=…)` with properties, axis2 properties, headers and variables."""

    def build(
        *,
        json: str | None = None,
        xml: str | None = None,
        properties: Mapping[str, object] | None = None,
        axis2: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        variables: Mapping[str, object] | None = None,
    ) -> Message:
        body = Body()
        if json is not None:
            body = Body.of_bytes(json.encode(), "application/json")
        elif xml is not None:
            body = Body.of_bytes(xml.encode(), "application/xml")
        message = Message(body)
        for name, value in (properties or {}).items():
            message.properties.set(name, value)
        for name, value in (axis2 or {}).items():
            message.properties.set(name, value, "axis2")
        message.headers.update(headers or {})
        message.variables.update(variables or {})
        return message

    return build
