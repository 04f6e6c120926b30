"""Environment variables from a file, by the rules of dotenv.

    # a comment
    NODE_ID=node-1                  # blanks around the value are cut, and so is a comment behind a blank
    export GREETING='as it is, $ and # too'
    LINES="first\\nsecond"           \\n \\t \\r \\" \\\\ \\$ are understood; quoted values may span lines

A later line wins over an earlier one, and the file over the environment. Values are not expanded.
"""

import re
from pathlib import Path

from micro_integrator.kit import MicroIntegratorError

_SKIPPED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:#[^\n]*)?")
_ASSIGNMENT = re.compile(
    r"""(?:export[ \t]+)?
        (?P<name>[A-Za-z_][A-Za-z0-9_.-]*) [ \t]* = [ \t]*
        (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | (?P<plain>[^'"\n][^\n]*?|) )
        (?: [ \t]+\#[^\n]* | [ \t]* ) (?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}


class EnvFileError(MicroIntegratorError):
    """The file is missing or a line of it is no assignment; the text names file and line."""


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables `path` sets. Raises EnvFileError."""
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise EnvFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EnvFileError(f"{path}: not UTF-8") from error
    if "\0" in text:
        raise EnvFileError(f"{path}: holds a NUL character")
    variables: dict[str, str] = {}
    position = _after_comments(text, 0)
    while position < len(text):
        match = _ASSIGNMENT.match(text, position)
        if match is None:
            line = text.count("\n", 0, position) + 1
            raise EnvFileError(f"{path}:{line}: expected NAME=value, quotes closed")
        variables[match["name"]] = _value(match)
        position = _after_comments(text, match.end())
    return variables


def _after_comments(text: str, position: int) -> int:
    match = _SKIPPED.match(text, position)
    return match.end() if match else position


def _value(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), match["double"], flags=re.DOTALL)
    return match["plain"].strip()
