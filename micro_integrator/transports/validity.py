"""Until when a certificate is good, read from its bytes: the library that reads all of it is megabytes large. ◇"""

from datetime import UTC, datetime

_LONG_FORM = 0x80
_VERSION = 0xA0
_SHORT_YEAR = 0x17
"""Tag of a UTCTime, whose year has two digits."""


def end_of_der(der: bytes) -> float:
    """Return the end of a certificate in DER, in seconds since 1970. Raises ValueError when it is none.

    Certificate { tbsCertificate { [version], serialNumber, signature, issuer, validity { notBefore, notAfter } … } }
    """
    try:
        at = _content(der, _content(der, 0))
        if der[at] == _VERSION:
            at = _behind(der, at)
        for _ in range(3):
            at = _behind(der, at)
        not_after = _behind(der, _content(der, at))
        text = der[_content(der, not_after) : _behind(der, not_after)].decode("ascii")
        form = "%y%m%d%H%M%SZ" if der[not_after] == _SHORT_YEAR else "%Y%m%d%H%M%SZ"
    except IndexError as error:
        raise ValueError("these bytes are no certificate") from error
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def _content(der: bytes, at: int) -> int:
    """Return where the content of the element at `at` begins."""
    first = der[at + 1]
    return at + 2 + (first & ~_LONG_FORM if first & _LONG_FORM else 0)


def _behind(der: bytes, at: int) -> int:
    """Return where the element at `at` has ended."""
    start, first = _content(der, at), der[at + 1]
    return start + (int.from_bytes(der[at + 2 : start]) if first & _LONG_FORM else first)
