"""Formats that a node has chosen for media types, beside those that are usual. ◇"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from micro_integrator.synapse.formats import multipart, soap

_SOAP = "soap"
_FORMS = {
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "multipart": multipart.MEDIA_TYPE,
    "binary": "application/octet-stream",
}
"""The name of a format → the media type that usually has it."""


@dataclass(frozen=True, slots=True)
class ChosenFormats:
    """Media type → the one whose format is used for it."""

    read: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_names(cls, *, read: Mapping[str, str], written: Mapping[str, str]) -> "ChosenFormats":
        """Return what is chosen by names of formats: json, xml, soap, text, form, multipart, binary."""
        return cls(_by_type(read), _by_type(written))


def _by_type(names: Mapping[str, str]) -> Mapping[str, str]:
    return {media_type: _form(name, media_type) for media_type, name in names.items()}


def _form(name: str, media_type: str) -> str:
    if name == _SOAP:
        return media_type if media_type in soap.MEDIA_TYPES else "text/xml"
    return _FORMS[name]
