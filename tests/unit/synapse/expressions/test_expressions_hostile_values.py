"""What messages bring in may be absurd: an expression then has no value, and the flow goes on."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse.expressions import ExpressionError, compile_expression
from micro_integrator.synapse.message import Message

MakeMessage = Callable[..., Message]

LONG = "9" * 5000
"""More digits than Python reads or writes."""
STEEP = "1e99999999999999999999"
"""An exponent that no decimal can have."""


@pytest.mark.parametrize(
    ("expression", "x"),
    [
        ("${props.synapse.x + 1}", LONG),
        ("${props.synapse.x > 1}", STEEP),
        ("${props.synapse.x * props.synapse.x}", "9" * 900),
        ("${sqrt(props.synapse.x)}", "9" * 400),
        ("${integer(props.synapse.x)}", LONG),
        ("${formatDateTime(pow(10, 400), 'yyyy')}", ""),
        ("${formatDateTime(props.synapse.x, 'yyyy')}", "1.0000000000000001e999999999"),
        ("${formatDateTime(props.synapse.x, 'yyyy-MM-ddXXX', 'yyyy')}", "2020-01-01+99:99"),
        ("${formatDateTime(props.synapse.x, 'yyyy-DDD', 'yyyy')}", "9999-999"),
        ("${formatDateTime(props.synapse.x, 'yyyy-MM-dd', 'w')}", "0001-01-01"),
        ("${formatDateTime('2020', props.synapse.x, 'yyyy')}", "y" * 12),
        ("${split('a', props.synapse.x)}", "a{99999999999}"),
        ("${split('a', props.synapse.x)}", "(" * 5000),
        ("${base64encode('a', props.synapse.x)}", "UTF-8\0"),
        ("${object(props.synapse.x)}", "[" * 100_000),
        ("${vars.list[props.synapse.x]}", "--5"),
        ("${vars.list[props.synapse.x]}", LONG),
        ("${vars.list[props.synapse.x:]}", LONG),
        ("${xpath(props.synapse.x)}", "(" * 4000),
        ("${xpath(props.synapse.x)}", "'\0'"),
        ("concat($ctx:x, 'a')", "a\0b"),
        ("concat(get-property('x'), 'a')", "a\ud800b"),
        ("hmac-generate($ctx:x, 'key')", "a\ud800b"),
        ("json-eval($.{$ctx:x})", "a[?(" + "(" * 3000),
        ("json-eval($.list[?(@.text =~ @.pattern)])", ""),
        ("json-eval($.list[?(@.number == @.text)])", ""),
        ("json-eval($.integers.sum())", ""),
        ("json-eval($.doubles.sum())", ""),
        ("json-eval($.doubles.stddev())", ""),
        ("${payload.integers.avg()}", ""),
    ],
)
def test_an_absurd_value_stops_no_flow(expression: str, x: str, make: MakeMessage) -> None:
    body = (
        f'{{"list": [{{"text": "{STEEP}", "pattern": "(", "number": 1}}],'
        f' "integers": [{"9" * 400}], "doubles": [1e308, 1e308]}}'
    )
    message = make(json=body, properties={"x": x}, variables={"list": [1, 2]})
    with recorded_lines():
        found = compile_expression(expression, {})
        assert found.text(message) in ("", "[]")
        assert found.value(message) in (None, [])
        assert found.is_true(message) is False


@pytest.mark.parametrize(
    "expression",
    [
        f"${{{LONG}}}",
        f"${{{STEEP}}}",
        f"json-eval($.a[{LONG}])",
        f"json-eval($.a[(@.length-{LONG})])",
        f"json-eval($.a[?(@.b == {STEEP})])",
        "json-eval($.a[?(@.b =~ /a{99999999999}/)])",
        "json-eval($.a.sum(1.2.3))",
        f"json-eval($.a.sum({STEEP}))",
        "'a\0b'",
    ],
)
def test_an_absurd_literal_is_refused_at_deployment(expression: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(expression, {})


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("${round(123456789012345678901234567890.125, 2)}", "1.2345678901234568E29"),
        ("${1000000000000000000000000000000.0 / 0.1}", "1.0E31"),
        ("${-vars.exact}", "-1.00000000000000000000000000000000000001"),
    ],
)
def test_long_decimals_are_calculated_with(expression: str, text: str, make: MakeMessage) -> None:
    message = make(variables={"exact": Decimal("1.00000000000000000000000000000000000001")})
    assert compile_expression(expression, {}).text(message) == text
