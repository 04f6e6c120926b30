"""URI templates that take paths apart."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.synapse import Message
from micro_integrator.synapse.apis.uri_pattern import UriPattern
from micro_integrator.synapse.endpoints.uri_template import UriTemplate


def match(template: str, target: str) -> dict[str, str] | None:
    path, mark, query = target.partition("?")
    found = UriPattern(template).match(path, query if mark else None)
    return None if found is None else {name.removeprefix("uri.var."): value for name, value in found.items()}


@pytest.mark.parametrize(
    ("template", "target", "variables"),
    [
        ("/orders", "/orders", {}),
        ("/orders", "/orders/", {}),
        ("/orders", "/Orders", None),
        ("/orders", "/orders/1", None),
        ("/", "/", {}),
        ("/~{user}", "/~ada", {"user": "ada"}),
        ("/d/{c}/{w}", "/d/a/ant/", {"c": "a", "w": "ant"}),
        ("/d/{c}/{w}", "/d/a", None),
        ("/d/{c}", "/d/", None),
        ("/d/{c}{#ref}", "/d/e#top", {"c": "e", "ref": "top"}),
        ("/d/{c}{#ref}", "/d/e", {"c": "e"}),
        ("/{name}.{ending}", "/a.tar.gz", {"name": "a", "ending": "tar.gz"}),
        ("/f{.ending}", "/f.xml", {"ending": "xml"}),
        ("/f{.ending}", "/f", {}),
        ("/f{/a,b}", "/f/1/2", {"a": "1", "b": "2"}),
        ("/f{/way*}", "/f/1/2", {"way": "1/2"}),
        ("/f{;v}", "/f;v=7", {"v": "7"}),
        ("/p/{x,y}", "/p/1,2", {"x": "1", "y": "2"}),
        ("/p/{x,y}", "/p/1", None),
        ("/p/{year:4}-{month:2}", "/p/2024-06", {"year": "2024", "month": "06"}),
        ("/p/{year:4}", "/p/24", None),
        ("/same/{a}/{a}", "/same/1/1", {"a": "1"}),
        ("/same/{a}/{a}", "/same/1/2", None),
    ],
)
def test_what_a_template_finds(template: str, target: str, variables: dict[str, str] | None) -> None:
    assert match(template, target) == variables


@pytest.mark.parametrize(
    ("target", "variables"),
    [
        ("/v/a%2Fb", {"v": "a/b"}),
        ("/v/a%20b+c", None),
        ("/v/a%2Bb", {"v": "a+b"}),
        ("/v/%C3%BC", {"v": "ü"}),
        ("/v/a:b", {"v": "a:b"}),
        ("/v/a/b", None),
        ("/v/a,b", None),
    ],
)
def test_a_value_ends_at_a_reserved_character_and_is_decoded(
    target: str, variables: dict[str, str] | None
) -> None:
    assert match("/v/{v}", target) == variables


@pytest.mark.parametrize(
    ("template", "target", "value"),
    [
        ("/v/{+v}", "/v/a/b+c,d", "a/b+c,d"),
        ("/v/{+v}", "/v/a%20b", "a b"),
        ("/v/{+v}/end", "/v/a/end", "a"),
    ],
)
def test_a_plus_lets_reserved_characters_in(template: str, target: str, value: str) -> None:
    assert match(template, target) == {"v": value}


@pytest.mark.parametrize("target", ["/music", "/music/", "/musical/1?a=b", "/music*"])
def test_a_star_at_the_end_takes_the_rest(target: str) -> None:
    assert match("/music*", target) == {}


def test_a_star_behind_a_slash_needs_the_slash() -> None:
    assert match("/files/*", "/files/a/b") == {}
    assert match("/files/*", "/files/") == {}
    assert match("/files/*", "/files") is None
    assert match("*", "/anything") == {}


@pytest.mark.parametrize(
    ("template", "target", "variables"),
    [
        ("/f", "/f?any=1", {}),
        ("/f?a={a}", "/f?a=1", {"a": "1"}),
        ("/f?a={a}", "/f", None),
        ("/f?a={a}", "/f?b=1", None),
        ("/f?a={a}", "/f?a=1&b=2", None),
        ("/f?a={a}&*", "/f?a=1&b=2", {"a": "1"}),
        ("/f?a={a}&b={b}", "/f?b=2&a=1", {"a": "1", "b": "2"}),
        ("/f?a={+a}&b={+b}", "/f?a=&b=", {"a": "", "b": ""}),
        ("/f?a={+a}", "/f?a=x/y%20z", {"a": "x/y z"}),
        ("/f?kind=new", "/f?kind=new", {}),
        ("/f?kind=new", "/f?kind=old", None),
        ("/f?span={from}-{to}", "/f?span=1-9", {"from": "1", "to": "9"}),
        ("/o/{id}?*", "/o/1?x=2", {"id": "1"}),
        ("/f{?a,b}", "/f?b=2", {"b": "2"}),
        ("/f{?a,b}", "/f", {}),
        ("/f{?a,b}", "/f?c=3", None),
        ("/f{?q*}", "/f?x=1&y=2", {}),
        ("/f{?q*}", "/f", {}),
        ("/f?a={a}{&b}", "/f?a=1&b=2", {"a": "1", "b": "2"}),
        ("/{a}?b={a}", "/1?b=1", {"a": "1"}),
        ("/{a}?b={a}", "/1?b=2", None),
    ],
)
def test_what_a_template_asks_of_the_query(
    template: str, target: str, variables: dict[str, str] | None
) -> None:
    assert match(template, target) == variables


@pytest.mark.parametrize(
    ("template", "segment"),
    [
        ("/orders", "orders"),
        ("/orders/{id}", "orders"),
        ("/orders*", None),
        ("/{id}", None),
        ("*", None),
        ("/", ""),
    ],
)
def test_a_template_knows_what_its_paths_begin_with(template: str, segment: str | None) -> None:
    assert UriPattern(template).first_segment == segment


@pytest.mark.parametrize(
    "template", ["{", "/a}", "/{}", "/{a}{b}", "/{a,}", "/{a:0}", "/f?a={", "/f?a={b}{c}"]
)
def test_a_text_that_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"between|brace|variable"):
        UriPattern(template)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/{+a,b,c,d}/x", "/" + "," * 8000),
        ("/{a}.{b}.{c}/x", "/" + "a." * 4000),
        ("/{a*,b*}/x", "/" + ",a" * 4000),
    ],
)
def test_a_hostile_path_is_turned_down_at_once(template: str, path: str) -> None:
    begun = time.process_time()
    assert match(template, path) is None
    assert time.process_time() - begun < 1


@given(one=some.text(min_size=1), other=some.text(min_size=1), query=some.text())
def test_what_an_endpoint_writes_into_a_template_is_found_again(one: str, other: str, query: str) -> None:
    values = {"one": one, "other": other, "query": query}
    template = "/a/{one}/b/{other}?q={query}"
    written = UriTemplate(f"http://h{template}", {}).expand(Message(), values.get)
    assert match(template, written.removeprefix("http://h")) == values


@given(template=some.text(alphabet="/ab{}+#.?&=*,:4"), target=some.text(alphabet="/ab%2?&=.,#+"))
def test_any_template_and_any_path_end_in_an_answer(template: str, target: str) -> None:
    try:
        pattern = UriPattern(template)
    except ValueError:
        return
    path, mark, query = target.partition("?")
    found = pattern.match(path, query if mark else None)
    assert found is None or all(name.startswith("uri.var.") for name in found)
