"""The transport of a connection that leads nowhere."""

import socket
from collections.abc import Iterable


class FalseSocket:
    """Remembers what is written and how it was closed."""

    def __init__(self) -> None:
        self.written = b""
        self.is_aborted = False
        self._pair = socket.socketpair()

    def get_extra_info(self, name: str) -> object:
        return self._pair[0] if name == "socket" else ("127.0.0.1", 80)

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        """Nothing is ever held here."""

    def write(self, data: bytes) -> None:
        self.written += data

    def writelines(self, parts: Iterable[bytes]) -> None:
        for part in parts:
            self.write(part)

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    close = abort

    def hang_up(self) -> None:
        """Close the other end, which the loop will tell only later."""
        self._pair[1].close()

    def give_back(self) -> None:
        for end in self._pair:
            end.close()
