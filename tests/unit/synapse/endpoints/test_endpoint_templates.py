"""URI templates: what they expand to, and what is no template."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.synapse import Message
from micro_integrator.synapse.endpoints.rest_postfix import joined
from micro_integrator.synapse.endpoints.uri_template import TemplateError, UriTemplate

VALUES = {
    "uri.var.id": "7",
    "uri.var.path": "a/b?c=d",
    "uri.var.text": "x y&ä%41",
    "uri.var.url": "http://h/p?q=1#f",
    "query.param.q": "50%",
    "empty": "",
    "half": "/half",
    "surrogate": "\ud800",
    "host": "example",
}


def expanded(template: str, values: dict[str, str] = VALUES) -> str:
    message = Message()
    message.variables["id"] = "9{x}"
    return UriTemplate(template, {}).expand(message, values.get)


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("http://h/a?b=c", "http://h/a?b=c"),
        ("http://h/{uri.var.id}", "http://h/7"),
        ("http://h/{uri.var.path}", "http://h/a%2Fb%3Fc%3Dd"),
        ("http://h/{+uri.var.path}", "http://h/a/b?c=d"),
        ("http://h/{uri.var.text}", "http://h/x%20y%26%C3%A4%2541"),
        ("http://h/{+uri.var.text}", "http://h/x%20y&%C3%A4%41"),
        ("http://h/{uri.var.id,host}", "http://h/7,example"),
        ("http://h/{unset}", "http://h/"),
        ("http://h/{unset,host}", "http://h/example"),
        ("http://h/{empty}x", "http://h/x"),
        ("http://h/{surrogate}", "http://h/%ED%A0%80"),
        ("http://h/{+surrogate}", "http://h/%ED%A0%80"),
        ("http://h/{uri.var.path:3}", "http://h/a%2Fb"),
        ("http://h/a{#uri.var.id}", "http://h/a#7"),
        ("http://h{/uri.var.id,host}", "http://h/7/example"),
        ("http://h/a{.host}", "http://h/a.example"),
        ("http://h/a{;host,empty}", "http://h/a;host=example;empty"),
        ("http://h/a{?query.param.q,empty,unset}", "http://h/a?query.param.q=50%25&empty="),
        ("http://h/a?x=1{&host}", "http://h/a?x=1&host=example"),
        ("http://h/a{?unset}", "http://h/a"),
        ("http://{host}.internal/", "http://example.internal/"),
        ("{uri.var.url}", "http://h/p?q=1#f"),
        ("{uri.var.url}/{uri.var.path}", "http://h/p?q=1#f/a%2Fb%3Fc%3Dd"),
        ("{+uri.var.url}", "http://h/p?q=1#f"),
        ("legacy-encoding:http://h/{uri.var.path}/{uri.var.text}", "http://h/a/b?c=d/x%20y&%C3%A4%41"),
        ("http://h/${vars.id}/{uri.var.id}", "http://h/9{x}/7"),
    ],
)
def test_a_template_expands(template: str, uri: str) -> None:
    assert expanded(template) == uri


@pytest.mark.parametrize(
    "template",
    [
        "http://h/{",
        "http://h/}",
        "http://h/{a",
        "http://h/{}",
        "http://h/{a b}",
        "http://h/{=a}",
        "http://h/{a{b}}",
        "{",
    ],
)
def test_a_text_that_is_no_template_is_refused_when_it_is_read(template: str) -> None:
    with pytest.raises(TemplateError):
        UriTemplate(template, {})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{uri.var.none}", "'{uri.var.none}' becomes ''; without a value: uri.var.none"),
        ("{half}/a", "'{half}/a' becomes '/half/a'"),
        ("{empty}{uri.var.none}{other}", "without a value: other, uri.var.none"),
    ],
)
def test_an_expansion_that_is_no_uri_names_what_is_missing(template: str, text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        expanded(template)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("template", "is_static"),
    [
        ("http://h/a", True),
        ("http://h", True),
        ("http://h/{a}", True),
        ("http://h?x={a}", True),
        ("http://h{a}/", False),
        ("http://h:{a}/", False),
        ("http://{a}/", False),
        ("{a}", False),
        ("${vars.a}/b", False),
        ("http://h/${vars.a}", True),
    ],
)
def test_whether_the_artifact_names_the_host(template: str, is_static: bool) -> None:
    assert UriTemplate(template, {}).has_static_host is is_static


@given(some.text())
def test_a_simple_value_cannot_leave_its_place(value: str) -> None:
    uri = expanded("http://h/a/{v}/b?c=d", {"v": value})
    prefix, suffix = "http://h/a/", "/b?c=d"
    assert uri.startswith(prefix)
    assert uri.endswith(suffix)
    inner = uri[len(prefix) : len(uri) - len(suffix)]
    assert not set(inner) & set("/?#& {}\r\n")
    assert unquote(inner) == value


@pytest.mark.parametrize(
    ("address", "postfix", "url"),
    [
        ("http://h", "/a", "http://h/a"),
        ("http://h/", "/a", "http://h/a"),
        ("http://h/b", "a?x=1", "http://h/b/a?x=1"),
        ("http://h/b?y=2", "/a?x=1", "http://h/b/a?y=2&x=1"),
        ("http://h/b?y=2", "?x=1", "http://h/b?y=2&x=1"),
        ("http://h/b", "", "http://h/b"),
        ("http://h/b?", "/a", "http://h/b/a?"),
    ],
)
def test_a_postfix_is_joined_by_one_slash(address: str, postfix: str, url: str) -> None:
    assert joined(address, postfix) == url
