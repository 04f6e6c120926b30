"""How large heads may be, and what is copied, on both sides. ◇"""

import re

MAX_HEAD = 65536
"""Bytes of the first line and the headers."""
MAX_FIELDS = 256
JOINED = 65536
"""Bytes of a body up to which it goes out in one piece with its head: copying more costs more than a second write."""
EMPTY_LINE = b"\r\n\r\n"
"""Ends a head."""
BARE_LINE_END = re.compile(rb"(?<!\r)\n")
"""Has no place in a head: programs disagree about where its line ends."""
