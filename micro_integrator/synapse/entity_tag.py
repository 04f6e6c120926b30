"""ETag: a client that has the answer already is told so instead of getting it once more. ◇"""

import hashlib

OK, NOT_MODIFIED = 200, 304


def tag_of(body: bytes) -> str:
    """Return the strong tag of an answer's bytes."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def is_known(tag: str, asked: str) -> bool:
    """Return whether `asked`, the value of If-None-Match, names `tag` or any tag at all."""
    known = (one.strip().removeprefix("W/") for one in asked.split(","))
    return any(one in {tag, "*"} for one in known)
