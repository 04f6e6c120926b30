"""Classes of characters in the dialect of Java: `[...]` with unions and intersections, and single characters."""

import re
import sys
import unicodedata
from functools import cache
from itertools import groupby

LINE_ENDS = r"\n\x0b\f\r\x85\u2028\u2029"

_PROPERTY = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|([A-Z]))")
_CODE_POINT = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_OCTAL = re.compile(r"\\0([0-3]?[0-7]{1,2})")
_CONTROL = re.compile(r"\\c([@-_a-z?])")
_HORIZONTAL = r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0b\f\r",
}
_CATEGORIES = {
    "Alphabetic": "L",
    "Letter": "L",
    "Digit": "Nd",
    "Uppercase": "Lu",
    "Lowercase": "Ll",
    "Titlecase": "Lt",
    "Punctuation": "P",
    "Control": "Cc",
    "White_Space": "Z",
}
"""Properties of Unicode by their long names, as categories; those that are mixed are taken for the main one."""

Class = tuple[str, bool]
"""What stands between brackets, and whether it is what the class does not hold."""


def property_class(pattern: str, start: int) -> tuple[Class, int]:
    r"""Return the class that `\p{...}`, `\P{...}`, `\h`, `\H`, `\v` or `\V` means, and where it ends."""
    letter = pattern[start + 1]
    if letter in "hHvV":
        return (_HORIZONTAL if letter in "hH" else LINE_ENDS, letter.isupper()), start + 2
    found = _PROPERTY.match(pattern, start)
    if found is None:
        raise re.error(f"bad escape \\{letter}", pattern, start)
    is_negated = (letter == "P") is not (found[1] == "^")
    return (_property(found[2] or found[3], pattern, start), is_negated), found.end()


def escaped(pattern: str, start: int) -> tuple[str, int]:
    """Return an escape that means one character, or the same in Python, and where it ends."""
    for syntax, base in ((_CODE_POINT, 16), (_OCTAL, 8)):
        if (found := syntax.match(pattern, start)) is not None:
            code = int(found[1], base)
            if code > sys.maxunicode:
                raise re.error(f"bad escape {found[0]}", pattern, start)
            return re.escape(chr(code)), found.end()
    if (found := _CONTROL.match(pattern, start)) is not None:
        return re.escape(chr(ord(found[1].upper()) ^ 64)), found.end()
    if pattern.startswith(r"\e", start):
        return r"\x1b", start + 2
    return pattern[start : start + 2], start + 2


def character_class(pattern: str, start: int) -> tuple[str, int]:
    """Return the class that begins with the bracket at `start` as a pattern of Python, and where it ends."""
    at = start + 1
    is_negated = pattern.startswith("^", at)
    at += is_negated
    operands: list[tuple[list[str], list[str]]] = [([], [])]
    first = at
    while at < len(pattern):
        members, nested = operands[-1]
        character = pattern[at]
        if character == "]" and at > first:
            return _as_pattern(operands, is_negated), at + 1
        if character == "[":
            text, at = character_class(pattern, at)
            nested.append(text)
        elif pattern.startswith("&&", at):
            operands.append(([], []))
            at += 2
        elif character == "\\":
            at = _escape(pattern, at, members, nested)
        else:
            members.append(f"\\{character}" if character in "]&|~" else character)
            at += 1
    raise re.error("unterminated character set", pattern, start)


def _escape(pattern: str, at: int, members: list[str], nested: list[str]) -> int:
    letter = pattern[at + 1 : at + 2]
    if letter == "Q":
        quoted, _, _ = pattern[at + 2 :].partition(r"\E")
        members.append(re.escape(quoted))
        return at + 2 + len(quoted) + 2
    if letter in {"p", "P", "h", "H", "v", "V"}:
        (inside, is_negated), end = property_class(pattern, at)
        if is_negated:
            nested.append(f"[^{inside}]")
        else:
            members.append(inside)
        return end
    text, end = escaped(pattern, at)
    members.append(text)
    return end


def _as_pattern(operands: list[tuple[list[str], list[str]]], is_negated: bool) -> str:
    """Return what matches one character that is in every operand, or in none of them together."""
    if len(operands) == 1 and not operands[0][1]:
        return f"[{'^' * is_negated}{''.join(operands[0][0])}]"
    first, *others = [_union(members, nested) for members, nested in operands if members or nested] or [
        "(?!)"
    ]
    both = "".join(f"(?={other})" for other in others) + first
    return f"(?:(?!{both})[\\s\\S])" if is_negated else f"(?:{both})"


def _union(members: list[str], nested: list[str]) -> str:
    parts = [f"[{''.join(members)}]"] if members else []
    return f"(?:{'|'.join(parts + nested)})"


def _property(name: str, pattern: str, start: int) -> str:
    if name in _POSIX:
        return _POSIX[name]
    bare = name.removeprefix("Is").rpartition("=")[2]
    category = _CATEGORIES.get(bare, bare)
    inside = _category(category) if re.fullmatch("[A-Z][a-z]?", category) else ""
    if not inside:
        raise re.error(f"unknown property {{{name}}}", pattern, start)
    return inside


@cache
def _category(category: str) -> str:
    """Return the ranges of all characters of a general category such as `L` or `Lu`."""
    held = (
        code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith(category)
    )
    ranges = []
    for _, run in groupby(enumerate(held), lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in run]
        ranges.append(f"\\U{codes[0]:08x}-\\U{codes[-1]:08x}")
    return "".join(ranges)
