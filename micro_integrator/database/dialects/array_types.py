"""What asyncpg would ask each new session about arrays of text and of numbers: two types that never differ.

The question takes four exchanges before the first batch of a connection. On a slow way to the database that is longer
than a statement may take, so that a claim on a fresh connection would never be answered in time.
"""

from typing import Any


def _array(oid: int, name: str, element: int, element_name: str) -> dict[str, Any]:
    """Return a row of asyncpg's own query on pg_type; the numbers of built-in types are the same everywhere."""
    return {
        "oid": oid,
        "ns": "pg_catalog",
        "name": name,
        "kind": b"b",
        "basetype": None,
        "elemtype": element,
        "elemdelim": ",",
        "range_subtype": None,
        "attrtypoids": None,
        "attrnames": None,
        "depth": 0,
        "basetype_name": None,
        "elemtype_name": element_name,
        "range_subtype_name": None,
    }


_TYPES = (_array(1009, "_text", 25, "text"), _array(1016, "_int8", 20, "bigint"))


def make_arrays_known(driver_connection: Any) -> None:
    """Tell a new connection of asyncpg about them."""
    driver_connection._protocol.get_settings().register_data_types(_TYPES)
