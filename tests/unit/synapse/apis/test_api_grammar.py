"""Definitions of APIs: what they mean, and what is wrong with those that cannot be used."""

import pytest
from unit.synapse.apis.api_lab import PLAIN, api, api_text, notices, problems, resource
from unit.synapse.synapse_lab import loaded

from micro_integrator.synapse import Branch
from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.apis.resource import Conditions

CORS_HANDLER = "org.wso2.micro.integrator.security.handler.CORSRequestHandler"


def test_an_api_without_a_version() -> None:
    found = api()
    assert (found.name, found.api_name, found.context, found.prefix, found.version) == (
        "Orders",
        "Orders",
        "/orders",
        "/orders",
        "",
    )


@pytest.mark.parametrize(
    ("attributes", "prefix"),
    [
        ('context="/a/" ', "/a"),
        ('context="/"', ""),
        ('context="/a" version="1.0" version-type="url"', "/a/1.0"),
        ('context="/a/{version}/b" version="1.0" version-type="context"', "/a/1.0/b"),
        ('context="/a" version="1.0" version-type="context"', "/a"),
    ],
)
def test_paths_of_an_api_begin_with_context_and_version(attributes: str, prefix: str) -> None:
    assert api(PLAIN, f'name="A" {attributes}').prefix == prefix


def test_two_versions_of_an_api_have_different_names() -> None:
    found = api(PLAIN, 'name="A" context="/a" version="1.0" version-type="url"')
    assert (found.name, found.api_name) == ("A:v1.0", "A")


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ('context="/a"', "s.xml:1: <api> needs the attribute 'name'"),
        ('name="A"', "s.xml:1: <api> needs the attribute 'context'"),
        ('name="A" context="a"', "s.xml:1: <api context='a'>: API context must begin with '/' character"),
        (
            'name="A" context="/a" version="1"',
            "s.xml:1: <api version> needs the attribute 'version-type': url or context",
        ),
        (
            'name="A" context="/a" version="1" version-type="uri"',
            "s.xml:1: <api> version-type='uri': expected url or context",
        ),
        ('name="A" context="/a" port="0"', "s.xml:1: <api> port='0': expected a number from 1 to 65535"),
        ('name="A" context="/a" port="x"', "s.xml:1: <api> port='x': expected a whole number"),
        (
            'name="A" context="/a" transports="http https"',
            "s.xml:1: <api> transports='http https': expected http or https",
        ),
    ],
)
def test_an_api_that_cannot_be_used(attributes: str, problem: str) -> None:
    assert problems(PLAIN, attributes) == [problem]


def test_an_api_needs_a_resource() -> None:
    assert problems("") == ["s.xml:1: An API must contain at least one resource definition: <resource>"]


def test_an_empty_list_of_transports_means_both() -> None:
    assert api(PLAIN, 'name="A" context="/a" transports=""').transport is None


def test_a_resource_with_everything() -> None:
    [found] = api(
        '<resource methods="GET POST" uri-template="/{id}" protocol="https" content-type="text/xml" '
        'user-agent="curl.*" inSequence="in" outSequence="out" faultSequence="failed"/>'
    ).resources
    assert (found.methods, found.in_sequence, found.out_sequence, found.fault_sequence) == (
        ("GET", "POST"),
        "in",
        "out",
        "failed",
    )
    assert isinstance(found.conditions, Conditions)
    assert found.properties["rest.url.pattern"] == "/{id}"


def test_sequences_may_be_written_inside_a_resource() -> None:
    [found] = api(
        '<resource><inSequence onError="failed"><respond/></inSequence><outSequence/></resource>'
    ).resources
    assert isinstance(found.in_sequence, Branch)
    assert found.in_sequence.on_error == "failed"
    assert isinstance(found.out_sequence, Branch)
    assert found.fault_sequence is None


def test_sequences_that_an_api_names_are_noted() -> None:
    text = api_text(
        '<resource inSequence="in" outSequence="out" faultSequence="failed"/>'
        '<resource uri-template="/a"><inSequence onError="again"/></resource>'
    )
    [artifact] = loaded(text).artifacts
    assert {(each.kind, each.key) for each in artifact.origin.references} == {
        ("sequence", key) for key in ("in", "out", "failed", "again")
    }


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        (
            'methods="GET GET"',
            "methods='GET GET': expected some of GET, POST, PUT, DELETE, OPTIONS, HEAD, PATCH separated by blanks, "
            "each once",
        ),
        (
            'methods="FETCH"',
            "methods='FETCH': expected some of GET, POST, PUT, DELETE, OPTIONS, HEAD, PATCH separated by blanks, "
            "each once",
        ),
        ('protocol="ftp"', "protocol='ftp': expected http or https"),
        ('content-type="json"', "content-type='json': expected a media type such as application/json"),
        ('uri-template="/{a"', "uri-template='/{a': expected a partner for each brace"),
        ('uri-template="/{a}{b}"', "uri-template='/{a}{b}': expected something between {a} and {b}"),
        (
            'uri-template="/{a b}"',
            "uri-template='/{a b}': expected the name of a variable instead of '{a b}'",
        ),
        (
            'user-agent="("',
            "user-agent='(' is not a regular expression: missing ), unterminated subpattern at position 0",
        ),
    ],
)
def test_a_resource_that_cannot_be_used(attributes: str, problem: str) -> None:
    assert problems(f"\n<resource {attributes}/>") == [f"s.xml:2: <resource> {problem}"]


def test_a_resource_has_one_kind_of_path() -> None:
    assert problems('<resource uri-template="/a" url-mapping="/a"/>') == [
        "s.xml:1: <resource> can have 'uri-template' or 'url-mapping', not both"
    ]


def test_the_same_path_and_method_twice_is_an_error_at_the_second() -> None:
    first, second = (
        '<resource methods="GET PUT" uri-template="/a"/>',
        '\n<resource methods="PUT" uri-template="/a"/>',
    )
    assert problems(first + second) == [
        "s.xml:2: Two resources cannot have the same path mapping and methods: '/a' PUT"
    ]


def test_the_same_path_with_other_methods_is_fine() -> None:
    assert (
        problems('<resource methods="GET" uri-template="/a"/><resource methods="PUT" uri-template="/a"/>')
        == []
    )


def test_an_api_has_one_default_resource() -> None:
    assert problems('<resource methods="GET"/>\n<resource methods="PUT"/>') == [
        "s.xml:2: Only one resource can be designated as default: give this one a uri-template or url-mapping"
    ]


def test_every_problem_of_an_api_is_told_at_once() -> None:
    assert len(problems('<resource methods="X"/><resource uri-template="{"/>', 'name="A"')) == 3


def test_rules_for_pages_of_other_origins() -> None:
    found = api(
        f'<handlers><handler class="{CORS_HANDLER}">'
        '<property name="allowedOrigins" value="https://a.example, *.b.example"/>'
        '<property name="allowHeaders" value="X-A,X-B"/><property name="allowedMethods" value="GET"/>'
        '<property name="allowCredentials" value="true"/><property name="maxAge" value="60"/>'
        f"</handler></handlers>{PLAIN}"
    ).cors
    assert found == Cors(
        origins=frozenset({"https://a.example", "*.b.example"}),
        headers="X-A,X-B",
        methods="GET",
        with_credentials=True,
        max_age=60,
    )


@pytest.mark.parametrize(
    ("handler", "problem"),
    [
        ("<handler/>", "s.xml:1: <handler> needs the attribute 'class'"),
        (
            f'<handler class="{CORS_HANDLER}"><property name="maxAge" value="soon"/></handler>',
            "s.xml:1: <property> value='soon': expected a whole number",
        ),
        (
            f'<handler class="{CORS_HANDLER}"><property name="origins" value="*"/></handler>',
            "s.xml:1: CORSRequestHandler has no property 'origins': expected allowedOrigins, allowHeaders, "
            "allowedMethods, allowCredentials, maxAge",
        ),
    ],
)
def test_a_handler_that_cannot_be_used(handler: str, problem: str) -> None:
    assert problem in problems(f"<handlers>{handler}</handlers>{PLAIN}")


@pytest.mark.parametrize(
    ("inside", "attributes", "notice"),
    [
        (PLAIN, 'validateSchema="true"', "<api validateSchema> has no effect yet"),
        (PLAIN, 'version-type="url"', "<api version-type> has no effect without a version"),
        (
            PLAIN,
            'binds-to="default, inbound"',
            "<api binds-to>: there are no inbound endpoints that serve APIs yet, so none for inbound",
        ),
        (
            '<resource uri-template="orders"/>',
            "",
            "<resource> 'orders' means no request: a path begins with '/'",
        ),
        ('<resource url-pattern="/a"/>', "", "unknown attribute 'url-pattern' of <resource>"),
        (
            '<resource inSequence="a"><inSequence/></resource>',
            "",
            "<resource inSequence='a'> goes before the <inSequence> inside it",
        ),
    ],
)
def test_what_was_probably_not_meant_like_that(inside: str, attributes: str, notice: str) -> None:
    assert notices(inside, f'name="A" context="/a" {attributes}')[0].startswith(f"s.xml:1: {notice}")


def test_mediators_of_a_resource_have_a_position() -> None:
    [found] = api(resource("<respond/>")).resources
    assert isinstance(found.in_sequence, Branch)
    assert [position for _, position in found.in_sequence.steps] == ["api:Orders/resource/inSequence/1"]


def test_an_api_that_only_inbound_endpoints_serve_is_not_on_the_main_listeners() -> None:
    assert not api(PLAIN, 'name="A" context="/a" binds-to="inbound"').is_on_main_listeners
    assert api(PLAIN, 'name="A" context="/a" binds-to=""').is_on_main_listeners
