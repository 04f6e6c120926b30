"""payloadFactory: what stands in a place depends on target, kind of value, and quotes; and nothing else."""

import pytest
from unit.synapse.synapse_lab import Pieces, json_body, same_xml, tried, xml_body

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body, written
from micro_integrator.synapse.payload_values import for_json, for_xml

XML = '<p><one>1</one><two><a>x</a><b>y</b></two><t>&lt;&amp;"</t></p>'
JSON = '{"s":"say \\"hi\\"","n":1.50,"o":{"a":"x"},"l":[1,2],"t":"[1]","nil":null,"yes":true,"x":"<a/>"}'


def factory(target: str, text: str, *arguments: str, attributes: str = "") -> str:
    args = "".join(f"<arg {argument}/>" for argument in arguments)
    shown = text if target == "xml" else f"<![CDATA[{text}]]>"
    return (
        f'<payloadFactory media-type="{target}" {attributes}><format>{shown}</format>'
        f"<args>{args}</args></payloadFactory>"
    )


async def made(target: str, text: str, body: Body, *arguments: str) -> str:
    trial = await tried(factory(target, text, *arguments), body)
    assert trial.error == ""
    return written(trial.message)[0].decode()


TO_XML = [
    ("an element", "xml", 'expression="//two"', "<r><two><a>x</a><b>y</b></two></r>"),
    ("several elements", "xml", 'expression="//two/*"', "<r><a>x</a><b>y</b></r>"),
    ("text", "xml", 'expression="//t/text()"', '<r>&lt;&amp;"</r>'),
    ("a static document", "xml", 'value="&lt;z/&gt;"', "<r><z/></r>"),
    ("a static text", "xml", 'value="a &lt; b"', "<r>a &lt; b</r>"),
    ("a text that ends like a document", "xml", 'value="1 &lt; 2 &gt;"', "<r>1 &lt; 2 &gt;</r>"),
    ("a JSON object", "json", 'evaluator="json" expression="$.o"', "<r><a>x</a></r>"),
    ("a JSON string", "json", 'expression="json-eval($.s)"', '<r>say "hi"</r>'),
    ("a JSON number", "json", 'expression="${payload.n}"', "<r>1.50</r>"),
    ("an object by expression", "json", 'expression="${payload.o}"', "<r><a>x</a></r>"),
    ("nothing", "xml", 'expression="$ctx:none"', "<r/>"),
    ("a dollar sign", "xml", 'value="$1 and ${payload} \\ $9"', "<r>$1 and ${payload} \\ $9</r>"),
]


@pytest.mark.parametrize(("kind", "source", "argument", "expected"), TO_XML)
async def test_in_xml(kind: str, source: str, argument: str, expected: str) -> None:
    body = xml_body(XML) if source == "xml" else json_body(JSON)
    assert same_xml(await made("xml", '<r xmlns="">$1</r>', body, argument), expected)


TO_JSON = [
    ("a string inside quotes", "json", '{"v":"$1"}', 'expression="json-eval($.s)"', '{"v":"say \\"hi\\""}'),
    (
        "a string within a longer one",
        "json",
        '{"v":"a $1 b"}',
        'expression="json-eval($.s)"',
        '{"v":"a say \\"hi\\" b"}',
    ),
    ("a number", "json", '{"v":$1}', 'expression="json-eval($.n)"', '{"v":1.50}'),
    ("a boolean", "json", '{"v":$1}', 'expression="json-eval($.yes)"', '{"v":true}'),
    ("a null", "json", '{"v":$1}', 'expression="json-eval($.nil)"', '{"v":null}'),
    ("an object", "json", '{"v":$1}', 'expression="json-eval($.o)"', '{"v":{"a":"x"}}'),
    ("an array", "json", '{"v":$1}', 'evaluator="json" expression="$.l"', '{"v":[1,2]}'),
    (
        "an object inside quotes",
        "json",
        '{"v":"$1"}',
        'expression="json-eval($.o)"',
        '{"v":"{\\"a\\":\\"x\\"}"}',
    ),
    ("a string that is JSON, bare", "json", '{"v":$1}', 'expression="json-eval($.t)"', '{"v":[1]}'),
    ("a string that is JSON, quoted", "json", '{"v":"$1"}', 'expression="json-eval($.t)"', '{"v":"[1]"}'),
    ("a text that only begins like JSON", "json", '{"v":"$1"}', 'value="[not json"', '{"v":"[not json"}'),
    ("an element", "xml", '{"v":$1}', 'expression="//two"', '{"v":{"two":{"a":"x","b":"y"}}}'),
    ("an element inside quotes", "xml", '{"v":"$1"}', 'expression="//one"', '{"v":"1"}'),
    ("the text of an element", "xml", '{"v":$1}', 'expression="//one"', '{"v":1}'),
    (
        "a literal",
        "json",
        '{"v":"$1"}',
        'literal="true" expression="json-eval($.o)"',
        '{"v":"{\\"a\\":\\"x\\"}"}',
    ),
    ("nothing", "json", '{"v":"$1"}', 'expression="$ctx:none"', '{"v":""}'),
    ("a dollar sign and a backslash", "json", '{"v":"$1"}', 'value="$1 \\ &#10;"', '{"v":"$1 \\\\ \\n"}'),
    ("an expression inside quotes", "json", '{"v":"${payload.s}"}', 'value=""', '{"v":"say \\"hi\\""}'),
    ("a bare object expression", "json", '{"v":${payload.o}}', 'value=""', '{"v":{"a":"x"}}'),
    ("an object expression inside quotes", "json", '{"v":"${payload.l}"}', 'value=""', '{"v":"[1,2]"}'),
    ("quotes escaped in the format", "json", '{"v":"\\"$1\\""}', 'value="a"', '{"v":"\\"a\\""}'),
    ("a format on lines of its own", "json", '\n  {"v": $1}\n  ', 'value="1"', '{"v": 1}'),
    ("a scalar document", "json", "$1", 'expression="json-eval($.n)"', "1.50"),
]


@pytest.mark.parametrize(("kind", "source", "text", "argument", "expected"), TO_JSON)
async def test_in_json(kind: str, source: str, text: str, argument: str, expected: str) -> None:
    body = xml_body(XML) if source == "xml" else json_body(JSON)
    assert await made("json", text, body, argument) == expected


TO_TEXT = [
    ("an element", "xml", 'expression="//two"', "<two><a>x</a><b>y</b></two>!"),
    ("an object", "json", 'expression="json-eval($.o)"', '{"a":"x"}!'),
    ("text with markup", "xml", 'value="a &lt; &quot;b&quot;"', 'a < "b"!'),
]


@pytest.mark.parametrize(("kind", "source", "argument", "expected"), TO_TEXT)
async def test_in_text(kind: str, source: str, argument: str, expected: str) -> None:
    body = xml_body(XML) if source == "xml" else json_body(JSON)
    assert await made("text", "$1!", body, argument) == expected


async def test_bare_texts_are_quoted_when_a_property_asks_for_it() -> None:
    quoting = '<property name="QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON" value="true"/>'
    text = factory("json", '{"a":$1,"b":$2}', 'value="x"', 'value="12"')
    trial = await tried(quoting + text)
    assert trial.message.body.json_text() == '{"a":"x","b":12}'


async def test_attributes_and_compared_expressions_work_in_xml() -> None:
    text = factory("xml", '<r xmlns="" a="$1">${payload.n &lt; 2}</r>', 'value="q&quot;t"')
    trial = await tried(text, json_body(JSON))
    assert same_xml(trial.payload(), '<r a="q&quot;t">true</r>')


async def test_an_envelope_replaces_the_whole_envelope() -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    text = factory(
        "xml", f'<e:Envelope xmlns:e="{soap}"><e:Body><a xmlns="">$1</a></e:Body></e:Envelope>', 'value="7"'
    )
    trial = await tried(text, xml_body("<old/>"))
    assert trial.message.body.soap_version == soap
    assert same_xml(trial.payload(), "<a>7</a>")


async def test_indentation_of_an_inline_document_is_left_out() -> None:
    trial = await tried(factory("xml", '<r xmlns="">\n  <a> x </a>\n</r>'))
    assert trial.message.body.written("application/xml", "utf-8") == b"<r><a> x </a></r>"


@pytest.mark.parametrize(
    ("target", "kept", "expected"),
    [
        ("xml", None, "application/xml"),
        ("xml", "text/xml", "text/xml"),
        ("xml", "application/json", "application/xml"),
        ("json", "text/xml", "application/json"),
        ("text", None, "text/plain"),
    ],
)
async def test_the_type_follows_the_payload(target: str, kept: str | None, expected: str) -> None:
    before = f'<property name="messageType" scope="axis2" value="{kept}"/>' if kept else ""
    header = '<header name="Content-Type" scope="transport" value="old/type"/>'
    gone = '<property name="NO_ENTITY_BODY" scope="axis2" type="BOOLEAN" value="true"/>'
    text = factory(target, '<r xmlns=""/>' if target == "xml" else "1")
    trial = await tried(before + header + gone + text)
    assert trial.message.properties.get("messageType", "axis2") == expected
    assert trial.message.headers["content-type"] == expected
    assert trial.message.properties.get("NO_ENTITY_BODY", "axis2") is None


async def test_a_format_can_stand_in_an_entry() -> None:
    entry = '<localEntry xmlns="http://ws.apache.org/ns/synapse" key="f"><r xmlns="">$1</r></localEntry>'
    by_key = '<payloadFactory><format key="f"/><args><arg value="a"/></args></payloadFactory>'
    trial = await tried(by_key, others=[entry])
    assert same_xml(trial.payload(), "<r>a</r>")
    dynamic = '<payloadFactory><format key="{$ctx:which}"/><args><arg value="b"/></args></payloadFactory>'
    trial = await tried(dynamic, others=[entry], properties={"which": "f"})
    assert same_xml(trial.payload(), "<r>b</r>")


@pytest.mark.parametrize(
    ("mediator", "expected"),
    [
        ('<payloadFactory><format key="none"/></payloadFactory>', "Key none not found "),
        (factory("xml", "<![CDATA[plain]]>"), "Generated content is not a valid XML payload"),
        (factory("xml", "<![CDATA[<a>$1]]>", 'value="b"'), "Error creating SOAP Envelope from source <a>b"),
        (factory("json", '{"a":$1}'.replace("$1", "x")), "Generated content is not a valid JSON payload"),
    ],
)
async def test_a_result_that_is_no_payload_faults(mediator: str, expected: str) -> None:
    trial = await tried(mediator)
    assert trial.error.startswith(expected)
    assert trial.outcome.state == "faulted"


@pytest.mark.parametrize(
    "argument",
    ['value="paid"', "expression=\"get-property('state')\"", "expression=\"syn:base64Decode('cGFpZA==')\""],
)
async def test_a_payload_that_needs_nothing_of_the_old_one_does_not_wait_for_it(argument: str) -> None:
    arriving = Pieces([b'{"state": "open"}'])
    body = Body.of_stream(arriving, "application/json")
    text = factory("json", '{"state":"$1"}', argument)
    trial = await tried(text, body, properties={"state": "paid"})
    assert arriving.is_abandoned, "nobody has read it to its end"
    assert trial.message.body.json_text() == '{"state":"paid"}'


@pytest.mark.parametrize(
    ("text", "argument", "made"),
    [
        ('{"v":"$1"}', 'expression="json-eval($.state)"', '{"v":"open"}'),
        ('{"v":"$1"}', 'evaluator="json" expression="$.state"', '{"v":"open"}'),
        ('{"v":"$1"}', 'expression="syn:base64Encode(//state)"', '{"v":"b3Blbg=="}'),
        ('{"v":"${payload.state}"}', 'value=""', '{"v":"open"}'),
    ],
)
async def test_a_payload_that_takes_something_out_of_the_old_one_waits_for_it(
    text: str, argument: str, made: str
) -> None:
    body = Body.of_stream(Pieces([b'{"sta', b'te": "open"}']), "application/json")
    trial = await tried(factory("json", text, argument), body)
    assert trial.message.body.json_text() == made


async def test_a_failing_argument_leaves_nothing_behind_for_the_next_message() -> None:
    text = factory("json", '{"v":"$1"}', 'expression="json-eval($.a)"')
    bad = await tried(text, json_body("{"))
    good = await tried(text, json_body('{"a":"b"}'))
    assert bad.message is not good.message
    assert good.message.body.json_text() == '{"v":"b"}'


def test_an_array_keeps_its_wrapper_in_xml() -> None:
    assert (
        for_xml([1, 2]) == "<jsonArray><jsonElement>1</jsonElement><jsonElement>2</jsonElement></jsonArray>"
    )


def test_text_that_holds_a_broken_document_is_text() -> None:
    assert for_json("<a>") == "<a>"
    assert for_xml("<a>") == "&lt;a&gt;"


@pytest.mark.parametrize("argument", ['expression="${payload.gone}"', 'expression="${vars.gone}"'])
async def test_an_expression_that_fails_is_told_once(argument: str) -> None:
    with recorded_lines() as lines:
        text = await made("text", "$1", json_body(JSON), argument)
    assert text == ""
    assert len([line for line in lines.texts() if "Error evaluating expression" in line]) == 1
