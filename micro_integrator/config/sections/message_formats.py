"""[message_builders] and [message_formatters]: in which format bodies are read and written, by their media type."""

from collections.abc import Iterator, Mapping

from micro_integrator.config.keys import REQUIRED, definition_of, key, section, table
from micro_integrator.config.kinds import content_type, filled

_MEDIA_TYPES = {
    "application_binary": "application/binary",
    "application_json": "application/json",
    "application_xml": "application/xml",
    "form_urlencoded": "application/x-www-form-urlencoded",
    "json_badgerfish": "application/json/badgerfish",
    "multipart_form_data": "multipart/form-data",
    "octet_stream": "application/octet-stream",
    "soap_xml": "application/soap+xml",
    "text_javascript": "text/javascript",
    "text_plain": "text/plain",
    "text_xml": "text/xml",
}
_NAMES = ("json", "xml", "soap", "text", "form", "multipart", "binary")
_CLASSES = {
    "ApplicationXML": "xml",
    "Binary": "binary",
    "BinaryRelay": "binary",
    "Expanding": "binary",
    "Json": "json",
    "JsonStream": "json",
    "MultipartFormData": "multipart",
    "PlainText": "text",
    "SOAP": "soap",
    "XFormURLEncoded": "form",
}
"""The reference's own classes, without what their names end with."""
_ENDINGS = ("MessageFormatter", "Formatter", "Builder")
_PACKAGES = ("org.apache.axis2.", "org.apache.synapse.", "org.wso2.")


def format_named(text: str) -> str | None:
    """Return the format that a name, or a class of the reference, means; None for anything else."""
    word = "xml" if text.lower() == "pox" else text.lower()
    if word in _NAMES:
        return word
    if not text.startswith(_PACKAGES):
        return None
    name = text.rpartition(".")[2]
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return _CLASSES.get(name.removesuffix(ending))


class _Usual:
    """Formats by the reference's words for media types."""

    classes: Mapping[str, str]

    @property
    def formats(self) -> Mapping[str, str]:
        """Media type → name of the format that was chosen for it."""
        known = {_MEDIA_TYPES[word]: text for word, text in self.classes.items() if word in _MEDIA_TYPES}
        return {media_type: name for media_type, text in known.items() if (name := format_named(text))}

    def remarks(self) -> Iterator[str]:
        """Name what means nothing here."""
        for word, text in self.classes.items():
            if word not in _MEDIA_TYPES:
                other = f"[[custom_{definition_of(type(self)).name}]]"
                yield f"{word} is not used: name its media type as content_type in {other}"
            elif format_named(text) is None:
                yield _refusal(f"{word} = {text!r}")


class _Custom:
    """The format of a media type for which the reference has no word."""

    content_type: str
    class_name: str

    @property
    def formats(self) -> Mapping[str, str]:
        """Media type → name of its format; empty when it is none that is known here."""
        name = format_named(self.class_name)
        return {self.content_type.partition(";")[0].strip().lower(): name} if name else {}

    def remarks(self) -> Iterator[str]:
        """Name a class that is of no use here."""
        if format_named(self.class_name) is None:
            yield _refusal(f"class = {self.class_name!r} for {self.content_type}")


def _refusal(what: str) -> str:
    names = ", ".join(_NAMES)
    return f"{what} is not used, for Java classes cannot run here: name one of the formats {names}"


@section("message_builders")
class MessageBuildersSettings(_Usual):
    """What bodies are read as, by media type: `json`, `xml`, `soap`, `text`, `form`, `multipart` or `binary`."""

    classes: Mapping[str, str] = table(
        name="", kind=filled, doc="`application_json`, `text_xml` … = format, or the reference's class for it"
    )


@section("message_formatters")
class MessageFormattersSettings(_Usual):
    """What bodies are written as, by media type; the same words."""

    classes: Mapping[str, str] = table(
        name="", kind=filled, doc="`application_json`, `text_xml` … = format, or the reference's class for it"
    )


@section("custom_message_builders", is_array=True)
class CustomBuilderSettings(_Custom):
    """What bodies of a media type without a word of its own are read as."""

    content_type: str = key(REQUIRED, kind=content_type, doc="the media type")
    class_name: str = key(REQUIRED, kind=filled, name="class", doc="format, or the reference's class for it")


@section("custom_message_formatters", is_array=True)
class CustomFormatterSettings(_Custom):
    """What bodies of a media type without a word of its own are written as."""

    content_type: str = key(REQUIRED, kind=content_type, doc="the media type")
    class_name: str = key(REQUIRED, kind=filled, name="class", doc="format, or the reference's class for it")
