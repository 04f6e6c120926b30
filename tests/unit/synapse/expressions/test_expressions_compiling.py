"""Which language a text is, deferred expressions, sharing, templates."""

from collections.abc import Callable

import pytest

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse.expressions import (
    Deferred,
    Expression,
    ExpressionError,
    Static,
    Template,
    compile_dynamic,
    compile_expression,
)
from micro_integrator.synapse.expressions.inline import Inline
from micro_integrator.synapse.expressions.jsonpath import JsonPath
from micro_integrator.synapse.expressions.xpath import XPathExpression
from micro_integrator.synapse.message import Message

MakeMessage = Callable[..., Message]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("json-eval($.a)", JsonPath),
        ("${payload.a}", Inline),
        ("//a", XPathExpression),
        ("$ctx:a", XPathExpression),
        ("get-property('a')", XPathExpression),
    ],
)
def test_the_beginning_of_a_text_tells_its_language(text: str, language: type[Expression]) -> None:
    assert type(compile_expression(text, {})) is language


@pytest.mark.parametrize(
    ("text", "language", "source"),
    [
        ("plain", Static, "plain"),
        ("", Static, ""),
        ("{", Static, "{"),
        ("{}", Static, "{}"),
        ("a{b}", Static, "a{b}"),
        ("//a", Static, "//a"),
        ("{//a}", XPathExpression, "//a"),
        ("{json-eval($.a)}", JsonPath, "$.a"),
        ("{${vars.a}}", Inline, "vars.a"),
        ("${vars.a}", Static, "${vars.a}"),
        ("{{//a}}", Deferred, "{{//a}}"),
    ],
)
def test_braces_make_an_attribute_dynamic(text: str, language: type[Expression], source: str) -> None:
    compiled = compile_dynamic(text, {})
    assert type(compiled) is language
    assert compiled.source == source


def test_static_text_means_itself(make: MakeMessage) -> None:
    static = compile_dynamic("some text", {})
    assert static.text(make()) == static.value(make()) == "some text"
    assert static.is_constant
    assert not static.reads_body
    assert not static.is_true(make())
    assert compile_dynamic(" True ", {}).is_true(make())


def test_equal_texts_share_one_object_while_somebody_uses_it() -> None:
    first = compile_expression("//p:a", {"p": "urn:1", "q": "urn:2"})
    assert compile_expression("//p:a", {"q": "urn:2", "p": "urn:1"}) is first
    assert compile_expression("//p:a", {"p": "urn:other"}) is not first
    assert compile_expression("${1}", {}) is not compile_expression("1", {})


def test_a_syntax_error_in_braces_is_refused() -> None:
    with pytest.raises(ExpressionError):
        compile_dynamic('{"a": 1}', {})


def test_a_deferred_expression_is_evaluated_where_the_template_reads_it(make: MakeMessage) -> None:
    caller, inside = make(xml="<a>caller</a>"), make(xml="<a>inside</a>")
    inside.functions.append({"p": compile_dynamic("{{//a}}", {}).value(caller)})
    assert compile_expression("$func:p", {}).text(inside) == "inside"
    assert compile_expression("get-property('func', 'p')", {}).text(inside) == "inside"
    assert compile_expression("$func:p", {}).is_true(inside)


def test_a_deferred_property_passes_the_expression_it_holds(make: MakeMessage) -> None:
    message = make(
        xml="<a>text</a>", properties={"x": "//a", "evil": "get-property('x')", "long": "a" * 5000}
    )
    message.functions.append({"p": compile_dynamic("{{get-property('x')}}", {}).value(message)})
    assert compile_expression("$func:p", {}).text(message) == "text"
    for name, reason in (("evil", "may not be used"), ("long", "longer than 4096")):
        with recorded_lines() as lines:
            assert compile_dynamic(f"{{{{get-property('{name}')}}}}", {}).value(message) is None
        assert reason in lines.texts()[0]
    assert compile_dynamic("{{get-property('unset')}}", {}).value(message) is None


def test_a_deferred_expression_outside_a_template_is_evaluated_at_once(make: MakeMessage) -> None:
    deferred = compile_dynamic("{{$ctx:a}}", {})
    assert deferred.text(make(properties={"a": "x"})) == "x"
    assert deferred.is_true(make(properties={"a": "x"}))


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("plain $1 {x}", "plain $1 {x}"),
        ("Hello ${vars.name}!", "Hello Ann!"),
        ("${vars.name}${vars.name}", "AnnAnn"),
        ("a ${vars.missing} b", "a  b"),
        ("${vars.o}", '{"k":"}"}'),
        ('${object(\'{"a": {"b": 2}}\').a.b}', "2"),
        ("${'}' + \"{\"}", "}{"),
        ('{"a": "${vars.name}", "b": {"c": ${1 + 1}}}', '{"a": "Ann", "b": {"c": 2}}'),
        ("it's ${vars.name}'s", "it's Ann's"),
        ("${'\\'' + vars.name}", "'Ann"),
    ],
)
def test_templates_put_values_into_text(make: MakeMessage, text: str, rendered: str) -> None:
    message = make(variables={"name": "Ann", "o": {"k": "}"}})
    assert Template(text, {}).render(message) == rendered


def test_a_template_shows_its_parts() -> None:
    template = Template("a ${vars.x} b ${payload.y}", {})
    assert [getattr(part, "source", part) for part in template.parts] == ["a ", "vars.x", " b ", "payload.y"]
    assert template.reads_body
    assert not Template("a ${vars.payload}", {}).reads_body


@pytest.mark.parametrize("text", ["a ${vars.x", "${'}", "${", "${}", "x ${abc} y"])
def test_a_broken_template_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Template(text, {})
