"""JSON to XML and back, row by row; and digits that survive."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.synapse.synapse_lab import markup, same_xml

from micro_integrator.kit import parse
from micro_integrator.synapse import FormatError
from micro_integrator.synapse.formats import read_json, write_json
from micro_integrator.synapse.formats.json_xml import DEFAULT, Rules, to_json, to_xml
from micro_integrator.synapse.message.body import Body

TO_XML = [
    ('{"a":1,"b":"x"}', "<jsonObject><a>1</a><b>x</b></jsonObject>"),
    (
        '[1,"x",{"a":2}]',
        "<jsonArray><jsonElement>1</jsonElement><jsonElement>x</jsonElement><jsonElement><a>2</a></jsonElement></jsonArray>",
    ),
    ('"x"', '<jsonValue>"x"</jsonValue>'),
    ("12", "<jsonValue>12</jsonValue>"),
    ("true", "<jsonValue>true</jsonValue>"),
    ("null", "<jsonValue>null</jsonValue>"),
    ('{"a":null}', "<jsonObject><a/></jsonObject>"),
    ('{"a":{"b":true}}', "<jsonObject><a><b>true</b></a></jsonObject>"),
    ('{"a":[1,2]}', "<jsonObject><a>1</a><a>2</a></jsonObject>"),
    ('{"a":[]}', "<jsonObject/>"),
    ('{"a":{"@x":1,"$":"t"}}', '<jsonObject><a x="1">t</a></jsonObject>'),
    (
        '{"a":{"@xmlns":"urn:a","@xmlns:p":"urn:p","b":1}}',
        '<jsonObject><a xmlns="urn:a" xmlns:p="urn:p"><b>1</b></a></jsonObject>',
    ),
    ('{"1a":1}', "<jsonObject><_JsonReader_PD_1a>1</_JsonReader_PD_1a></jsonObject>"),
    ('{"$a":1}', "<jsonObject><_JsonReader_PS_a>1</_JsonReader_PS_a></jsonObject>"),
]


@pytest.mark.parametrize(("text", "expected"), TO_XML)
def test_json_becomes_xml(text: str, expected: str) -> None:
    assert same_xml(markup(to_xml(read_json(text))), expected)


REFUSED_IN_XML = [
    ("[[1]]", "Array start inside array"),
    ('{"a":[[1]]}', "Array start inside array"),
    ('{"a b":1}', "cannot be the name"),
    ('{"":1}', "cannot be the name"),
    ('{"a":"\\u0000"}', "characters that XML does not allow"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED_IN_XML)
def test_json_without_an_xml_form_is_refused(text: str, expected: str) -> None:
    with pytest.raises(FormatError, match=expected):
        to_xml(read_json(text))


TO_JSON = [
    ("<r><a>1</a></r>", '{"r":{"a":1}}', DEFAULT),
    ("<jsonObject><a>1</a></jsonObject>", '{"a":1}', DEFAULT),
    ("<jsonObject/>", "{}", DEFAULT),
    ("<jsonArray><jsonElement>1</jsonElement></jsonArray>", "[1]", DEFAULT),
    ("<jsonArray/>", "[]", DEFAULT),
    ("<jsonValue>12</jsonValue>", "12", DEFAULT),
    ("<r/>", '{"r":null}', DEFAULT),
    ("<r/>", '{"r":""}', Rules(null_for_empty=False)),
    ("<r> </r>", '{"r":null}', DEFAULT),
    ("<r> </r>", '{"r":" "}', Rules(keep_spaces=True)),
    ("<r><a>1</a><a>2</a></r>", '{"r":{"a":[1,2]}}', DEFAULT),
    ("<r><a>1</a><b/><a>2</a></r>", '{"r":{"a":[1,2],"b":null}}', DEFAULT),
    ("<r><?xml-multiple a?><a>1</a></r>", '{"r":{"a":[1]}}', DEFAULT),
    ("<r><?xml-multiple a?></r>", '{"r":null}', DEFAULT),
    ('<r x="1"/>', '{"r":{"@x":"1"}}', DEFAULT),
    ('<r x="1">2</r>', '{"r":{"@x":"1","$":2}}', DEFAULT),
    ('<p:r xmlns:p="urn:p"><p:a>1</p:a></p:r>', '{"r":{"a":1}}', DEFAULT),
    (
        '<p:r xmlns:p="urn:p"><p:a>1</p:a></p:r>',
        '{"p_r":{"@xmlns:p":"urn:p","p_a":1}}',
        Rules(with_namespaces=True),
    ),
    ("<r>true</r>", '{"r":true}', DEFAULT),
    ("<r>null</r>", '{"r":null}', DEFAULT),
    ("<r>-1.50e3</r>", '{"r":-1.50E+3}', DEFAULT),
    ("<r>007</r>", '{"r":"007"}', DEFAULT),
    ("<r>1e10000000000000000000</r>", '{"r":"1e10000000000000000000"}', DEFAULT),
    ("<r>1</r>", '{"r":"1"}', Rules(auto_primitive=False)),
    ("<r>17</r>", '{"r":"17"}', Rules(text_pattern=re.compile("1.*"))),
    ("<r>s17</r>", '{"r":"17"}', Rules(replace_pattern=re.compile("^s"))),
    ("<r> <a>1</a> <!-- c --> </r>", '{"r":{"a":1}}', DEFAULT),
    (
        '<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
        '{"r":null}',
        Rules(with_nil=True),
    ),
    ("<_JsonReader_PD_1>2</_JsonReader_PD_1>", '{"1":2}', DEFAULT),
    ("<_JsonReader_PS_a>2</_JsonReader_PS_a>", '{"$a":2}', DEFAULT),
]


@pytest.mark.parametrize(("text", "expected", "rules"), TO_JSON)
def test_xml_becomes_json(text: str, expected: str, rules: Rules) -> None:
    assert write_json(to_json(parse(text), rules)) == expected


def test_mixed_content_is_refused() -> None:
    with pytest.raises(FormatError, match="Mixed content is not supported"):
        to_json(parse("<r>text<a/></r>"))


def test_marks_keep_short_arrays_arrays() -> None:
    rules = Rules(with_array_marks=True)
    assert to_json(to_xml(read_json('{"a":[1],"b":[],"c":2}'), rules), rules) == {"a": [1], "b": [], "c": 2}


def test_names_survive_when_they_are_escaped() -> None:
    rules = Rules(escape_names=True)
    value = read_json('{"a b":1,"c:d":2,"é":3}')
    assert to_json(to_xml(value, rules), rules) == value


def test_null_survives_as_nil() -> None:
    rules = Rules(with_nil=True)
    assert to_json(to_xml(read_json('{"a":null,"b":"x"}'), rules), rules) == {"a": None, "b": "x"}


@pytest.mark.parametrize(
    "text",
    ["12345678901234567890123", "0.1000000000000000055511151231257827", "1E+400", "-0.00", "[1,2.50,[],{}]"],
)
def test_every_digit_survives(text: str) -> None:
    assert write_json(read_json(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "at line 1 column 2"),
        ("[NaN]", "NaN is not a JSON value"),
        ("[" * 300 + "]" * 300, "nested deeper than 256 levels"),
        ("[" * 100_000, "nested deeper than 256 levels"),
        ("1" * 5000, "more than 4300 digits"),
        ('{"a": 1e10000000000000000000}', "more than 4300 digits"),
        ("", "at line 1 column 1"),
    ],
)
def test_json_that_cannot_be_read_says_why(text: str, expected: str) -> None:
    with pytest.raises(FormatError, match=expected):
        read_json(text)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(read_json("[" + ",".join(["[]"] * 500) + "]")) == 500  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object()])
def test_a_value_that_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(FormatError, match="has no JSON form"):
        write_json(value)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_writing_and_reading_is_the_identity(value: Any) -> None:
    assert read_json(write_json(value)) == value


names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
plain_values = st.recursive(
    st.booleans() | st.integers(-(10**6), 10**6) | st.from_regex("[g-m]{1,6}", fullmatch=True),
    lambda inner: st.dictionaries(names, inner, min_size=1, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(names, plain_values, max_size=4))
def test_objects_without_arrays_survive_the_way_through_xml(value: dict[str, Any]) -> None:
    assert to_json(to_xml(value)) == value


def test_a_body_counts_as_json_whatever_its_value() -> None:
    for text in ("1", '"x"', "null", "[]"):
        body = Body.of_bytes(text.encode(), "application/json")
        assert body.is_json
        assert body.json_text() == text
