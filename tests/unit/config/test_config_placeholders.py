"""Placeholders work anywhere in a string and bring in nothing but their value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.config.placeholders import PlaceholderError, has_placeholder, resolve

KNOWN = {("env", "A"): "1", ("sys", "b"): "2", ("ref", "x.y"): "3", ("secret", "s"): "4", ("name", "n"): "5"}


def look_up(form: str, name: str) -> str | None:
    return KNOWN.get((form, name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$env{A}", "1"),
        ("a $env{A} b $sys{b} c $ref{x.y} d $secret{s} e ${n}", "a 1 b 2 c 3 d 4 e 5"),
        ("$env{A}$env{A}", "11"),
        ("$env{MISSING:default}", "default"),
        ("$env{MISSING:}", ""),
        ("$env{MISSING:jdbc:sqlite:cluster.db}", "jdbc:sqlite:cluster.db"),
        ("$env{A:default}", "1"),
        ("$sys{missing:x}", "x"),
        ("${env:A}", "1"),
        ("${env:MISSING:x}", "x"),
        ("${unknown}", "${unknown}"),
        ("$$env{A}", "$env{A}"),
        ("$${n}", "${n}"),
        ("$$$env{A}", "$$env{A}"),
        ("costs $5 {really}", "costs $5 {really}"),
        ("", ""),
    ],
)
def test_a_placeholder_becomes_its_value(text: str, expected: str) -> None:
    assert resolve(text, look_up) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$env{NO}", "Environment variable NO not defined in system"),
        ("${env:NO}", "Environment variable NO not defined in system"),
        ("$sys{no}", "Error while retrieving no system property"),
        ("$ref{no}", "References can't be resolved for no"),
        ("$secret{no}", "Secret 'no' is not defined"),
        ("$env{}", "names nothing"),
        ("$env{A", "not closed"),
        ("$secret{s:default}", "takes no default"),
    ],
)
def test_a_placeholder_without_a_value_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(PlaceholderError, match=reason.replace("$", r"\$")):
        resolve(text, look_up)


PLAIN = st.text(st.characters(exclude_characters="$", codec="utf-8"))


@given(PLAIN)
def test_text_without_a_dollar_stays_as_it_is(text: str) -> None:
    assert resolve(text, look_up) == text
    assert not has_placeholder(text)


@given(PLAIN, st.text(), PLAIN)
def test_what_a_placeholder_brings_in_is_taken_literally(before: str, value: str, after: str) -> None:
    assert resolve(f"{before}$env{{V}}{after}", lambda form, name: value) == before + value + after


@given(PLAIN, st.sampled_from(["env", "sys", "ref", "secret"]), st.text("abc.XYZ_-", min_size=1))
def test_a_doubled_dollar_writes_the_placeholder_itself(before: str, form: str, name: str) -> None:
    written = f"${form}{{{name}}}"
    assert resolve(f"{before}${written}", look_up) == before + written


@given(st.lists(st.sampled_from(["$env{A}", "$sys{b}", "text", "${n}", "$$env{"]), max_size=20))
def test_parts_are_resolved_independently_of_each_other(parts: list[str]) -> None:
    assert resolve(" ".join(parts), look_up) == " ".join(resolve(part, look_up) for part in parts)
