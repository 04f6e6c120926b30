"""Statements found in the bytes of a client, however the bytes are cut into pieces."""

import pytest
from harness.sql_requests import MariaDBRequests, PostgreSQLRequests

ASK_FOR_ENCRYPTION = (8).to_bytes(4) + (80_877_103).to_bytes(4)


def startup() -> bytes:
    body = (3 << 16).to_bytes(4) + b"user\0me\0\0"
    return (len(body) + 4).to_bytes(4) + body


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


def packet(order: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([order]) + body


POSTGRESQL = b"".join([
    ASK_FOR_ENCRYPTION,
    startup(),
    message(b"p", b"password\0"),
    message(b"P", b"s1\0UPDATE A\0" + bytes(2)),
    message(b"B", b"\0s1\0first"),
    message(b"S", b""),
    message(b"B", b"\0s1\0second"),
    message(b"Q", b"SELECT B\0"),
    message(b"C", b"Ss1\0"),
    message(b"B", b"\0s1\0third"),
])  # fmt: skip
MARIADB = packet(1, b"\3 a greeting") + packet(0, b"\3SELECT A") + packet(0, b"\1") + packet(0, b"\3SELECT B")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_on_postgresql_a_prepared_statement_is_seen_each_time_it_runs(size: int) -> None:
    requests = PostgreSQLRequests()
    pieces = [POSTGRESQL[start : start + size] for start in range(0, len(POSTGRESQL), size)]
    assert [found for piece in pieces for found in requests.feed(piece)] == [
        b"UPDATE A\0first",
        b"UPDATE A\0second",
        b"SELECT B\0",
        b"\0third",
    ]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_on_mariadb_a_query_is_seen_and_a_login_or_goodbye_is_not(size: int) -> None:
    requests = MariaDBRequests()
    pieces = [MARIADB[start : start + size] for start in range(0, len(MARIADB), size)]
    assert [found for piece in pieces for found in requests.feed(piece)] == [b"SELECT A", b"SELECT B"]
