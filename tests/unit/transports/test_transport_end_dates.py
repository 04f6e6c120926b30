"""Certificates that end soon are told, once a day."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from harness.certificates import made
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.config import KeyStoreSettings
from micro_integrator.kit import wall_ms
from micro_integrator.observability import recorded_lines
from micro_integrator.transports.end_dates import EndDates
from micro_integrator.transports.key_store import KeyStoreError, end_of
from micro_integrator.transports.validity import end_of_der


def dates_of(folder: Path, days_left: int) -> EndDates:
    (folder / "own.pem").write_bytes(made("esb", days_left=days_left).pem)
    dates = EndDates("HTTPS listener")
    dates.note([KeyStoreSettings(file_name="own.pem"), KeyStoreSettings()], folder)
    return dates


@pytest.mark.parametrize("days_left", [-3000, 1, 400, 9000, 30_000], ids="{}-days".format)
def test_the_end_that_a_certificate_says(days_left: int) -> None:
    certificate = made("esb", days_left=days_left).certificate
    assert end_of_der(certificate.public_bytes(Encoding.DER)) == certificate.not_valid_after_utc.timestamp()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_certificate_are_refused_and_nothing_worse(rubbish: bytes) -> None:
    try:
        end_of_der(rubbish)
    except ValueError:
        return
    pytest.fail("nobody has signed this")


def test_of_a_chain_the_first_certificate_counts(tmp_path: Path) -> None:
    own, authority = made("esb", days_left=3), made("authority", is_authority=True, days_left=300)
    (tmp_path / "chain.pem").write_bytes(
        b"Bag attributes\n" + own.pem + authority.certificate.public_bytes(Encoding.PEM)
    )
    found = end_of(KeyStoreSettings(file_name="chain.pem"), tmp_path)
    assert found == own.certificate.not_valid_after_utc.timestamp()


def test_the_end_of_a_certificate_in_pkcs12(tmp_path: Path) -> None:
    own = made("esb", days_left=3)
    content = pkcs12.serialize_key_and_certificates(
        None, own.key, own.certificate, None, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "own.p12").write_bytes(content)
    store = KeyStoreSettings(file_name="own.p12", password="secret")
    assert end_of(store, tmp_path) == own.certificate.not_valid_after_utc.timestamp()


def test_a_file_without_a_certificate_has_no_end(tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("rubbish")
    with pytest.raises(KeyStoreError, match="holds no certificate"):
        end_of(KeyStoreSettings(file_name="own.pem"), tmp_path)


@pytest.mark.parametrize(
    ("days_left", "said"),
    [
        (-2, "ended on .*: it is refused; replace the file"),
        (9, "ends on .*, in 8 days: replace the file"),
        (15, None),
    ],
)
def test_what_is_told_of_a_certificate(tmp_path: Path, days_left: int, said: str | None) -> None:
    dates = dates_of(tmp_path, days_left)
    with recorded_lines() as lines:
        dates.tell()
    if said is None:
        assert lines.texts() == []
    else:
        [text] = lines.texts()
        assert text.startswith("The certificate of the HTTPS listener in own.pem ")
        assert re.search(said, text), text


def test_it_is_told_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("micro_integrator.transports.end_dates.boottime", lambda: now[0])
    dates = dates_of(tmp_path, 5)
    with recorded_lines() as lines:
        for hours in range(49):
            now[0] = hours * 3600.0
            dates.tell()
    assert len(lines.texts()) == 3


def test_the_day_that_counts_is_that_of_the_wall_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = dates_of(tmp_path, 20)
    later = wall_ms() + timedelta(days=21) // timedelta(milliseconds=1)
    with recorded_lines() as lines:
        dates.tell()
        monkeypatch.setattr("micro_integrator.transports.end_dates.wall_ms", lambda: later)
        dates.tell()
    [text] = lines.texts()
    assert "ended on" in text
