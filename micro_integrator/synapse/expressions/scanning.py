"""Where an embedded `${…}` ends: braces are balanced, and those inside quotes do not count."""

_QUOTES = "'\""


def closing_brace(text: str, start: int) -> int:
    """Index of the `}` that closes the brace opened just before `start`, or -1."""
    depth, position = 1, start
    while position < len(text):
        letter = text[position]
        if letter in _QUOTES:
            position = _closing_quote(text, position)
            if position < 0:
                return -1
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1


def _closing_quote(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and text[position] != text[start]:
        position += 2 if text[position] == "\\" else 1
    return position if position < len(text) else -1
