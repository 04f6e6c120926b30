"""Definitions of the corpus as the product reads them: artifacts, a gap, or a refusal."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from conformance.verdict import Gap, Mismatch

from micro_integrator.synapse import DeploymentError, Loaded, Terms, load

XMLNS = 'xmlns="http://ws.apache.org/ns/synapse"'
FILE = Path("case.xml")

_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")

_GAP = re.compile(r"\bnot supported\b|has no Python equivalent")
"""How the product says that it knows what is asked for and does not have it."""


def gaps(errors: Iterable[DeploymentError]) -> list[str]:
    """Return what is missing, each thing once."""
    return sorted({error.message for error in errors if _GAP.search(error.message)})


def read(content: bytes, terms: Terms | None = None) -> Loaded:
    """Read a file. Raises Gap when it needs what does not exist yet, whatever else may be wrong with it."""
    loaded = load(content, FILE, terms)
    if missing := gaps(loaded.errors):
        raise Gap("; ".join(missing))
    return loaded


def read_all(texts: Sequence[str]) -> list[Loaded]:
    """Read definitions that belong together. Raises Gap, and Mismatch when one is refused."""
    loaded = [read(text.encode()) for text in texts]
    for one in loaded:
        if one.errors:
            raise refused(one)
    return loaded


def refused(loaded: Loaded) -> Mismatch:
    """Return a refusal of something that should have been taken."""
    return Mismatch("refused: " + "; ".join(error.message for error in loaded.errors))


def undeclared(text: str) -> str:
    """Return an element without the XML declaration in front of it, so that it can stand inside another one."""
    return _DECLARATION.sub("", text)


def anonymous(endpoint: str) -> str:
    """Return a sequence that calls this endpoint: what has no name stands inside something that has one."""
    return sequence([f"<call>{undeclared(endpoint)}</call>"], "anonymous")


def sequence(mediators: Iterable[str], name: str) -> str:
    """Return a named sequence of these elements."""
    return f"<sequence {XMLNS} name={quoteattr(name)}>{''.join(map(undeclared, mediators))}</sequence>"
