"""Text that anybody may be shown: nothing in it steers a terminal, forges a line, or is no text at all."""

import os
from pathlib import Path

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
_VISIBLE_CONTROLS = {code: repr(chr(code))[1:-1] for code in _CONTROLS if code != ord("\t")}


def one_line(text: str) -> str:
    r"""Return `text` with control characters written out (`\n`), so that nobody forges a line."""
    return text if text.isprintable() else text.translate(_VISIBLE_CONTROLS)


def shown_path(path: Path | str) -> str:
    r"""Return `path` as text: a file system takes any bytes for a name, and those that are no UTF-8 become `\xff`."""
    return one_line(os.fsencode(path).decode("utf-8", "backslashreplace"))
