"""Whatever is written in an attribute is an expression or an ExpressionError, and never stops a flow."""

import contextlib
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.synapse.expressions import (
    ExpressionError,
    Template,
    compile_dynamic,
    compile_expression,
)
from micro_integrator.synapse.message import Body, Message

PIECES = st.lists(
    st.sampled_from(
        [
            "$", "$.a", "$ctx:x", "payload", "vars.x", "headers.h", "props.synapse.x", ".a", "..",
            "..a", ".*", "[", "]", "[0]", "[-1:]", "[1,2]", "['a']", "[?(", "@.a", "@", ")", "(",
            "==", "!=", "<", "=~", "/a.*/i", " in ", "['b']", "'s'", '"t"', "'", "1", "-1", "2.5",
            "1e400", "+", "-", "*", "/", "%", " and ", " or ", "&&", "||", "?", ":", ",", "true",
            "null", "length(", "split(", "round(", "exists(", "xpath('//a')", "formatDateTime(",
            "//a", "/*", "@id", "text()", "count(", "get-property(", "{", "}", "\\", " ", "é", "\x00",
            ".length()", "object(", "pow(",
        ]
    ),
    max_size=9,
).map("".join)  # fmt: skip


def message() -> Message:
    found = Message(Body.of_bytes(b'{"a": [1, 2.5, {"b": "s"}], "c": null}', "application/json"))
    found.properties.set("x", Decimal("1e400"))
    found.variables.update(x=[1, {"a": "b"}], y=float("inf"))
    found.headers["h"] = "12"
    return found


@given(PIECES, st.sampled_from(["{}", "${{{}}}", "json-eval({})"]))
def test_an_attribute_is_refused_or_evaluated(text: str, form: str) -> None:
    with contextlib.suppress(ExpressionError):
        expression = compile_expression(form.format(text), {})
        expression.text(message())
        expression.value(message())
        expression.is_true(message())


@given(PIECES)
def test_a_value_or_template_is_refused_or_evaluated(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        compile_dynamic(text, {}).text(message())
    with contextlib.suppress(ExpressionError):
        Template(f"a {text} ${{{text}}}", {}).render(message())
