"""Base64, URL and HMAC encodings that XPath and `${…}` share. All raise EvaluationError."""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import quote, unquote_plus

from micro_integrator.synapse.expressions.errors import EvaluationError


def base64_encode(text: str, charset: str = "UTF-8") -> str:
    """The Base64 form of the bytes of `text` in `charset`."""
    return base64.b64encode(_bytes(text, charset)).decode()


def base64_decode(text: str, charset: str = "UTF-8") -> str:
    """The text whose bytes in `charset` have the Base64 form `text`; bytes that are no text are replaced."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode(charset, "replace")
    except (binascii.Error, ValueError, LookupError) as error:
        raise EvaluationError(f"cannot decode Base64: {error}") from error


def url_encode(text: str, charset: str = "UTF-8") -> str:
    """Percent-encoded: a blank is `%20`; only letters, digits and `.-_` stay."""
    return quote(_bytes(text, charset), safe="").replace("~", "%7E")


def url_decode(text: str) -> str:
    """Percent-decoded UTF-8; `+` is a blank."""
    return unquote_plus(text)


def hmac_hex(text: str, secret: str, algorithm: str = "HmacSHA1") -> str:
    """Lower-case hexadecimal HMAC of the UTF-8 bytes; `algorithm` is a Java name such as HmacSHA256."""
    name = algorithm.lower().removeprefix("hmac").replace("-", "")
    if name not in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        raise EvaluationError(f"unknown HMAC algorithm '{algorithm}'")
    return hmac.new(secret.encode(), text.encode(), getattr(hashlib, name)).hexdigest()


def _bytes(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except LookupError as error:
        raise EvaluationError(f"unknown charset '{charset}'") from error
