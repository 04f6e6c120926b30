"""How large heads may be, and what is copied, on both sides. ◇"""

MAX_HEAD = 65536
"""Bytes of the first line and the headers."""
MAX_FIELDS = 256
JOINED = 65536
"""Bytes of a body up to which it goes out in one piece with its head: copying more costs more than a second write."""
EMPTY_LINE = b"\r\n\r\n"
"""Ends a head."""
