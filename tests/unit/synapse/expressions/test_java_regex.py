"""Regular expressions in the dialect of Java, matched as Java matches them."""

import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.synapse.expressions.java_regex import java_regex

MATCHING = [
    (r"(?<key>\w+)=\k<key>", "a=a"),
    (r"(?<=a)b|(?<!c)d|x(?=y)y|z(?!a)b", "d"),
    (r"\Qa.b*\E+", "a.b**"),
    (r"\Qa.b", "a.b"),
    (r"a(?i)b|c", "aB"),
    (r"a(?i)b|c", "C"),
    (r"(a(?i)b|c)d", "Cd"),
    (r"(?i)abc.*", "ABCd"),
    (r".*(?i)abc(?-i)D", "xABCD"),
    (r"(?i:a)b", "Ab"),
    (r"(?s)a.b", "a\nb"),
    (r"(?dm)^a$", "a"),
    (r"\p{Alpha}+\p{Digit}{2}\p{Punct}", "ab12!"),
    (r"\P{Alpha}\p{IsAlphabetic}\pL\p{Lu}\P{L}", "1éßÄ2"),
    (r"[\p{Upper}\p{Digit}_-]+", "A-1_"),
    (r"[\P{Digit}x]+", "ab"),
    (r"[a-z&&[^aeiou]]+", "bcd"),
    (r"[a-c[x-z]]+", "abxz"),
    (r"[^a-c[x-z]]+", "mn"),
    (r"[a-z&&[def]&&[^e]]", "d"),
    (r"[]a]+", "]a"),
    (r"[\]\[a]+", "][a"),
    (r"[&|~-]+", "&&||~~--"),
    (r"\h\v\R\H\V", " \n\r\nab"),
    (r"\Aa\z", "a"),
    (r"a\Z", "a"),
    (r"\x{1F600}\e\cA\012\u0041\x41", "\U0001f600\x1b\x01\nAA"),
    (r"a*+b?+(?>c)", "aabc"),
    (r"(?U)\w+", "Zürich"),
    (r"(?iu)Ä", "ä"),
    (r"\\Q[0-9]", r"\Q5"),
    (r"(\()(\))\|", "()|"),
    (r"", ""),
]


@pytest.mark.parametrize(("pattern", "text"), MATCHING)
def test_a_pattern_of_java_matches(pattern: str, text: str) -> None:
    with warnings.catch_warnings(action="error"):
        assert java_regex(pattern).fullmatch(text)


NOT_MATCHING = [
    (r"a(?i)b|c", "A"),
    (r"(a(?i)b|c)d", "CD"),
    (r"(?i:a)b", "AB"),
    (r"[a-z&&[^aeiou]]", "a"),
    (r"[^a-c[x-z]]", "y"),
    (r"\d", "٣"),
    (r"\w+", "Zürich"),
    (r"(?i)Ä", "ä"),
    (r"\P{L}", "a"),
    (r"a\z", "a\n"),
]


@pytest.mark.parametrize(("pattern", "text"), NOT_MATCHING)
def test_a_pattern_of_java_does_not_match(pattern: str, text: str) -> None:
    assert java_regex(pattern).fullmatch(text) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing ), unterminated subpattern at position 0"),
        (")", "unbalanced parenthesis"),
        ("a[b", "unterminated character set at position 1"),
        ("[a[b]", "unterminated character set at position 0"),
        (r"\p{Klingon}", "unknown property {Klingon} at position 0"),
        (r"\p", "bad escape \\p"),
        (r"\x{110000}", "bad escape"),
        ("(?q)a", "unknown flag q"),
        ("a\\", "bad escape (end of pattern)"),
        (r"\k<none>", "unknown group name"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told(pattern: str, reason: str) -> None:
    with pytest.raises(re.error, match=re.escape(reason)):
        java_regex(pattern)


@given(st.text(st.sampled_from(r"ab[]^&-\QEpP{}(?<i>)|:*+LkhR"), max_size=24))
def test_any_text_is_compiled_or_refused(pattern: str) -> None:
    with warnings.catch_warnings(action="ignore"), suppress(re.error):
        java_regex(pattern)


@given(st.text(max_size=20))
def test_a_quoted_text_matches_itself(text: str) -> None:
    quoted = text.replace("\\E", "")
    assert java_regex(f"\\Q{quoted}\\E").fullmatch(quoted)
