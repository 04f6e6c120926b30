"""Payloads in gzip."""

import gzip
import zlib

import pytest

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import Binary, Json, Text, Xml, decoded, multipart, packed


def test_a_packed_payload_is_read_as_what_it_holds() -> None:
    assert decoded(gzip.compress(b'{"a": 1}'), "application/json") == Json({"a": 1}, '{"a": 1}')
    assert decoded(gzip.compress("é".encode("latin-1")), "text/plain; charset=iso-8859-1") == Text("é")


def test_packages_one_behind_the_other_are_one() -> None:
    assert packed.unpacked(gzip.compress(b"one ") + gzip.compress(b"two")) == b"one two"


def test_packages_without_end_are_refused() -> None:
    package = gzip.compress(b"1")
    assert len(packed.unpacked(package * packed.MOST_PACKAGES)) == packed.MOST_PACKAGES
    with pytest.raises(FormatError, match="more than 1000 parts"):
        packed.unpacked(package * (packed.MOST_PACKAGES + 1))


def test_bytes_that_mean_nothing_to_us_stay_as_they_are() -> None:
    raw = gzip.compress(b"archive")
    assert decoded(raw, "application/octet-stream") == Binary(raw)
    assert decoded(raw, "application/gzip") == Binary(raw)


def test_a_packed_form_keeps_its_boundary() -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
    content = decoded(gzip.compress(form), f"{multipart.MEDIA_TYPE}; boundary=b")
    assert isinstance(content, Xml)
    assert content.root[0].text == "x"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (gzip.compress(b"whole")[:-4], "it ends too early"),
        (packed.MARK + b"rubbish", "cannot be unpacked"),
        (gzip.compress(b"one") + b"\0\0", "cannot be unpacked"),
    ],
    ids=["cut", "rubbish", "something-behind"],
)
def test_a_damaged_package_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        decoded(raw, "application/json")


@pytest.mark.parametrize("repeated", [1, 2], ids=["one-package", "a-second-one"])
def test_more_than_fits_is_refused_before_it_is_there(repeated: int) -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    raw = bomb.compress(bytes(1000)) + bomb.flush()
    assert len(packed.unpacked(raw * repeated, 1000 * repeated)) == 1000 * repeated
    with pytest.raises(FormatError, match="more than"):
        packed.unpacked(raw * repeated, 1000 * repeated - 1)
