"""Where a body ends: after its length, or with the connection; the end in chunks is told by `chunks`. ◇"""

from typing import Protocol


class BodyReader(Protocol):
    """Takes bytes as they arrive and gives those of the body."""

    is_complete: bool
    surplus: bytes
    """Bytes behind the end."""

    def read(self, data: bytes) -> list[bytes]:
        """Return the pieces of the body in `data`. Raises NotChunked."""
        ...


class Counted:
    """A body whose length was announced."""

    __slots__ = ("_left", "is_complete", "surplus")

    def __init__(self, length: int) -> None:
        self._left, self.is_complete, self.surplus = length, length == 0, b""

    def read(self, data: bytes) -> list[bytes]:
        """Return what belongs to the body."""
        size = len(data)
        if size > self._left:
            data, self.surplus = data[: self._left], data[self._left :]
        self._left -= len(data)
        self.is_complete = self._left == 0
        return [data] if data else []


class Endless:
    """A body that ends with the connection."""

    __slots__ = ("is_complete", "surplus")

    def __init__(self) -> None:
        self.is_complete, self.surplus = False, b""

    def read(self, data: bytes) -> list[bytes]:
        """Return everything."""
        return [data] if data else []
