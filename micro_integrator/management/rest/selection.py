"""Which rows of a list a caller wants: `?searchKey=`, `?limit=`, `?offset=`. ◇"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from micro_integrator.management.rest.refusal import Refused

Row = dict[str, Any]

_NUMBER = re.compile("[0-9]{1,9}")


def found(rows: Sequence[Row], query: Mapping[str, str]) -> list[Row]:
    """Return the rows whose name has `searchKey` in it, in whatever case."""
    wanted = query.get("searchKey", "").casefold()
    return [row for row in rows if wanted in str(row["name"]).casefold()]


def page(rows: Sequence[Row], query: Mapping[str, str]) -> Sequence[Row]:
    """Return the rows from `offset` on, at most `limit` of them. Raises Refused."""
    first, limit = _number(query, "offset", 0), _number(query, "limit", len(rows))
    return rows[first : first + limit]


def listed(rows: Sequence[Row], query: Mapping[str, str]) -> Row:
    """Return a list as all resources answer it; `count` is that of all rows found. Raises Refused."""
    all_found = found(rows, query)
    return {"count": len(all_found), "list": page(all_found, query)}


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not _NUMBER.fullmatch(text):
        raise Refused(400, f"{name} = '{text}': expected a whole number from 0 on")
    return int(text)
