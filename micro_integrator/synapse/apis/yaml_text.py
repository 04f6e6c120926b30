"""JSON values written as YAML, in blocks: texts are quoted, so that none is taken for something else. ◇"""

import re
from collections.abc import Iterator
from decimal import Decimal

from micro_integrator.synapse.formats import JsonValue, write_json

_INDENT = "  "
_BARE_KEY = re.compile(r"[A-Za-z$][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""What YAML takes for a value, in any case of letters."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def yaml_text(value: JsonValue) -> str:
    """Return `value` as a YAML document."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inside in value.items():
            yield from _entry(f"{_key(key)}:", inside)
    elif isinstance(value, list) and value:
        for inside in value:
            yield from _entry("-", inside)
    else:
        yield _scalar(value)


def _entry(head: str, value: JsonValue) -> Iterator[str]:
    if not isinstance(value, dict | list) or not value:
        yield f"{head} {_scalar(value)}"
    elif head == "-" and isinstance(value, dict):  # its first line stands beside the dash
        first, *others = _lines(value)
        yield f"- {first}"
        yield from (_INDENT + line for line in others)
    else:
        yield head
        yield from (_INDENT + line for line in _lines(value))


def _key(key: str) -> str:
    is_bare = _BARE_KEY.fullmatch(key) is not None and key.lower() not in _WORDS
    return key if is_bare else _quoted(key)


def _scalar(value: JsonValue) -> str:
    if isinstance(value, str):
        return _quoted(value)
    written = write_json(value)
    if isinstance(value, float | Decimal) and "." not in written:
        return written.lower().replace("e", ".0e")  # 1e+16 would be read as a text
    return written


def _quoted(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", write_json(text))
