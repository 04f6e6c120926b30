"""Guess what a misspelt name was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the known name nearest to `word`, or an empty string."""
    nearest = get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f" (did you mean '{nearest[0]}'?)" if nearest else ""
