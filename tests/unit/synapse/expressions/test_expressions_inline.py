"""`${…}`: access, operators, errors."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from micro_integrator.kit import parse
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse.expressions import ExpressionError, compile_expression
from micro_integrator.synapse.message import Body, Message

MakeMessage = Callable[..., Message]

PAYLOAD = """{"a": {"b": [10, 20, 30], "name": "n1", "payload": {"vars": 1}}, "i": 1, "price": 8.990, "null": null,
"yes": true, "books": [{"t": "x", "p": 5}, {"t": "y", "p": 15}], "first name": "Ann", "big": 12345678901234567890}"""


@pytest.fixture
def message(make: MakeMessage) -> Message:
    built = make(
        json=PAYLOAD,
        properties={"p": "prop", "query.param.q": "42", "uri.var.id": "007", "text": "abc", "n": 5},
        axis2={"m": "GET"},
        headers={"X-Num": "400", "te st": "spaced", "payload": "kept"},
        variables={
            "s": "string",
            "json": {"k": [1, 2, {"z": 3}]},
            "text_json": '{"k": [7, 8]}',
            "xml": parse("<r><v>42</v></r>"),
            "call": {
                "payload": {"x": 1},
                "headers": {"Content-Type": "a/b"},
                "attributes": {"statusCode": 201},
            },
            "i": 2,
            "d": 2.5,
            "t": "y",
            "none": None,
        },
    )
    built.functions.append({"par": "given", "num": "3"})
    return built


def text(expression: str, message: Message) -> str | None:
    return compile_expression("${" + expression + "}", {}).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("payload.a.name", "n1"),
        ("$.a.name", "n1"),
        ('payload["a"].name', "n1"),
        ("payload['first name']", "Ann"),
        ('payload."first name"', "Ann"),
        ("payload.a.payload.vars", "1"),
        ("payload.a.b", "[10,20,30]"),
        ("payload.price", "8.990"),
        ("payload.big", "12345678901234567890"),
        ("payload.a.b[1]", "20"),
        ("payload.a.b[-1]", "30"),
        ("payload.a.b[$.i]", "20"),
        ("payload.a.b[vars.i]", "30"),
        ("payload.a.b[vars.i - 1]", "20"),
        ("payload.a.b[(@.length-1)]", "30"),
        ("payload.a.b[0,2]", "[10,30]"),
        ("payload.a.b[$.i:]", "[20,30]"),
        ("payload.a.b[:vars.i]", "[10,20]"),
        ("payload.a.b[::2]", "[10,30]"),
        ("payload.a.b[*]", "[10,20,30]"),
        ("payload.a.b.length()", "3"),
        ("payload.a.b.max()", "30.0"),
        ("payload..p", "[5,15]"),
        ("payload.books[?(@.p > 10)].t", '["y"]'),
        ("payload.books[?(@.t == vars.t)].p", "[15]"),
        ("payload.books[?(@.t == 'vars.t')].p", "[15]"),
        ("payload.books[?(@.p < payload.a.b[0])].t", '["x"]'),
        ("payload.books[?(@.p < params.queryParams.q)].t", '["x","y"]'),
        ("payload.books[(@.length-1)].t", "y"),
        ("payload.null", ""),
        ("vars.s", "string"),
        ('vars."s"', "string"),
        ("vars['s']", "string"),
        ('vars.["s"]', "string"),
        ("vars.json.k[2].z", "3"),
        ("vars.json", '{"k":[1,2,{"z":3}]}'),
        ("vars.text_json.k[1]", "8"),
        ("vars.xml", "<r><v>42</v></r>"),
        ("vars.call.payload.x", "1"),
        ('vars.call.headers["Content-Type"]', "a/b"),
        ("vars.call.attributes.statusCode", "201"),
        ("headers.x-num", "400"),
        ("headers['te st']", "spaced"),
        ("headers.payload", "kept"),
        ("props.synapse.p", "prop"),
        ("properties.synapse['p']", "prop"),
        ("props.axis2.m", "GET"),
        ("params.queryParams.q", "42"),
        ("params.pathParams.id", "007"),
        ("params.functionParams.par", "given"),
        ("xpath('//v', 'xml')", "42"),
        ("[1, 'a', true]", '[1,"a",true]'),
    ],
)
def test_values_are_found_where_they_are(message: Message, expression: str, expected: str) -> None:
    assert text(expression, message) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2147483647 + 1", "2147483648"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("0.1 + 0.2", "0.3"),
        ("5.5 + 3.5", "9.0"),
        ("7 / 2", "3.5"),
        ("8 / 2", "4"),
        ("10 / 4.0", "2.5"),
        ("-7 % 3", "-1"),
        ("5.5 % 3", "2.5"),
        ("1 - -1", "2"),
        ("-(2 + 3)", "-5"),
        ("-vars.d", "-2.5"),
        ("payload.price + 1", "9.99"),
        ("1e3", "1000.0"),
        ("12345678.5 * 10", "1.23456785E8"),
        ("'a' + \"b\"", "ab"),
        ("'it\\'s'", "it's"),
        ("'\\u00e9\\t|'", "é\t|"),
        ("params.queryParams.q + 1", "43"),
        ("params.pathParams.id + 1", "8"),
        ("params.pathParams.id + 'x'", "007x"),
        ("props.synapse.text + headers.x-num", "abc400"),
        ("params.queryParams.q + headers.x-num", "442"),
        ("1 == '1'", "true"),
        ("1 != 2", "true"),
        ("null == payload.null", "true"),
        ("payload.a == null", "false"),
        ("headers.x-num > 399", "true"),
        ("5 >= 5.0", "true"),
        ("payload.price < 9", "true"),
        ("now() > 5", "true"),
        ("true ? 'y' : 'n'", "y"),
        ("false ? 1 : true ? 2 : 3", "2"),
        ("payload.yes and not(false)", "true"),
        ("true or payload.missing", "true"),
        ("false && payload.missing", "false"),
    ],
)
def test_operators_calculate(message: Message, expression: str, expected: str) -> None:
    assert text(expression, message) == expected


PRECEDENCE = [
    ("payload.i > 0 && payload.i < 2", "true"),
    ("payload.i > 1 || payload.i == 1", "true"),
    ("1 + 1 == 2 && 2 * 2 == 4", "true"),
    ("true or true and false", "true"),
    ("(true or true) and false", "false"),
    ("1 < 2 == true", "true"),
    ("5 > 4 ? 'a' : 'b'", "a"),
    ("(5 > 4) && (3 < 4)", "true"),
    ("1 + 2 > 2 and 10 / 2 == 5 ? 'yes' : 'no'", "yes"),
    ("2 + 3 * 4 - 6 / 2", "11"),
    ("100 / 10 / 2", "5"),
    ("-2 * -3", "6"),
    ("'a' + 'b' == 'ab'", "true"),
    ("false or 1 == 1", "true"),
]


@pytest.mark.parametrize(("expression", "expected"), PRECEDENCE)
def test_operators_bind_as_everywhere_else(message: Message, expression: str, expected: str) -> None:
    assert text(expression, message) == expected


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("payload.missing", "nothing found at 'missing'"),
        ("payload.a.b[9]", "nothing found at '[9]'"),
        ("vars.unknown", "Variable unknown is not defined"),
        ("vars.none", "Variable none is not defined"),
        ("vars.s.x", "not JSON"),
        ("vars.xml.r", "a path needs a JSON object or array"),
        ("vars.i[0]", "a path needs a JSON object or array"),
        ("headers.none", "Header none is not defined"),
        ("props.synapse.none", "Property none is not defined"),
        ("params.queryParams.none", "Parameter none is not defined"),
        ("configs.none", "Configuration none is not defined"),
        ("registry('none')", "there is nothing at 'none' in the registry"),
        ("1 / 0", "divided by zero"),
        ("1 % 0", "no remainder"),
        ("1 + 'a'", "+ needs two numbers, not 1 and a"),
        ("1 + null", "+ needs two numbers, not 1 and null"),
        ("'a' < 'b'", "< needs two numbers"),
        ("1 and true", "and needs a boolean, not 1"),
        ("1 ? 2 : 3", "? needs a boolean, not 1"),
        ("-'a'", "- needs a number, not a"),
        ("payload.a.b['x']", "nothing found"),
        ("payload.a.b[vars.d]", "an index must be a whole number or a string"),
        ("xpath('//v', 'ghost')", "vars.ghost is no XML element"),
        ("xpath('count(1)')", "Invalid type"),
    ],
)
def test_a_failed_evaluation_is_one_warning_and_no_value(
    message: Message, expression: str, cause: str
) -> None:
    compiled = compile_expression("${" + expression + "}", {})
    with recorded_lines() as lines:
        assert compiled.text(message) == ""
        assert compiled.value(message) is None
    assert lines.texts()[0].startswith(f"Error evaluating expression: {expression} cause : ")
    assert cause in lines.texts()[0]
    assert len(lines.texts()) == 2


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("payload.price", Decimal("8.990")),
        ("payload.a.b", [10, 20, 30]),
        ("params.pathParams.id", "007"),
        ("vars.d * 2", 5.0),
        ("1.00000000000000000001", Decimal("1.00000000000000000001")),
    ],
)
def test_values_are_typed(message: Message, expression: str, value: object) -> None:
    found = compile_expression("${" + expression + "}", {}).value(message)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "is_true"),
    [
        ("true", True),
        ("'TRUE'", True),
        ("'yes'", False),
        ("1", False),
        ("payload.missing", False),
        ("1 < 2", True),
    ],
)
def test_a_condition_is_true_when_the_text_says_so(message: Message, expression: str, is_true: bool) -> None:
    assert compile_expression("${" + expression + "}", {}).is_true(message) is is_true


def test_the_bare_payload_is_the_body_as_it_is(make: MakeMessage) -> None:
    assert text("payload", make(json="[1, 2]")) == "[1,2]"
    assert text("payload", make(json='"scalar"')) == "scalar"
    assert text("$", make(xml="<a><b>1</b></a>")) == "<a><b>1</b></a>"
    assert text("payload.a.b", make(xml="<a><b>1</b></a>")) == "1"
    assert text("payload", Message(Body.of_bytes(b"plain", "text/plain"))) == "plain"
    assert text("payload", make()) == ""


def test_xpath_gives_nodes_as_a_value_and_the_string_value_as_text(make: MakeMessage) -> None:
    message = make(xml="<a><b>1</b><b>2</b></a>", properties={"p": "//b[2]"})
    found = compile_expression("${xpath('//b')}", {})
    assert found.text(message) == "<b>1</b><b>2</b>"
    nodes = found.value(message)
    assert isinstance(nodes, list)
    assert [node.text for node in nodes] == ["1", "2"]
    assert text("xpath('//b[1]') + '!'", message) == "1!"
    assert text("xpath('count(//b)')", message) == "2"
    assert text("xpath(props.synapse.p)", message) == "2"


def test_xpath_knows_the_namespaces_of_its_element(make: MakeMessage) -> None:
    message = make(xml='<n:a xmlns:n="urn:n">x</n:a>')
    assert compile_expression("${xpath('//p:a')}", {"p": "urn:n"}).text(message) == "x"
    with pytest.raises(ExpressionError, match="prefix 'p' is not declared"):
        compile_expression("${xpath('//p:a')}", {})


def test_xpath_on_a_variable_stays_inside_it(make: MakeMessage) -> None:
    tree = parse("<out><in><v>1</v></in><v>2</v></out>")
    message = make(variables={"x": tree[0], "m": {"payload": tree}})
    assert text("xpath('//v', 'x')", message) == "1"
    assert text("xpath('count(//v)', 'm.payload')", message) == "2"


@pytest.mark.parametrize(
    ("expression", "reads_body"),
    [
        ("vars.items[?(@.rows[payload.i] == 1)]", True),
        ("vars.items[?(@.rows[?(@.id == payload.i)].length() > 0)]", True),
        ("vars.items[?(@.rows[?(@.id == vars.i)].length() > 0)]", False),
        ("payload.a", True),
        ("$", True),
        ("vars.a + payload.b", True),
        ("vars.a[payload.i]", True),
        ("vars.a[?(@.x == payload.y)]", True),
        ("vars.a[?(@.x == 'payload.y')]", True),
        ("xpath('//a')", True),
        ("xpath(vars.x)", True),
        ("exists(payload.a)", True),
        ("true ? 1 : payload.a", True),
        ("vars.payload", False),
        ("vars['payload'].payload", False),
        ("xpath('$ctx:a')", False),
        ("xpath('//a', 'v')", False),
        ("xpath(payload.x, 'v')", True),
        ("headers.payload + 'payload'", False),
    ],
)
def test_whether_the_body_is_needed_is_seen_in_the_expression(expression: str, reads_body: bool) -> None:
    assert compile_expression("${" + expression + "}", {}).reads_body is reads_body


@pytest.mark.parametrize(
    ("expression", "is_constant"),
    [("1 + 2 * 3", True), ("toUpper('a')", True), ("now()", False), ("vars.a", False), ("1 / 0", False)],
)
def test_constants_are_calculated_once(expression: str, is_constant: bool) -> None:
    assert compile_expression("${" + expression + "}", {}).is_constant is is_constant


@pytest.mark.parametrize(
    ("expression", "column", "reason"),
    [
        ("", 1, "the text ends"),
        ("1 +", 4, "the text ends"),
        ("(1", 3, "expected ')' but the text ends"),
        ("payload.", 9, "the text ends"),
        ("payload[", 9, "the text ends"),
        ("payload.a b", 11, "cannot go on with 'b'"),
        ("stock + abc", 1, "'stock' is no value"),
        ("paylod.a", 1, "did you mean 'payload'?"),
        ("lenght('a')", 1, "did you mean 'length'?"),
        ("length()", 1, "length() takes 1 arguments, not 0"),
        ("subString('a')", 1, "takes 2 to 3 arguments, not 1"),
        ("'open", 1, "this string is not closed"),
        ("vars", 5, "the text ends"),
        ("props.p", 7, "expected one of synapse, axis2"),
        ("params.query.x", 8, "expected one of queryParams"),
        ("payload.a[1.5]", 14, "whole number"),
        ("payload.a[?(@.b ==)]", 19, "cannot go on with ')'"),
        ("payload.a.upper()", 16, "no function 'upper()'"),
        ("1 ? 2", 6, "expected ':'"),
        ("wso2-vault('x')", 1, "not supported yet"),
        ("a} and ${b", 1, "'a' is no value"),
    ],
)
def test_a_mistake_is_named_with_its_column(expression: str, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("${" + expression + "}", {})
    assert caught.value.column == column
    assert reason in str(caught.value)


def test_a_very_deep_expression_is_refused_not_fatal() -> None:
    with pytest.raises(ExpressionError, match="nested too deeply"):
        compile_expression("${" + "(" * 5000 + "1" + ")" * 5000 + "}", {})
