"""Formats that a node has chosen for media types."""

import pytest
from unit.synapse.synapse_lab import tried

from micro_integrator.synapse import Body, ChosenFormats, Message, Surroundings, written
from micro_integrator.synapse.formats import Binary, Content, Json, Text, Xml

VENDOR = "application/vnd.acme"


def message(raw: bytes, content_type: str, **names: dict[str, str]) -> Message:
    chosen = ChosenFormats.of_names(read=names.get("read", {}), written=names.get("written", {}))
    return Message(Body.of_bytes(raw, content_type), Surroundings(formats=chosen))


def kind_of(raw: bytes, content_type: str, name: str) -> type[Content] | None:
    content = message(raw, content_type, read={content_type.partition(";")[0]: name}).body.content()
    return None if content is None else type(content)


@pytest.mark.parametrize(
    ("name", "raw", "kind"),
    [
        ("json", b'{"a": 1}', Json),
        ("xml", b"<a/>", Xml),
        ("soap", b"<a/>", Xml),
        ("text", b"a", Text),
        ("form", b"a=1", Xml),
        ("binary", b"a", Binary),
    ],
)
def test_a_media_type_is_read_in_the_format_that_was_chosen(
    name: str, raw: bytes, kind: type[Content]
) -> None:
    assert kind_of(raw, f"{VENDOR}; charset=utf-8", name) is kind


def test_a_usual_type_may_be_left_unread() -> None:
    assert kind_of(b'{"a": ', "application/json", "binary") is Binary


def test_parts_of_a_form_are_found_by_the_boundary_of_its_own_type() -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
    payload = message(form, "multipart/mixed; boundary=b", read={"multipart/mixed": "multipart"}).body.xml()
    assert payload is not None
    assert payload[0].text == "x"


async def test_a_payload_is_written_in_the_format_that_was_chosen_for_its_type() -> None:
    chosen = ChosenFormats.of_names(read={}, written={VENDOR: "json", "application/json": "text"})
    of_vendor = f'<property name="messageType" value="{VENDOR}" scope="axis2"/>'
    trial = await tried(
        of_vendor, Body.of_bytes(b"<a>x</a>", "text/xml"), surroundings=Surroundings(formats=chosen)
    )
    assert written(trial.message) == (b'{"a":"x"}', VENDOR)


@pytest.mark.parametrize(
    ("media_type", "namespace"), [(VENDOR, b"soap/envelope"), ("application/soap+xml", b"soap-envelope")]
)
def test_soap_is_written_in_the_version_of_its_type(media_type: str, namespace: bytes) -> None:
    made = message(b"<a/>", "application/xml", written={media_type: "soap"})
    made.is_plain = True
    made.axis2["messageType"] = media_type
    raw, _ = written(made)
    assert namespace in raw
