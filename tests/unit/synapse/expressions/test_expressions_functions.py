"""The functions of `${…}`."""

import pytest

from micro_integrator.synapse.expressions import compile_expression
from micro_integrator.synapse.message import Message, Properties
from micro_integrator.synapse.surroundings import Surroundings


def text(expression: str, message: Message) -> str | None:
    return compile_expression("${" + expression + "}", {}).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("length('abc')", "3"),
        ("length([1, 2])", "2"),
        ("length('')", "0"),
        ("toUpper('aé')", "AÉ"),
        ("toLower('AB')", "ab"),
        ("trim('  a b ')", "a b"),
        ("subString('hello', 2)", "llo"),
        ("subString('hello', 1, 3)", "el"),
        ("subString('hello', 5)", ""),
        ("startsWith('hello', 'he')", "true"),
        ("endsWith('hello', 'he')", "false"),
        ("contains('hello', 'll')", "true"),
        ("replace('a.b.c', '.', '-')", "a-b-c"),
        ("split('a1b22c', '\\d+')", '["a","b","c"]'),
        ("split('a,b,,', ',')", '["a","b"]'),
        ("split(',a', ',')", '["","a"]'),
        ("split('abc', '')", '["a","b","c"]'),
        ("split('abc', 'x')", '["abc"]'),
        ("split(',', ',')", "[]"),
        ("split('a-(b)-c', '-(\\(b\\))?-?')", '["a","c"]'),
        ("charAt('abc', 1)", "b"),
        ("indexOf('hello', 'l')", "2"),
        ("indexOf('hello', 'l', 3)", "3"),
        ("indexOf('hello', 'z')", "-1"),
        ("abs(-5)", "5"),
        ("abs(-5.5)", "5.5"),
        ("ceil(1.2)", "2.0"),
        ("ceil(3)", "3"),
        ("floor(-1.2)", "-2.0"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-2"),
        ("round(7)", "7"),
        ("round(0.49999999999999994)", "0"),
        ("round(4503599627370497.0)", "4503599627370497"),
        ("round(1.005, 2)", "1.01"),
        ("round(3.14159, 3)", "3.142"),
        ("round(5, 2)", "5"),
        ("sqrt(9)", "3.0"),
        ("sqrt(-1)", "NaN"),
        ("pow(2, 10)", "1024.0"),
        ("pow(10, 400)", "Infinity"),
        ("pow(-8, 0.5)", "NaN"),
        ("log(1000)", "3.0"),
        ("log(8, 2)", "3.0"),
        ("log(0)", "-Infinity"),
        ("log(-1)", "NaN"),
        ("base64encode('Grüße')", "R3LDvMOfZQ=="),
        ("base64encode('ü', 'ISO-8859-1')", "/A=="),
        ("base64decode('R3LDvMOfZQ==')", "Grüße"),
        ("urlEncode('a b*~/ü')", "a%20b%2A%7E%2F%C3%BC"),
        ("urlDecode('a+b%20c%C3%BC')", "a b cü"),
        ("isString('a')", "true"),
        ("isString(1)", "false"),
        ("isNumber(1)", "true"),
        ("isNumber('1')", "false"),
        ("isNumber(true)", "false"),
        ("isArray([1])", "true"),
        ("isArray('[1, 2]')", "true"),
        ("isArray('[1, 2')", "false"),
        ("isObject('{}')", "true"),
        ("isObject([1])", "false"),
        ("integer('12')", "12"),
        ("integer('-12') + 1", "-11"),
        ("float('1.50')", "1.5"),
        ("float(3)", "3.0"),
        ("string(1.5) + ''", "1.5"),
        ("boolean('TRUE')", "true"),
        ("boolean('1')", "false"),
        ("not(false)", "true"),
        ('object(\'{"a": {"b": 1}}\').a.b', "1"),
        ("array('[5, 6]')[1]", "6"),
        ("object('{\"a\": [1.50]}')", '{"a":[1.50]}'),
        ("exists(1)", "true"),
        ("exists(null)", "false"),
        ("exists(payload.a)", "false"),
        ("exists(vars.a)", "false"),
        ("exists(1 / 0)", "false"),
    ],
)
def test_functions_give(expression: str, expected: str) -> None:
    assert text(expression, Message()) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "length(1)",
        "length(null)",
        "toUpper(1)",
        "subString('a', 2)",
        "subString('abc', 2, 1)",
        "subString('abc', -1)",
        "subString('abc', 1.5)",
        "charAt('a', 1)",
        "charAt('a', -1)",
        "split('a', '(')",
        "startsWith('a', 1)",
        "replace('a', 'a', 1)",
        "abs('1')",
        "abs(true)",
        "round('a')",
        "round(1.5, 0)",
        "round(1e999)",
        "round(-1e999)",
        "round(sqrt(-1))",
        "base64decode('###')",
        "base64encode('a', 'UTF-99')",
        "urlEncode('a', 'UTF-99')",
        "integer('x')",
        "integer(1.5)",
        "integer('')",
        "integer(true)",
        "float('x')",
        "float(null)",
        "boolean(null)",
        "string(null)",
        "not('true')",
        "object('[1]')",
        "object('{')",
        "array('{}')",
        "array(1)",
        "object('{}').a",
        "formatDateTime('x', 'y')",
    ],
)
def test_wrong_arguments_give_nothing(expression: str) -> None:
    assert text(expression, Message()) == ""


def test_now_is_the_time_in_milliseconds() -> None:
    assert text("now() > 1700000000000", Message()) == "true"
    assert (text("now()", Message()) or "").isdecimal()


class Shelf:
    """A registry with one JSON resource and one property."""

    def read(self, key: str) -> bytes | None:
        return b'{"a": [1, 2]}' if key == "conf:x.json" else None

    def property(self, key: str, name: str) -> str | None:
        return "value" if (key, name) == ("conf:x.json", "p") else None

    def write(self, key: str, content: bytes) -> None:
        raise OSError

    def set_property(self, key: str, name: str, value: str) -> None:
        raise OSError


def test_the_registry_gives_resources_their_properties_and_what_is_in_them() -> None:
    message = Message(surroundings=Surroundings(registry=Shelf()))
    assert isinstance(message.properties, Properties)
    assert text("registry('conf:x.json')", message) == '{"a": [1, 2]}'
    assert text("registry('conf:x.json').a[1]", message) == "2"
    assert text("registry('conf:x.json').property('p')", message) == "value"
    assert text("registry('conf:x.json').property('q')", message) == ""
    assert text("registry('conf:other')", message) == ""
    assert compile_expression("get-property('registry', 'conf:x.json')", {}).text(message) == '{"a": [1, 2]}'
    assert compile_expression("get-property('registry', 'conf:x.json@p')", {}).text(message) == "value"
