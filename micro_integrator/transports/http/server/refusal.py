"""A request that is not taken: the status its sender gets, and the reason an operator reads. ◇"""

from http import HTTPStatus

BAD_REQUEST = HTTPStatus.BAD_REQUEST
TIMED_OUT = HTTPStatus.REQUEST_TIMEOUT
BODY_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
TARGET_TOO_LONG = HTTPStatus.REQUEST_URI_TOO_LONG
UNKNOWN_EXPECTATION = HTTPStatus.EXPECTATION_FAILED
HEAD_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
UNKNOWN_CODING = HTTPStatus.NOT_IMPLEMENTED
UNKNOWN_VERSION = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED


class Refusal(Exception):
    """The bytes are no request, or one beyond the limits; the connection ends with an answer of this status."""

    def __init__(self, status: int, reason: str, trouble: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason = int(status), reason
        self.trouble = trouble or reason
        """What is told once in a while: the same for all clients, also where `reason` has something of one of them."""
