"""`json-eval()` and the JSON path dialect behind it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse.expressions import ExpressionError, compile_expression
from micro_integrator.synapse.message import Message

MakeMessage = Callable[..., Message]

STORE = """{"store": {"book": [
  {"category": "reference", "title": "Sayings", "price": 8.95},
  {"category": "fiction", "title": "Moby", "isbn": "0-553", "price": 8.990},
  {"category": "fiction", "title": "Rings", "isbn": null, "price": 22, "tags": ["a", "b"], "none": []}
 ], "bicycle": {"color": "red", "price": 19.95}}, "null": null, "yes": true, "a b": 1, "7": "seven", "text": "<x/>",
 "o'clock": 9}"""


def at(path: str, message: Message) -> str | None:
    return compile_expression(f"json-eval({path})", {}).text(message)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.store.bicycle.color", "red"),
        ("store.bicycle.color", "red"),
        ("$['store']['bicycle'][\"color\"]", "red"),
        ("$.store.book[1].price", "8.990"),
        ("$.store.book.[1].title", "Moby"),
        ("$.store.book[-1].title", "Rings"),
        ("$.store.book[-2:].title", '["Moby","Rings"]'),
        ("$.store.book[0:2].title", '["Sayings","Moby"]'),
        ("$.store.book[:1].title", '["Sayings"]'),
        ("$.store.book[::2].title", '["Sayings","Rings"]'),
        ("$.store.book[0,2].title", '["Sayings","Rings"]'),
        ("$.store.book[0,9].title", '["Sayings"]'),
        ("$.store.book[(@.length-1)].title", "Rings"),
        ("$.store.bicycle['color','price']", '{"color":"red","price":19.95}'),
        ("$.store.book[*].title", '["Sayings","Moby","Rings"]'),
        ("$.store.bicycle.*", '["red",19.95]'),
        ("$..price", "[8.95,8.990,22,19.95]"),
        ("$..book[0].title", '["Sayings"]'),
        ("$..color.length()", "1"),
        ("$['a b']", "1"),
        ("$.7", "seven"),
        ("$.o'clock", "9"),
        ("'$'", ""),
        ("$.null", "null"),
        ("$.yes", "true"),
        ("$.text", "<x/>"),
        ("$.store.bicycle", '{"color":"red","price":19.95}'),
        ("$.store.bicycle.", '{"color":"red","price":19.95}'),
        ("$.missing", ""),
        ("$.store.book[9]", ""),
        ("$.store.book.title", ""),
        ("$.missing[*].a", ""),
        ("$..missing", "[]"),
        ("$.null.a", ""),
    ],
)
def test_paths_find_what_they_name(make: MakeMessage, path: str, text: str) -> None:
    assert at(path, make(json=STORE)) == text


@pytest.mark.parametrize(
    ("condition", "titles"),
    [
        ("@.isbn", '["Moby","Rings"]'),
        ("!@.isbn", '["Sayings"]'),
        ("@.isbn == null", '["Rings"]'),
        ("@.isbn != 'x'", '["Sayings","Moby","Rings"]'),
        ("@.price < 9", '["Sayings","Moby"]'),
        ("@.price<9 && @.category=='fiction'", '["Moby"]'),
        ("@.price <= 8.95 || @.price >= 22", '["Sayings","Rings"]'),
        ("!(@.price > 9)", '["Sayings","Moby"]'),
        ("@.price == '22'", '["Rings"]'),
        ("@.price === '22'", "[]"),
        ("@.price == 8.95", '["Sayings"]'),
        ("@.title =~ /mo.*/i", '["Moby"]'),
        ("@.title =~ /o/", "[]"),
        ("@.category in ['reference', 'poetry']", '["Sayings"]'),
        ("@.category nin ['reference']", '["Moby","Rings"]'),
        ("@.tags subsetof ['a', 'b', 'c']", '["Rings"]'),
        ("@.tags anyof ['b']", '["Rings"]'),
        ("@.tags noneof ['z']", '["Rings"]'),
        ("@.tags size 2", '["Rings"]'),
        ("@.tags contains 'a'", '["Rings"]'),
        ("@.none empty true", '["Rings"]'),
        ("@.title empty false", '["Sayings","Moby","Rings"]'),
        ("@.title.length() == 4", '["Moby"]'),
        ("@.price > $.store.bicycle.price", '["Rings"]'),
        ("@['title'] == \"Moby\"", '["Moby"]'),
        ("'x' < 1", "[]"),
    ],
)
def test_filters_choose_elements(make: MakeMessage, condition: str, titles: str) -> None:
    assert at(f"$.store.book[?({condition})].title", make(json=STORE)) == titles


def test_a_deep_filter_asks_every_object_once(make: MakeMessage) -> None:
    assert at("$..[?(@.price > 10)].price", make(json=STORE)) == "[22,19.95]"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.n.length()", "4"),
        ("$.n.size()", "4"),
        ("$.n.min()", "1.0"),
        ("$.n.max()", "4.5"),
        ("$.n.sum()", "10.5"),
        ("$.n.avg()", "2.625"),
        ("$.two.stddev()", "1.0"),
        ("$.o.keys()", '["x","y"]'),
        ("$.n.first()", "1"),
        ("$.n.last()", "3"),
        ("$.concat($.s, '-', 1)", "a-1"),
        ("$.sum($.o.x, $.o.y)", "3.0"),
        ("$.empty.max()", ""),
        ("$.s.keys()", ""),
    ],
)
def test_functions_end_a_path(make: MakeMessage, path: str, text: str) -> None:
    document = '{"n": [1, 4.5, 2, 3], "two": [1, 3], "o": {"x": 1, "y": 2}, "s": "a", "empty": []}'
    assert at(path, make(json=document)) == text


def test_the_whole_body_is_returned_unchanged(make: MakeMessage) -> None:
    document = '{ "b" : 1.0 ,\n "a" : [ ] }'
    assert at("$", make(json=document)) == document
    assert at("$.", make(json=document)) == document


def test_an_object_with_members_keeps_them_in_place(make: MakeMessage) -> None:
    assert at("$.o", make(json='{"o": {"members": [1], "x": 2}}')) == '{"members":[1],"x":2}'


def test_an_xml_body_is_converted_first(make: MakeMessage) -> None:
    assert at("$.order.id", make(xml="<order><id>12</id></order>")) == "12"


def test_values_are_json_values_with_exact_numbers(make: MakeMessage) -> None:
    message = make(json='{"a": 1.10, "b": [1, {"c": null}], "d": 123456789012345678901234567890}')
    assert compile_expression("json-eval($.a)", {}).value(message) == Decimal("1.10")
    assert compile_expression("json-eval($.b)", {}).value(message) == [1, {"c": None}]
    assert compile_expression("json-eval($..c)", {}).value(message) == [None]
    assert compile_expression("json-eval($.zz)", {}).value(message) is None
    assert at("$.d", message) == "123456789012345678901234567890"


def test_properties_and_headers_can_be_the_document(make: MakeMessage) -> None:
    message = make(
        json="{}",
        properties={"p": '{"a": {"b": 1}}', "v": {"a": 2}},
        axis2={"q": "[5]"},
        headers={"H": '{"x": 3}'},
    )
    assert at("$ctx:p.a.b", message) == "1"
    assert at("$ctx:p", message) == '{"a": {"b": 1}}'
    assert at("$ctx:v.a", message) == "2"
    assert at("$axis2:q[0]", message) == "5"
    assert at("$trp:h.x", message) == "3"
    assert at("$ctx:missing.a", message) == ""
    assert not compile_expression("json-eval($ctx:p.a)", {}).reads_body
    assert compile_expression("json-eval($.a)", {}).reads_body


def test_a_property_that_is_no_json_gives_nothing(make: MakeMessage) -> None:
    assert at("$ctx:p.a", make(properties={"p": "plain"})) == ""


def test_embedded_expressions_become_part_of_the_path(make: MakeMessage) -> None:
    message = make(json='{"a": {"k": [1, 2]}, "which": "a"}', properties={"name": "k", "i": 1})
    assert at("$.a.{$ctx:name}[{$ctx:i}]", message) == "2"
    assert at("$.a.{$ctx:name}", message) == "[1,2]"
    assert at("$.{json-eval($.which)}.k[0]", message) == "1"
    assert at("$.{$ctx:none}.k", message) == ""


def test_a_count_in_a_regular_expression_is_no_embedded_expression(make: MakeMessage) -> None:
    assert at("$[?(@.a =~ /b{2}/)].a", make(json='[{"a": "bb"}, {"a": "b"}]')) == '["bb"]'


@pytest.mark.parametrize(
    ("path", "is_true"), [("$.t", True), ("$.s", True), ("$.f", False), ("$.one", False), ("$.zz", False)]
)
def test_a_condition_is_true_when_the_text_says_so(make: MakeMessage, path: str, is_true: bool) -> None:
    message = make(json='{"t": true, "s": "TRUE", "f": false, "one": 1}')
    assert compile_expression(f"json-eval({path})", {}).is_true(message) is is_true


def test_an_empty_payload_is_a_warning_and_empty(make: MakeMessage) -> None:
    with recorded_lines() as lines:
        assert at("$.a", make()) == ""
    assert lines.texts() == ["Json Payload is empty."]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("json-eval($.a", "expected ')' at the end"),
        ("json-eval($.a[)", "the text ends"),
        ("json-eval($.a[?(@.b ==)])", "cannot go on with ')'"),
        ("json-eval($.a[?(@.b =~ /(/)])", "not a regular expression"),
        ("json-eval($.a['b)", "this string is not closed"),
        ("json-eval($.a b)", "cannot go on with 'b'"),
        ("json-eval($...a)", "cannot go on with '.'"),
        ("json-eval($.a[::0])", "step 0"),
    ],
)
def test_a_malformed_path_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=r".*") as caught:
        compile_expression(expression, {})
    assert reason in str(caught.value)
