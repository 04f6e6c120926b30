"""Properties of the scope axis2 that steer one request. ◇"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from micro_integrator.synapse import MediationError, is_yes


@dataclass(frozen=True, slots=True)
class Steering:
    """How one request is to be written."""

    is_http_1_0: bool = False
    is_counted: bool = False
    """Whether the body is announced by its length instead of being chunked."""
    is_closing: bool = False
    """Whether the connection is given up after the answer."""
    is_absolute: bool = False
    """Whether the request line holds the whole URL."""
    host: str | None = None
    """What the header Host says instead of the target's host."""
    repeated: Sequence[tuple[str, str]] = ()
    """Second and later headers of a name."""
    client: str | None = None
    """Chooses among the TLS profiles of a host."""


USUAL = Steering()
"""That of a message which asks for nothing."""

_NAMES = frozenset(
    {
        "FORCE_HTTP_1.0", "DISABLE_CHUNKING", "FORCE_HTTP_CONTENT_LENGTH", "NO_KEEPALIVE", "POST_TO_URI", "FULL_URI",
        "REQUEST_HOST_HEADER", "EXCESS_TRANSPORT_HEADERS", "ssl.profile.client.identifier",
    }
)  # fmt: skip


def steering_of(options: Mapping[str, object]) -> Steering:
    """Read the options of a request; unknown ones mean nothing here. Raises MediationError."""
    if _NAMES.isdisjoint(options):
        return USUAL
    is_http_1_0 = is_yes(options.get("FORCE_HTTP_1.0"))
    return Steering(
        is_http_1_0=is_http_1_0,
        is_counted=is_http_1_0
        or is_yes(options.get("DISABLE_CHUNKING"))
        or is_yes(options.get("FORCE_HTTP_CONTENT_LENGTH")),
        is_closing=is_http_1_0 or is_yes(options.get("NO_KEEPALIVE")),
        is_absolute=is_yes(options.get("POST_TO_URI")) or is_yes(options.get("FULL_URI")),
        host=_text(options, "REQUEST_HOST_HEADER"),
        repeated=_fields(options.get("EXCESS_TRANSPORT_HEADERS")),
        client=_text(options, "ssl.profile.client.identifier"),
    )


def _text(options: Mapping[str, object], name: str) -> str | None:
    value = options.get(name)
    return None if value is None else str(value)


def _fields(value: object) -> Sequence[tuple[str, str]]:
    """Return the pairs of a list that the listener has made; a message may have put anything in its place."""
    if value is None:
        return ()
    try:
        return [(str(name), str(text)) for name, text in value]  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise MediationError("EXCESS_TRANSPORT_HEADERS is not a list of names with values") from error
