"""XPath with the variables, functions and string values of Synapse."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from micro_integrator.kit import parse
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse.expressions import ExpressionError, compile_expression
from micro_integrator.synapse.message import Body, Message

MakeMessage = Callable[..., Message]

ORDER = (
    '<o:order xmlns:o="urn:o" id="7"><item n="1">pen</item><item n="2">ink</item>'
    "<note> x\u00a0y </note><empty/></o:order>"
)
SOAP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><token>t1</token></s:Header>'
    "<s:Body><order>9</order></s:Body></s:Envelope>"
)


@pytest.fixture
def order(make: MakeMessage) -> Message:
    message = make(
        xml=ORDER,
        properties={
            "na.me-x": "prop",
            "count": 3,
            "ratio": 2.5,
            "exact": Decimal("1.10"),
            "big": 12345678901234567890,
            "yes": True,
            "map": {"key": "entry", "n": 4},
            "tree": parse("<a><b>inner</b></a>"),
        },
        axis2={"HTTP_METHOD": "GET"},
        headers={"Content-Type": "text/xml", "X-A": "h"},
        variables={"v": "variable", "j": {"a": [1]}},
    )
    message.to = "http://h/p?Name=a%20b&n=1"
    message.action = "urn:act"
    message.properties.set("op", "shared", "operation")
    return message


def test_a_query_is_found_in_a_target_that_is_no_url(make: MakeMessage) -> None:
    message = make()
    message.to = "//[?a=1#b"
    assert compile_expression("$url:a", {}).text(message) == "1"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("$ctx:na.me-x", "prop"),
        ("$ctx:count", "3"),
        ("$ctx:count + 1", "4"),
        ("$ctx:ratio", "2.5"),
        ("$ctx:ratio * 2", "5"),
        ("$ctx:exact", "1.10"),
        ("concat($ctx:exact, '')", "1.10"),
        ("$ctx:big", "12345678901234567890"),
        ("concat($ctx:big, '')", "12345678901234567890"),
        ("$ctx:yes", "true"),
        ("$ctx:tree/b", "inner"),
        ("$ctx:tree", "<a><b>inner</b></a>"),
        ("$var:v", "variable"),
        ("$var:j", '{"a":[1]}'),
        ("concat($var:j, '')", '{"a":[1]}'),
        ("$axis2:HTTP_METHOD", "GET"),
        ("$trp:content-type", "text/xml"),
        ("$operation:op", "shared"),
        ("$url:name", "a b"),
        ("$url:missing", ""),
        ("$sys:missing", ""),
        ("$map:key", "entry"),
        ("$map:n", "4"),
        ("'$ctx:count'", "$ctx:count"),
        ("concat($ctx:none, 'x')", "x"),
    ],
)
def test_variables_have_the_value_of_their_place(order: Message, expression: str, text: str) -> None:
    assert compile_expression(expression, {}).text(order) == text


@pytest.mark.parametrize(
    "expression", ["$ctx:none", "$var:none", "$axis2:none", "$trp:none", "$map:none", "get-property('none')"]
)
def test_what_is_not_set_is_null_when_it_stands_alone(order: Message, expression: str) -> None:
    compiled = compile_expression(expression, {})
    assert compiled.text(order) is None
    assert compiled.value(order) is None
    assert not compiled.is_true(order)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("//note", "x y"),
        ("//item", '<item n="1">pen</item><item n="2">ink</item>'),
        ("//item[1]", "pen"),
        ("//item[1]/text()", "pen"),
        ("//item/@n", "12"),
        ("//empty", "<empty/>"),
        ("//note/node()", " x\u00a0y "),
        ("//item[1]/self::node()", '<item n="1">pen</item>'),
        ("//nothing", ""),
        ("count(//item)", "2"),
        ("count(//item) div 4", "0.5"),
        ("1 = 1", "true"),
        ("string(//item[2])", "ink"),
        ("$body/p:order/@id", "7"),
        ("//p:order/item[2]", "ink"),
        ("p:order", ""),
        ("$env/*/p:order/@id", "7"),
        ("//item[@n = $ctx:count - 1]", "ink"),
        ("number('x')", "NaN"),
        ("1000000 * 10000000", "10000000000000"),
    ],
)
def test_results_become_text_by_the_rules(order: Message, expression: str, text: str) -> None:
    assert (compile_expression(expression, {"p": "urn:o"}).text(order) or "") == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("count($header/*)", "0"),
        ("concat('a', $header)", "a"),
        ("boolean($header)", "false"),
        ("$header", ""),
    ],
)
def test_a_message_without_a_header_has_nothing_in_it(expression: str, text: str, order: Message) -> None:
    assert compile_expression(expression, {}).text(order) == text


def test_header_and_body_of_an_envelope_are_found() -> None:
    message = Message(Body.of_bytes(SOAP.encode(), "text/xml"))
    assert compile_expression("$header/token", {}).text(message) == "t1"
    assert compile_expression("$body/order", {}).text(message) == "9"
    assert compile_expression("//token", {}).text(message) == "t1"
    envelope = {"s": "http://schemas.xmlsoap.org/soap/envelope/"}
    assert compile_expression("/s:Envelope/s:Body/order", envelope).text(message) == "9"
    assert compile_expression("s:Body/order", envelope).text(message) == "9"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("get-property('count')", "3"),
        ("get-property('default', 'count')", "3"),
        ("syn:get-property('count')", "3"),
        ("get-property(concat('cou', 'nt'))", "3"),
        ("get-property('axis2', 'HTTP_METHOD')", "GET"),
        ("get-property('transport', 'x-a')", "h"),
        ("get-property('operation', 'op')", "shared"),
        ("get-property('nowhere', 'count')", ""),
        ("get-property('Action')", "urn:act"),
        ("get-property('To')", "http://h/p?Name=a%20b&n=1"),
        ("get-property('FAULT')", "FALSE"),
        ("get-property('MESSAGE_FORMAT')", "pox"),
        ("string-length(get-property('SYSTEM_TIME')) > 12", "true"),
        ("string-length(get-property('SYSTEM_DATE', 'yyyy-MM-dd'))", "10"),
        ("string-length(get-property('default', 'SYSTEM_DATE', 'HH:mm'))", "5"),
        ("fn:concat('a', 'b')", "ab"),
        ("base64Encode('Grüße')", "R3LDvMOfZQ=="),
        ("base64Encode('ü', 'ISO-8859-1')", "/A=="),
        ("base64Decode('R3LDvMOfZQ==')", "Grüße"),
        ("url-encode('a b*~ü')", "a%20b%2A%7E%C3%BC"),
        ("hmac-generate('payload', 'key')", "2f3902cd1626fa7fdfb67e93109f50412ad71531"),
        (
            "hmac-generate('payload', 'key', 'HmacSHA256')",
            "5d98b45c90a207fa998ce639fea6f02ecc8cc3f36fef81d694fb856b4d0a28ca",
        ),
    ],
)
def test_functions_work_with_any_prefix(order: Message, expression: str, text: str) -> None:
    assert compile_expression(expression, {}).text(order) == text


def test_a_property_that_is_not_set_is_looked_up_as_an_entry(make: MakeMessage) -> None:
    class Entries:
        def entry(self, key: str) -> object:
            return "from the entry" if key == "k" else None

    message = make()
    message.entries = Entries()
    assert compile_expression("get-property('k')", {}).text(message) == "from the entry"


@pytest.mark.parametrize(
    ("expression", "is_true"),
    [
        ("//item", True),
        ("//nothing", False),
        ("'false'", True),
        ("''", False),
        ("$ctx:none", False),
        ("$ctx:yes", True),
        ("not($ctx:yes)", False),
        ("$ctx:tree", True),
        ("0", False),
        ("0 div 0", False),
        ("count(//item) = 2 and $ctx:count > 2", True),
    ],
)
def test_a_condition_follows_the_boolean_function(order: Message, expression: str, is_true: bool) -> None:
    assert compile_expression(expression, {}).is_true(order) is is_true


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("count(//item)", 2),
        ("1 div 4", 0.25),
        ("$ctx:count", 3),
        ("$ctx:yes", True),
        ("//item/text()", ["pen", "ink"]),
    ],
)
def test_values_keep_their_type(order: Message, expression: str, value: object) -> None:
    found = compile_expression(expression, {}).value(order)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "reads_body"),
    [
        ("//a", True),
        ("a", True),
        ("$body/a", True),
        ("$header", True),
        ("string()", True),
        ("name()", True),
        ("//item[@id = $ctx:id]", True),
        ("concat($ctx:a, /x)", True),
        ("get-property('FAULT') = 'TRUE'", True),
        ("get-property('MESSAGE_FORMAT')", True),
        ("get-property($ctx:which)", True),
        ("$ctx:a", False),
        ("$ctx:tree/b[c = 1]/@d", False),
        ("$ctx:tree//b[string-length() > 2]", False),
        ("get-property('From')", False),
        ("get-property('transport', 'a/b')", False),
        ("concat('/a', \"//b\")", False),
        ("string($ctx:a)", False),
    ],
)
def test_whether_the_body_is_needed_is_seen_in_the_expression(expression: str, reads_body: bool) -> None:
    assert compile_expression(expression, {}).reads_body is reads_body


def test_an_expression_that_needs_no_envelope_builds_none(make: MakeMessage) -> None:
    message = make(xml="<not well-formed", properties={"a": parse("<a><b>1</b></a>")})
    assert compile_expression("concat($ctx:a/b, 'x')", {}).text(message) == "1x"


def test_serialised_elements_carry_no_namespace_they_do_not_need(make: MakeMessage) -> None:
    message = make(xml='<a xmlns:unused="urn:u"><b/><b xmlns="urn:b"/></a>')
    assert compile_expression("//*[local-name() = 'b']", {}).text(message) == '<b/><b xmlns="urn:b"/>'


def test_a_name_may_carry_its_namespace_in_braces(order: Message) -> None:
    assert compile_expression("$body/{urn:o}order/@id", {}).text(order) == "7"


@pytest.mark.parametrize(
    ("expression", "column", "reason"),
    [
        ("", 1, "but the text ends"),
        ("//", 3, "but the text ends"),
        ("//a[", 5, "but the text ends"),
        ("//a[1", 6, "expected ']' but the text ends"),
        ("foo(1)", 1, "unknown function 'foo'"),
        ("syn:get-propety('a')", 1, "did you mean 'get-property'?"),
        ("concat('a')", 1, "concat() cannot be called with 1 arguments"),
        ("get-property()", 1, "cannot be called with 0 arguments"),
        ("a:b", 1, "the namespace prefix 'a' is not declared"),
        ("1 + $bdy", 5, "did you mean 'body'?"),
        ("'open", 1, "this string is not closed"),
        ("a # b", 3, "cannot go on with '#'"),
        ("childs::a", 1, "did you mean 'child'?"),
        ("a b", 3, "cannot go on with 'b'"),
        ("wso2:vault-lookup('x')", 1, "not supported yet"),
    ],
)
def test_a_mistake_is_named_with_its_column(expression: str, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression, {})
    assert caught.value.column == column
    assert reason in str(caught.value)


def test_an_unknown_prefix_without_a_map_is_a_warning_and_empty(order: Message) -> None:
    with recorded_lines() as lines:
        assert compile_expression("$nomap:x", {}).text(order) == ""
    expected = "$nomap:x cannot be resolved: no map is in the property 'nomap'"
    assert lines.texts() == [f"Error evaluating expression: $nomap:x cause : {expected}"]


def test_a_template_parameter_outside_a_template_is_a_warning_and_null(order: Message) -> None:
    with recorded_lines() as lines:
        assert compile_expression("$func:p", {}).text(order) is None
    assert "outside a template" in lines.texts()[0]


def test_a_template_parameter_is_that_of_the_innermost_template(order: Message) -> None:
    order.functions.append({"p": "outer"})
    order.functions.append({"p": "inner"})
    assert compile_expression("$func:p", {}).text(order) == "inner"
    assert compile_expression("get-property('func', 'p')", {}).text(order) == "inner"
