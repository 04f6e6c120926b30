"""Definitions of endpoints: what they mean, and what is wrong with those that cannot be used."""

import math

import pytest
from unit.synapse.synapse_lab import SYNAPSE, artifacts_of, loaded

from micro_integrator.synapse import Message, Surroundings, Terms
from micro_integrator.synapse.artifacts.endpoint import NamedEndpoint
from micro_integrator.synapse.endpoints.address import Address
from micro_integrator.synapse.endpoints.default import Default
from micro_integrator.synapse.endpoints.definition import Definition
from micro_integrator.synapse.endpoints.http import Http
from micro_integrator.synapse.endpoints.leaf import Leaf
from micro_integrator.synapse.endpoints.state import Rules


def endpoint(inside: str, attributes: str = 'name="E"') -> str:
    return f"<endpoint {SYNAPSE} {attributes}>{inside}</endpoint>"


def leaf(inside: str) -> Leaf:
    [found] = artifacts_of(endpoint(inside))
    assert isinstance(found, NamedEndpoint)
    assert isinstance(found.endpoint, Leaf)
    return found.endpoint


def definition(inside: str) -> Definition:
    return leaf(f'<address uri="http://h/">{inside}</address>').definition


def test_an_address_endpoint() -> None:
    found = leaf('<address uri="HTTP://h/a" format="soap12" encoding="utf-16"/>')
    assert isinstance(found, Address)
    assert (found.uri, found.definition.format, found.definition.charset) == (
        "HTTP://h/a",
        "soap12",
        "utf-16",
    )


def test_an_http_endpoint() -> None:
    found = leaf('<http uri-template="http://h/{a}" method="PUT"/>')
    assert isinstance(found, Http)
    assert (found.template.source, found.method, found.definition.format) == ("http://h/{a}", "PUT", "rest")


def test_a_default_endpoint() -> None:
    assert isinstance(leaf("<default/>"), Default)


def test_placeholders_of_the_deployment_are_replaced() -> None:
    terms = Terms(resolve=lambda text: text.replace("$SYSTEM:HOST", "h"))
    text = endpoint('<address uri="http://$SYSTEM:HOST/"/>')
    [found] = loaded(text, terms).artifacts
    assert isinstance(found, NamedEndpoint)
    assert isinstance(found.endpoint, Address)
    assert found.endpoint.uri == "http://h/"


def test_limits_that_are_not_given_are_those_of_the_language() -> None:
    found = definition("")
    assert found.rules == Rules()
    assert found.time_limit.seconds_for(Message(surroundings=Surroundings(call_time_limit=7))) == 7
    assert found.time_limit.action == "never"


def test_limits_are_written_in_milliseconds() -> None:
    found = definition(
        "<timeout><duration>1500</duration><responseAction>fault</responseAction></timeout>"
        "<markForSuspension><errorCodes>101504, 101505</errorCodes><retriesBeforeSuspension>3</retriesBeforeSuspension>"
        "<retryDelay>200</retryDelay></markForSuspension>"
        "<suspendOnFailure><errorCodes>-1 503</errorCodes><initialDuration>1000</initialDuration>"
        "<progressionFactor>1.5</progressionFactor><maximumDuration>60000</maximumDuration></suspendOnFailure>"
        "<retryConfig><disabledErrorCodes>101507</disabledErrorCodes></retryConfig>"
    )
    assert (found.time_limit.seconds, found.time_limit.action) == (1.5, "fault")
    assert found.rules == Rules(
        marking=frozenset({101504, 101505}),
        tries=3,
        try_delay=0.2,
        suspending=frozenset({-1, 503}),
        first_duration=1.0,
        factor=1.5,
        longest=60.0,
    )
    assert definition("<suspendOnFailure/>").rules.longest == math.inf


def test_limits_may_have_their_unit_behind_them() -> None:
    found = definition(
        "<timeout><duration>2m</duration></timeout>"
        "<markForSuspension><retryDelay>250 ms</retryDelay></markForSuspension>"
        "<suspendOnFailure><initialDuration>1.5s</initialDuration><maximumDuration>1h</maximumDuration>"
        "</suspendOnFailure>"
    )
    assert found.time_limit.seconds == 120
    rules = found.rules
    assert (rules.try_delay, rules.first_duration, rules.longest) == (0.25, 1.5, 3600)


def test_a_limit_of_zero_is_none_of_its_own() -> None:
    assert not definition("<timeout><duration>0</duration></timeout>").time_limit.is_own


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1500", 1.5), ("2s", 2.0), ("1_000", 10.0), ("20000", 10.0), ("soon", 10.0), ("-3", 10.0), ("", 10.0)],
)
def test_a_dynamic_limit_is_at_most_that_of_the_engine(value: str, seconds: float) -> None:
    message = Message(surroundings=Surroundings(call_time_limit=10))
    message.properties.set("limit", value)
    for expression in ("{get-property('limit')}", "${props.synapse.limit}"):
        found = definition(f"<timeout><duration>{expression}</duration></timeout>")
        assert found.time_limit.seconds_for(message) == seconds


def test_an_old_suspension_in_seconds_still_works_and_is_remarked_on() -> None:
    result = loaded(
        endpoint('<address uri="http://h/"><suspendDurationOnFailure>5</suspendDurationOnFailure></address>')
    )
    [found] = result.artifacts
    assert isinstance(found, NamedEndpoint)
    assert isinstance(found.endpoint, Leaf)
    assert found.endpoint.definition.rules.first_duration == 5
    assert "deprecated" in str(result.notices[0])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (endpoint("<address uri='http://h/'/>", ""), "<endpoint> needs the attribute 'name'"),
        (
            endpoint(""),
            "Invalid endpoint configuration: <endpoint> needs <address>, <default>, <http> or 'key'",
        ),
        (endpoint("<address/>"), "<address> needs the attribute 'uri'"),
        (endpoint("<address uri='h/a'/>"), "does not begin with a protocol"),
        (endpoint("<address uri='jms:/queue'/>"), "the protocol jms is not supported yet"),
        (endpoint("<address uri='http://h/' optimize='mtom'/>"), "attachments are not supported yet"),
        (
            endpoint("<address uri='http://h/' format='soap'/>"),
            "expected soap11, soap12, pox, get, rest or leave-as-is",
        ),
        (endpoint("<address uri='http://h/'><enableSec/></address>"), "WS-Security is not supported"),
        (
            endpoint("<address uri='http://h/'><enableAddressing/></address>"),
            "WS-Addressing is not supported",
        ),
        (endpoint("<http/>"), "<http> needs the attribute 'uri-template'"),
        (endpoint("<http uri-template='http://h/{'/>"), "a brace without its partner"),
        (endpoint("<http uri-template='http://h/${vars.'/>"), "this '${' is not closed"),
        (
            endpoint("<http uri-template='http://h/'><authentication><oauth/></authentication></http>"),
            "authentication by oauth is not supported yet",
        ),
        (
            endpoint("<http uri-template='http://h/'><authentication/></http>"),
            "<authentication> needs <basicAuth>",
        ),
        (
            endpoint(
                "<http uri-template='http://h/'><authentication><basicAuth><username>u</username></basicAuth>"
                "</authentication></http>"
            ),
            "<basicAuth> needs <password>",
        ),
        (endpoint("<loadbalance/>"), "<loadbalance> in <endpoint> is not supported yet"),
        (endpoint("<failover/>"), "<failover> in <endpoint> is not supported yet"),
        (endpoint("<wsdl/>"), "<wsdl> in <endpoint> is not supported yet"),
        (endpoint("", 'name="E" template="T"'), "<endpoint template> is not supported yet"),
        (endpoint("<default/><property name='a'/>"), "needs the attribute 'value' or 'expression'"),
        (
            endpoint("<default><timeout><duration>soon</duration></timeout></default>"),
            "expected a number of milliseconds",
        ),
        (
            endpoint("<default><timeout><responseAction>retry</responseAction></timeout></default>"),
            "expected discard, fault or never",
        ),
        (
            endpoint("<default><suspendOnFailure><errorCodes>all</errorCodes></suspendOnFailure></default>"),
            "<errorCodes>all: expected numbers",
        ),
        (
            endpoint(
                "<default><suspendOnFailure><initialDuration>1x</initialDuration></suspendOnFailure></default>"
            ),
            "<initialDuration>1x: expected a number",
        ),
        (
            endpoint(
                "<default><retryConfig><disabledErrorCodes>1</disabledErrorCodes><enabledErrorCodes>2</enabledErrorCodes>"
                "</retryConfig></default>"
            ),
            "takes disabledErrorCodes or enabledErrorCodes, not both",
        ),
        (
            endpoint("<default><timout/></default>"),
            "unknown element <timout> in <default> (did you mean 'timeout'?)",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(text: str, reason: str) -> None:
    result = loaded(text)
    assert result.artifacts == []
    assert any(reason in str(error) for error in result.errors), result.errors
    assert all(str(error).startswith("s.xml:1: ") for error in result.errors)


def test_references_are_known_to_whoever_checks_them() -> None:
    [found] = artifacts_of(endpoint('<default/><property name="a" value="1"/>', 'name="E" onError="handler"'))
    [alias] = artifacts_of(endpoint("", 'name="A" key="E"'))
    assert [(one.kind, one.key) for one in (*found.origin.references, *alias.origin.references)] == [
        ("sequence", "handler"),
        ("endpoint", "E"),
    ]


def test_another_version_of_http_is_remarked_on_and_not_spoken() -> None:
    result = loaded(endpoint('<http uri-template="http://h/" version="2.0"/>'))
    assert len(result.artifacts) == 1
    assert "HTTP/1.1 is spoken instead" in str(result.notices[0])


def test_a_version_of_http_that_does_not_exist_is_an_error() -> None:
    [error] = loaded(endpoint('<http uri-template="http://h/" version="3.0"/>')).errors
    assert "<http> version='3.0': expected 1.1 or 2.0" in str(error)


def test_a_method_nobody_knows_is_remarked_on_and_left_to_the_message() -> None:
    result = loaded(endpoint('<http uri-template="http://h/" method="fetch"/><parameter name="a"/>'))
    [found] = result.artifacts
    assert isinstance(found, NamedEndpoint)
    assert isinstance(found.endpoint, Http)
    assert found.endpoint.method is None
    assert len(result.notices) == 2
