"""Which key and certificate a node shows that was given none."""

import ssl
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography import x509

from micro_integrator.config import Home
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management.rest import self_signed as self_signed_module
from micro_integrator.management.rest.self_signed import FILE, VALID, own_key_store
from micro_integrator.observability import recorded_lines


def made(home: Home) -> Path:
    return Path(own_key_store(home, "mi.example").file_name or "")


def test_a_pair_is_made_once_and_told_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with recorded_lines() as lines:
        path = made(home)
        first = path.read_bytes()
        assert made(home) == path == home.security / FILE
    assert path.read_bytes() == first
    assert lines.texts() == [
        "No key store is configured: a self-signed certificate for [mi.example] was made in "
        "repository/resources/security/self-signed.pem"
    ]


def test_it_names_the_node_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = made(Home(tmp_path))
    assert path.stat().st_mode & 0o777 == 0o600
    found = x509.load_pem_x509_certificate(path.read_bytes())
    assert found.subject.rfc4514_string() == "CN=mi.example"
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"mi.example", "localhost"}
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_a_certificate_that_is_about_to_end_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(Home(tmp_path))
    first = path.read_bytes()
    monkeypatch.setattr(self_signed_module, "RENEWED", VALID)
    assert made(Home(tmp_path)) == path
    assert path.read_bytes() != first


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"Self-signed, good until 2999-01-01\n", b"Self-signed, good until now\n", b"\xff\n"],
)
def test_a_file_that_is_no_pair_of_ours_is_replaced(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path)
    home.security.mkdir(parents=True)
    (home.security / FILE).write_bytes(content)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made(home))


def test_a_home_that_cannot_be_written_still_gets_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repository").write_text("in the way")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    path = made(Home(tmp_path))
    assert path.parent == tmp_path / "elsewhere"
    assert path.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_a_key_that_cannot_be_made_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(MicroIntegratorError, match=r"name one in \[keystore\.primary\]"):
        made(Home(tmp_path))
