"""What is wrong with a definition is said once, with file and line, in words its author can act on."""

from pathlib import Path

import pytest
from unit.synapse.synapse_lab import SYNAPSE, loaded, notices, problems, sequence

from micro_integrator.synapse import Terms, load

MISTAKES = [
    ('<switch sourc="$ctx:a"/>', ["<switch> needs the attribute 'source' (is it misspelt as 'sourc'?)"]),
    ('<switch source="//a["/>', "starts"),
    ('<switch source="$ctx:a"><case><drop/></case></switch>', ["<case> needs the attribute 'regex'"]),
    (
        '<switch source="$ctx:a"><case regex="["/></switch>',
        ["<case> regex='[' is not a regular expression: unterminated character set at position 0"],
    ),
    ('<switch source="$ctx:a">then</switch>', ["unexpected text 'then' in <switch>"]),
    ('<switch source="$ctx:a"><log/></switch>', ["unknown element <log> in <switch>"]),
    (
        '<switch source="$ctx:a"><cases/></switch>',
        ["unknown element <cases> in <switch> (did you mean 'case'?)"],
    ),
    ("<filter><drop/></filter>", ["<filter> needs the attribute 'xpath'"]),
    ('<filter source="//a"><drop/></filter>', ["<filter> needs the attribute 'regex'"]),
    ('<filter xpath="//a" source="//a" regex="b"/>', ["<filter> takes either xpath, or source and regex"]),
    ('<filter xpath="//a"><else><drop/></else></filter>', ["<filter> has <else> without <then>"]),
    (
        '<filter xpath="//a"><then/><drop/></filter>',
        ["unknown element <drop> in <filter>"],
    ),
    ('<sequence key=""/>', ["<sequence> needs the attribute 'key'"]),
    (
        '<sequence key="a" onError="b"/>',
        ["<sequence key> cannot carry onError: write it at the sequence that is called"],
    ),
    (
        '<log level="loud"/>',
        ["Invalid log level. Level has to be one of the following : simple, headers, full, custom"],
    ),
    (
        '<log category="NOTE"/>',
        [
            "Invalid log category. Category has to be one of the following : INFO, TRACE, DEBUG, WARN, ERROR, FATAL"
        ],
    ),
    (
        '<log><property name="a" expression=""/></log>',
        ["<property> of <log> needs the attribute 'value' or 'expression', or an element"],
    ),
    ('<log><property value="a"/></log>', ["<property> needs the attribute 'name'"]),
    ("<log><message>${</message></log>", "Invalid message template : "),
    ('<log logFullPayload="yes"/>', ["<log> logFullPayload='yes': expected true or false"]),
    ('<property value="a"/>', ["<property> needs the attribute 'name'"]),
    (
        '<property name="a"/>',
        ["<property> needs the attribute 'value' or 'expression', or an element to set"],
    ),
    (
        '<property name="a" value="b" scope="galaxy"/>',
        [
            "<property> scope='galaxy': expected default, axis2, axis2-client, transport, operation, registry, "
            "system, analytics or trace"
        ],
    ),
    (
        '<property name="a" value="b" type="INTEGER"/>',
        [
            "Unknown type : INTEGER for the property mediator or the property value cannot be converted into the "
            "specified type. 'b' is not of type INTEGER"
        ],
    ),
    ('<property name="a" value="b" group="1"/>', ["<property> has 'group' without 'pattern'"]),
    ("<propertyGroup><log/></propertyGroup>", ["unknown element <log> in <propertyGroup>"]),
    ('<variable name="a"/>', ["<variable> needs the attribute 'value' or 'expression'"]),
    ('<variable name="a" value="b" type="LONG"/>', ["<variable> 'b' is not of type LONG"]),
    ('<variable name="a" value="b" type="OM"/>', "<variable> type='OM': expected STRING, "),
    (
        '<header name="Reply" value="a"/>',
        [
            "Invalid SOAP header: Reply specified at the header mediator. "
            "All SOAP headers must be namespace qualified."
        ],
    ),
    ('<header name="p:a" value="b"/>', ["<header name='p:a'>: the prefix 'p' is not declared"]),
    ('<header name="To"/>', ["<header> needs the attribute 'value' or 'expression', or elements to add"]),
    ('<header value="a"/>', ["<header> needs the attribute 'name'"]),
    ("<payloadFactory/>", ["<payloadFactory> needs a <format>"]),
    (
        '<payloadFactory media-type="json"><format>$2</format><args><arg value="a"/></args></payloadFactory>',
        ["<format>: the format uses $2, but there are 1 arguments"],
    ),
    (
        '<payloadFactory media-type="text"><format>$1</format><args><arg/></args></payloadFactory>',
        ["<arg> needs the attribute 'value' or 'expression'"],
    ),
    (
        '<payloadFactory template-type="freemarker"><format>${a}</format></payloadFactory>',
        ["<payloadFactory template-type='freemarker'> is not supported: write a default template"],
    ),
    ("<enrich/>", ["<enrich> is not supported yet"]),
    ("<salesforce.query/>", ["<salesforce.query> is not supported yet"]),
    ("<logg/>", ["unknown mediator <logg> (did you mean 'log'?)"]),
    ('<x:log xmlns:x="urn:x"/>', ["unknown element {urn:x}log: mediators are in the namespace of Synapse"]),
    ("<drop><log/></drop>", ["unknown element <log> in <drop>"]),
]


@pytest.mark.parametrize(("mediators", "expected"), MISTAKES)
def test_a_mistake_is_named_with_its_place(mediators: str, expected: list[str] | str) -> None:
    found = problems(mediators)
    if isinstance(expected, str):
        assert len(found) == 1
        assert expected in found[0] or expected == "starts"
    else:
        assert found == [f"s.xml:1: {text}" for text in expected]


def test_all_mistakes_of_an_artifact_are_found_at_once() -> None:
    text = """
    <log level="loud"/>
    <switch source="$ctx:a">
      <case regex="["><proprety name="a"/></case>
      <default><variable value="1"/></default>
    </switch>
    <sequence/>"""
    assert [line.partition(" ")[0] for line in problems(text)] == [
        f"s.xml:{line}:" for line in (2, 4, 4, 5, 7)
    ]


def test_an_unknown_attribute_is_noted_with_the_nearest_name() -> None:
    expected = ["s.xml:1: unknown attribute 'categry' of <log> (did you mean 'category'?)"]
    assert notices('<log categry="INFO"/>') == expected
    assert problems('<log categry="INFO"/>') == []


def test_text_between_mediators_is_noted() -> None:
    assert notices("<log/>&gt;<drop/>") == ["s.xml:1: unexpected text '>' in <sequence>"]
    assert problems("<log/>&gt;<drop/>", Terms(strict=True)) == ["s.xml:1: unexpected text '>' in <sequence>"]


def test_a_group_that_the_pattern_does_not_have_is_noted() -> None:
    expected = ["s.xml:1: <property> group='2': the pattern has 1 groups; the text will be empty"]
    assert notices('<property name="a" value="b" pattern="(b)" group="2"/>') == expected


def test_an_unknown_attribute_is_an_error_when_reading_strictly() -> None:
    assert problems('<log name="x"/>', Terms(strict=True)) == ["s.xml:1: unknown attribute 'name' of <log>"]


def test_descriptions_traces_and_foreign_attributes_are_left_alone() -> None:
    text = """<log description="d" statistics="enable" trace="enable" xmlns:f="urn:f" f:x="1">
      <description>d</description></log>"""
    assert problems(text, Terms(strict=True)) == []
    assert notices(text) == []


def test_comments_and_processing_instructions_change_nothing() -> None:
    assert problems("<!-- a --><log><!-- b --></log><?c d?><drop/>") == []


def test_a_missing_namespace_is_accepted_and_noted() -> None:
    found = loaded('<sequence name="s"><drop/></sequence>')
    assert [artifact.name for artifact in found.artifacts] == ["s"]
    expected = 's.xml:1: <sequence> is in no namespace; taken for xmlns="http://ws.apache.org/ns/synapse"'
    assert list(map(str, found.notices)) == [expected]


def test_a_second_default_is_noted_and_the_first_one_counts() -> None:
    text = '<switch source="$ctx:a"><default/><default><nonsense/></default></switch>'
    assert problems(text) == []
    assert notices(text) == ["s.xml:1: <default> is given twice in <switch>; the first one counts"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<sequence", "s.xml:1:10: "),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "s.xml:1"),
        ("<html/>", "s.xml:1: not a Synapse artifact: html"),
        ('<a:sequence xmlns:a="urn:a" name="b"/>', "s.xml:1: not a Synapse artifact: {urn:a}sequence"),
        (f'<proxy {SYNAPSE} name="p"/>', "s.xml:1: proxy is not supported yet"),
        (f"<sequence {SYNAPSE}/>", "s.xml:1: <sequence> needs the attribute 'name'"),
        (
            f'<sequence {SYNAPSE} key="a"/>',
            "s.xml:1: <sequence key='...'> refers to a sequence; an artifact needs 'name'",
        ),
        (f"<localEntry {SYNAPSE}>a</localEntry>", "s.xml:1: <localEntry> needs the attribute 'key'"),
    ],
)
def test_a_file_that_is_no_artifact_says_why(text: str, expected: str) -> None:
    found = loaded(text)
    assert found.artifacts == []
    assert str(found.errors[0]).startswith(expected)


def test_twenty_thousand_nested_elements_end_in_one_clear_fault() -> None:
    depth = 20_000
    text = sequence('<filter xpath="true()">' * depth + "</filter>" * depth)
    [error] = loaded(text).errors
    assert "depth" in str(error) or "nested" in str(error)


def test_elements_nested_just_below_the_limit_are_read_or_refused_in_one_line() -> None:
    depth = 250
    found = loaded(sequence('<filter xpath="true()">' * depth + "</filter>" * depth))
    assert len(found.artifacts) + len(found.errors) == 1


def test_definitions_hold_several_artifacts_and_a_bad_one_harms_no_other() -> None:
    text = f"""<definitions {SYNAPSE}>
      <description>all</description>
      <registry provider="x"/>
      <sequence name="good"><drop/></sequence>
      <sequence name="bad"><enrich/></sequence>
      <proxy name="p"/>
      <log/>
    </definitions>"""
    found = load(text.encode(), Path("d.xml"))
    assert [artifact.name for artifact in found.artifacts] == ["good"]
    assert [str(error) for error in found.errors] == [
        "d.xml:5: <enrich> is not supported yet",
        "d.xml:6: proxy is not supported yet",
        "d.xml:7: Invalid configuration element at the top level: <log>; "
        'mediators belong into <sequence name="main">',
    ]
    assert [str(notice) for notice in found.notices] == [
        "d.xml:3: <registry> has no effect: this server brings its own"
    ]


@pytest.mark.parametrize("tag", ["registry", "taskManager"])
def test_what_every_home_of_the_reference_has_a_file_for_is_no_fault(tag: str) -> None:
    found = loaded(f"<{tag} {SYNAPSE} provider='org.example.Own'><parameter name='a'>1</parameter></{tag}>")
    assert (found.artifacts, found.errors) == ([], [])
    [notice] = found.notices
    assert str(notice).endswith(f":1: <{tag}> has no effect: this server brings its own")


def test_static_keys_are_noted_as_references_and_dynamic_ones_are_not() -> None:
    text = """<sequence key="a"/>
    <sequence key="{$ctx:b}"/>
    <filter xpath="//c"><then sequence="d"/><else sequence="e"/></filter>"""
    [artifact] = loaded(sequence(text, attributes='onError="f"')).artifacts
    found = [
        (reference.kind, reference.key, reference.source.line) for reference in artifact.origin.references
    ]
    assert found == [("sequence", "f", 1), ("sequence", "a", 1), ("sequence", "d", 3), ("sequence", "e", 3)]


def test_the_canonical_text_is_the_same_for_every_way_of_writing() -> None:
    [one] = loaded(f"<sequence {SYNAPSE} name='s'  onError=\"e\"><!-- c --><drop/></sequence>").artifacts
    [other] = loaded(f'<sequence onError="e" name="s" {SYNAPSE}><drop></drop></sequence>').artifacts
    assert one.origin.xml == other.origin.xml


def test_an_artifact_has_the_same_canonical_text_alone_and_among_others() -> None:
    inside = (
        '<sequence name="s" xmlns:o="urn:o"><filter xpath="//o:a"><then><log/></then></filter></sequence>'
    )
    [one] = loaded(inside.replace("<sequence", f"<sequence {SYNAPSE}")).artifacts
    [other] = loaded(f"<definitions {SYNAPSE}>{inside}</definitions>").artifacts
    assert 'xmlns=""' not in other.origin.xml
    assert one.origin.xml == other.origin.xml


def test_a_payload_may_have_a_namespace_that_is_no_absolute_uri() -> None:
    payload = '<payloadFactory><format><order xmlns="orders"/></format></payloadFactory>'
    [one] = loaded(sequence(f"<!-- c -->{payload}")).artifacts
    assert '<order xmlns="orders"/>' in one.origin.xml
    assert "<!--" not in one.origin.xml
