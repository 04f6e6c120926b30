"""multipart/form-data: what forms become, and what goes out."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import Xml, decoded, format_of, multipart
from micro_integrator.synapse.message import Body

FORM = "multipart/form-data; boundary=AaB03x"

BROWSER = (
    b"--AaB03x\r\n"
    b'Content-Disposition: form-data; name="customer"\r\n\r\n'
    b"Ad\xc3\xa0 & Co\r\n"
    b"--AaB03x\r\n"
    b'Content-Disposition: form-data; name="photo"; filename="ada.png"\r\n'
    b"Content-Type: image/png\r\n\r\n"
    b"\x89PNG\r\n\r\n--no boundary\r\n"
    b"--AaB03x--\r\n"
)


def read(raw: bytes, content_type: str = FORM) -> etree._Element:
    content = decoded(raw, content_type)
    assert isinstance(content, Xml)
    return content.root


def written(root: str) -> bytes:
    return multipart.encode(Body(Xml(etree.fromstring(root))), "utf-8")


def part(head: str, content: bytes = b"x") -> bytes:
    return b"--AaB03x\r\n" + head.encode("latin-1") + b"\r\n\r\n" + content + b"\r\n--AaB03x--\r\n"


def test_fields_are_text_and_files_are_base64_with_their_names() -> None:
    root = read(BROWSER)
    assert (root.tag, [child.tag for child in root]) == ("mediate", ["customer", "photo"])
    assert root[0].text == "Adà & Co"
    assert root[1].items() == [("content-type", "image/png"), ("filename", "ada.png")]
    assert root[1].text == "iVBORw0KDQotLW5vIGJvdW5kYXJ5"


def test_what_was_read_is_written_again() -> None:
    raw = multipart.encode(Body(Xml(read(BROWSER))), "utf-8")
    again = read(raw, multipart.announced(raw))
    assert etree.tostring(again) == etree.tostring(read(BROWSER))
    assert b"AaB03x" not in raw


@given(st.lists(st.tuples(st.text("abc[]() é", min_size=1, max_size=5), st.binary(max_size=40)), min_size=1))
def test_any_file_under_any_name_comes_back(files: list[tuple[str, bytes]]) -> None:
    root = etree.Element("root")
    for name, content in files:
        child = etree.SubElement(root, "file", name=name, filename="f")
        child.text = base64.b64encode(content).decode()
    raw = multipart.encode(Body(Xml(root)), "utf-8")
    found = [
        (child.get("name") or child.tag, base64.b64decode(child.text or ""))
        for child in read(raw, multipart.announced(raw))
    ]
    assert found == files


def test_a_name_that_no_element_can_have_stands_in_an_attribute() -> None:
    root = read(part('Content-Disposition: form-data; name="my file[]"'))
    assert (root[0].tag, root[0].get("name"), root[0].text) == ("part", "my file[]", "x")
    assert b'name="my file[]"' in multipart.encode(Body(Xml(root)), "utf-8")


def test_a_part_may_say_its_own_charset() -> None:
    head = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=iso-8859-1'
    assert read(part(head, b"\xe9"))[0].text == "é"


def test_text_before_the_first_boundary_is_passed_over() -> None:
    assert read(b"This is MIME.\r\n" + part('Content-Disposition: form-data; name="a"'))[0].text == "x"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (BROWSER.removesuffix(b"\r\n--AaB03x--\r\n"), "ends within a part"),
        (BROWSER.replace(b"AaB03x", b"other"), "ends within a part"),
        (part("Content-Type: text/plain"), "a part has no name"),
        (part('Content-Disposition: form-data; name="a"', b"\xff"), "utf-8"),
        (part('Content-Disposition: form-data; name="a"', b"\x01"), "XML"),
        (BROWSER.replace(b"--no boundary", b"--AaB03xy"), "begins like the boundary"),
    ],
    ids=["cut", "other-boundary", "no-name", "no-text", "no-xml", "nearly-a-boundary"],
)
def test_what_is_no_form_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=f"Invalid multipart payload: .*{reason}"):
        read(raw)


def test_nothing_is_no_payload() -> None:
    assert decoded(b"", FORM) is None
    assert multipart.encode(Body(), "utf-8") == b""


def test_without_a_boundary_in_the_type_the_first_line_tells_it() -> None:
    assert len(read(BROWSER, "multipart/form-data")) == 2
    with pytest.raises(FormatError, match="does not begin with a boundary"):
        read(b"customer=Ada", "multipart/form-data")


def test_the_element_authors_write_for_a_file() -> None:
    raw = written(
        '<root><file xmlns="http://org.apache.axis2/xsd/form-data" name="doc" filename="a.xml" '
        'content-type="application/xml" charset="UTF-8">PHQvPg==</file></root>'
    )
    assert (
        b'; name="doc"; filename="a.xml"\r\nContent-Type: application/xml; charset=UTF-8\r\n\r\n<t/>' in raw
    )
    usual = written('<root><file xmlns="http://org.apache.axis2/xsd/form-data">eA==</file></root>')
    assert b'; name="file"; filename="esb-generated-file"\r\nContent-Type: text/plain\r\n\r\nx\r\n' in usual


def test_an_element_with_children_is_sent_as_a_document() -> None:
    raw = written("<data><town><name>Fréjus</name></town><date>today</date></data>")
    assert b'name="town"\r\nContent-Type: application/xml\r\n\r\n<town><name>Fr' in raw
    assert b'name="date"\r\n\r\ntoday\r\n' in raw


def test_a_name_cannot_break_out_of_its_line() -> None:
    root = etree.fromstring('<root><a filename="x&quot;&#10;X: y">eA==</a></root>')
    raw = multipart.encode(Body(Xml(root)), "utf-8")
    assert b'filename="x%22%0AX: y"' in raw
    root[0].set("content-type", "a\nb")
    with pytest.raises(FormatError, match="line break"):
        multipart.encode(Body(Xml(root)), "utf-8")


def test_a_file_that_is_not_in_base64_is_refused() -> None:
    with pytest.raises(FormatError, match="The file of the part a is not in base64"):
        written('<root><a filename="x">§</a></root>')


def test_json_becomes_fields() -> None:
    body = Body.of_bytes(b'{"a": 1, "b": "two"}', "application/json")
    raw = format_of("multipart/form-data").encode(body, "utf-8")
    assert b'name="a"\r\n\r\n1\r\n' in raw
    assert b'name="b"\r\n\r\ntwo\r\n' in raw
