"""Encrypted connections, asked for in the words of JDBC URLs."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from harness.certificates import made
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import DataSource, JdbcUrlError, Refused, Statement

CIPHER = Statement(
    "",
    postgresql="SELECT COALESCE(version, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    mysql="SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_version'",
)
VERIFY = {"postgresql": "sslmode=verify-full&sslrootcert=", "mariadb": "sslMode=verify-full&serverSslCert="}
ENCRYPT = {"postgresql": "sslmode=require", "mariadb": "sslMode=trust"}
PLAIN = {"postgresql": "sslmode=disable", "mariadb": "useSSL=false"}

pytestmark = pytest.mark.usefixtures("forgotten_sockets")


def self_signed() -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 and its key."""
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    pair = made("database of the tests", known_as=[address], is_authority=True)
    return pair.certificate_pem, pair.key_pem


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def encrypted(
    earlier_sockets: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Path]]:
    """A database on a server with a certificate, and the certificate."""
    request.getfixturevalue(request.param)  # skips where there is none
    server = PostgreSQLServer() if request.param == "postgresql" else MariaDBServer()
    certificate, key = self_signed()
    files = {"cert": str(server.give("cert.pem", certificate)), "key": str(server.give("key.pem", key))}
    if isinstance(server, PostgreSQLServer):
        server.settings = {"ssl": "on", "ssl_cert_file": files["cert"], "ssl_key_file": files["key"]}
    else:
        server.settings = {"ssl-cert": files["cert"], "ssl-key": files["key"]}
    trusted = tmp_path_factory.mktemp("tls") / "ca.pem"
    trusted.write_bytes(certificate)
    try:
        server.start()
        yield server.create_database(), trusted
    finally:
        server.remove()


async def encryption(database: Database, parameters: str) -> str:
    source = DataSource(settings_of(database, url=f"{database.url}?{parameters}"))
    connection = await source.connect()
    [[version]] = await connection.rows(CIPHER)
    await connection.close()
    return str(version)


async def test_a_known_certificate_is_accepted(encrypted: tuple[Database, Path]) -> None:
    database, trusted = encrypted
    assert (await encryption(database, f"{VERIFY[database.kind]}{trusted}")).startswith("TLS")


async def test_encryption_without_knowing_the_server_is_possible(encrypted: tuple[Database, Path]) -> None:
    database, _ = encrypted
    assert (await encryption(database, ENCRYPT[database.kind])).startswith("TLS")


async def test_plain_text_is_possible(encrypted: tuple[Database, Path]) -> None:
    database, _ = encrypted
    assert await encryption(database, PLAIN[database.kind]) == ""


async def test_a_stranger_s_certificate_is_refused(encrypted: tuple[Database, Path], tmp_path: Path) -> None:
    database, _ = encrypted
    stranger = tmp_path / "other.pem"
    stranger.write_bytes(self_signed()[0])
    with pytest.raises(Refused, match="certificate"):
        await encryption(database, f"{VERIFY[database.kind]}{stranger}")


async def test_a_missing_certificate_file_is_named(encrypted: tuple[Database, Path]) -> None:
    database, _ = encrypted
    with pytest.raises(JdbcUrlError, match=r"/nowhere\.pem"):
        await encryption(database, f"{VERIFY[database.kind]}/nowhere.pem")
