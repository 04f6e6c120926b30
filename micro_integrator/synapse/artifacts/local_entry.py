"""<localEntry> - a text or a document under a key.

    <localEntry key="KEY" [src="file:PATH"]> [text | one element] </localEntry>

key    name by which mediators and expressions find it
src    a file below the registry folder, read when the entry is deployed

White space around a text is removed.

Example:

    <localEntry xmlns="http://ws.apache.org/ns/synapse" key="currency">EUR</localEntry>

    <localEntry xmlns="http://ws.apache.org/ns/synapse" key="order-format">
      <order xmlns=""><id>$1</id></order>
    </localEntry>
"""

from pathlib import Path
from typing import Self

from lxml import etree

from micro_integrator.synapse.artifact import ENTRIES, Artifact, artifact
from micro_integrator.synapse.formats import understood
from micro_integrator.synapse.grammar import XmlReader


@artifact("localEntry", space=ENTRIES)
class LocalEntry(Artifact):
    """A value by key; an element is shared by everybody who looks it up and is never changed."""

    name: str
    value: str | etree._Element | bytes

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition, and the file it names."""
        key, text, element = x.required("key"), x.text().strip(), x.content()
        source = x.attribute("src")
        if source is not None:
            return cls(name=key, value=_content_of(source, x))
        if element is not None:
            if text:
                raise x.error(f"<localEntry key='{key}'> holds an element and text; it can hold one of them")
            return cls(name=key, value=element)
        return cls(name=key, value=text)


def _content_of(source: str, x: XmlReader) -> str | etree._Element | bytes:
    folder = x.terms.files
    if not source.startswith("file:"):
        raise x.error(f"<localEntry src='{source}'>: only files are read; write src=\"file:PATH\"")
    if folder is None:
        raise x.error(f"<localEntry src='{source}'>: there is no folder to read files from")
    path = _below(folder, source.removeprefix("file:"))
    if path is None:
        raise x.error(f"<localEntry src='{source}'> leads out of {folder}")
    try:
        return understood(path.read_bytes())
    except OSError as error:
        raise x.error(f"<localEntry src='{source}'> cannot be read: {error.strerror}") from error


def _below(folder: Path, name: str) -> Path | None:
    """Return the file `name` of `folder`, None when it lies elsewhere, links followed."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None
