import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from unit.deployment.applications import application, sequence, task, write_archive, write_folder

from micro_integrator.config import ServerSettings
from micro_integrator.deployment.archive import read_application
from micro_integrator.deployment.members import open_archive, open_folder
from micro_integrator.deployment.package import Package
from micro_integrator.deployment.problem import Faulty, Incomplete

ROLES = ("EnterpriseIntegrator", "EnterpriseServiceBus")
SEQUENCE = {"hello": ("synapse/sequence", sequence("hello"))}


def read(path: Path, limits: ServerSettings | None = None) -> Package:
    limits = limits or ServerSettings()
    if path.is_dir():
        return read_application(open_folder(path, path.name, limits), ROLES, limits.artifact_max_xml)
    with open_archive(path, path.name, limits) as members:
        return read_application(members, ROLES, limits.artifact_max_xml)


def reason(path: Path, limits: ServerSettings | None = None) -> str:
    with pytest.raises(Faulty) as caught:
        read(path, limits)
    return str(caught.value)


def test_an_archive_yields_its_artifacts_with_name_and_version(tmp_path: Path) -> None:
    files = application(
        {"hello": ("synapse/sequence", sequence("hello")), "poll": ("synapse/task", task("poll"))}
    )
    package = read(write_archive(tmp_path / "a.car", files))
    assert package.label == "orders_1.0.0"
    assert [part.shown for part in package.parts] == [
        "a.car!hello_1.0.0/hello.xml",
        "a.car!poll_1.0.0/poll.xml",
    ]


def test_an_exploded_directory_yields_the_same(tmp_path: Path) -> None:
    package = read(write_folder(tmp_path / "orders", application(SEQUENCE)))
    assert [part.shown for part in package.parts] == ["orders/hello_1.0.0/hello.xml"]


def test_metadata_xml_is_read_before_artifacts_xml(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    files["metadata.xml"] = files["artifacts.xml"].replace('name="orders"', 'name="newer"')
    assert read(write_archive(tmp_path / "a.car", files)).name == "newer"


def test_an_archive_as_the_reference_builds_it_has_descriptions_of_its_apis_a_folder_deeper(
    tmp_path: Path,
) -> None:
    files = application(SEQUENCE)
    described = '<artifact name="hello_metadata" version="1.0.0" type="synapse/metadata"><file>a.yaml</file></artifact>'
    wanted = '<dependency artifact="hello_metadata" version="1.0.0" include="true"/></artifact></artifacts>'
    files["metadata.xml"] = files["artifacts.xml"].replace("</artifact></artifacts>", wanted)
    assert "hello_metadata" in files["metadata.xml"]
    files["metadata/hello_metadata_1.0.0/artifact.xml"] = described
    files["metadata/hello_metadata_1.0.0/a.yaml"] = "openapi: 3.0.1"
    package = read(write_archive(tmp_path / "a.car", files))
    assert [part.artifact for part in package.parts] == ["hello"]
    assert "Artifact type synapse/metadata ignored: [hello_metadata]" in package.remarks[0]
    assert not package.notes


def test_an_artifact_that_the_index_asks_for_twice_is_taken_once_and_meta_inf_is_not_looked_at(
    tmp_path: Path,
) -> None:
    files = application(SEQUENCE)
    again = '<dependency artifact="hello" version="1.0.0"/></artifact></artifacts>'
    files["artifacts.xml"] = files["artifacts.xml"].replace("</artifact></artifacts>", again)
    files["META-INF/artifact.xml"] = "<manifest/>"
    package = read(write_archive(tmp_path / "a.car", files))
    assert [part.artifact for part in package.parts] == ["hello"]


def test_an_archive_cut_short_is_incomplete(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", application(SEQUENCE))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Incomplete, match=r"a\.car: incomplete: file is not a zip file"):
        read(path)


def test_a_damaged_member_is_incomplete_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.car"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in application(SEQUENCE).items():
            archive.writestr(name, content)
    path.write_bytes(path.read_bytes().replace(b"<drop/>", b"<drip/>"))
    with pytest.raises(Incomplete, match=r"a\.car!hello_1\.0\.0/hello\.xml: incomplete: .*CRC"):
        read(path)


def test_a_member_that_deflate_cannot_unpack_is_incomplete(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {"big.bin": bytes(range(256)) * 40, **application(SEQUENCE)})
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(Incomplete, match=r"a\.car!big\.bin: incomplete"):
        read(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_another_method_cannot_unpack_is_incomplete_too(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.car"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("big.bin", bytes(range(256)) * 40)
    content = bytearray(path.read_bytes())
    content[100:200] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(Incomplete, match=r"a\.car!big\.bin: incomplete: the archive member is damaged"):
        read(path)


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "..\\evil.xml", "C:\\evil.xml"]
)
def test_a_member_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = write_archive(tmp_path / "a.car", {**application(SEQUENCE), name: "x"})
    assert reason(path).endswith(f"the member {name!a} leads out of the archive")


def test_a_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", application(SEQUENCE))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x", "x")
        archive.filelist[-1].filename = ""
    assert reason(path) == "a.car: a member of the archive has no name"


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", application(SEQUENCE))
    link = zipfile.ZipInfo("passwd")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "the member 'passwd' is a link" in reason(path)


def test_a_link_out_of_an_exploded_directory_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "orders", application(SEQUENCE))
    (tmp_path / "secret.xml").write_text("<secret/>")
    (folder / "secret.xml").symlink_to(tmp_path / "secret.xml")
    assert reason(folder) == "orders/secret.xml: is a link that leads out of the application"


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", application(SEQUENCE))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("artifacts.xml", "<artifacts/>")
    assert "is in the archive twice" in reason(path)


def test_too_many_members_name_limit_and_key(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {f"{number}": "" for number in range(10_001)})
    assert (
        reason(path)
        == "a.car: the application has 10001 members, more than 10000 ([server] archive_max_members)"
    )


def test_a_hundred_thousand_members_are_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {f"{number}": "" for number in range(100_000)})
    assert "archive_max_members" in reason(path)


@pytest.mark.parametrize("is_large", [False, True], ids=["zip", "zip64"])
def test_a_directory_beyond_all_measure_is_refused_before_it_is_read(tmp_path: Path, is_large: bool) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    count = 12_000_000 // len(entry)
    size = count * len(entry)
    content = [b"PK\3\4" + bytes(26), entry * count]
    if is_large:
        content.append(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, 30))
        content.append(struct.pack("<4sLQL", b"PK\6\7", 0, 30 + size, 1))
    declared = 0xFFFFFFFF if is_large else size
    content.append(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, declared, 30, 0))
    path = tmp_path / "a.car"
    path.write_bytes(b"".join(content))
    tracemalloc.start()
    try:
        told = reason(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "the directory of the archive has" in told
    assert told.endswith("too much for 10000 members ([server] archive_max_members)")
    assert most < 5_000_000


def test_an_archive_that_unpacks_to_a_multiple_of_its_size_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {"zeros": bytes(11 * 1024 * 1024)})
    assert "times its size, more than 100 times ([server] archive_max_ratio)" in reason(path)


def test_a_small_archive_may_be_packed_well(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {**application(SEQUENCE), "zeros": bytes(9 * 1024 * 1024)})
    assert read(path).name == "orders"


def test_an_archive_that_unpacks_to_more_than_allowed_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {**application(SEQUENCE), "big": bytes(2048)})
    assert "([server] archive_max_unpacked)" in reason(path, ServerSettings(archive_max_unpacked=2048))


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", {**application(SEQUENCE), "big": bytes(50_000)})
    content = path.read_bytes().replace(struct.pack("<L", 50_000), struct.pack("<L", 10))
    path.write_bytes(content)
    assert "incomplete" in reason(path)


def test_an_artifact_file_beyond_its_limit_is_refused(tmp_path: Path) -> None:
    files = application({"hello": ("synapse/sequence", sequence("hello", f"<!--{'x' * 2000}-->"))})
    path = write_archive(tmp_path / "a.car", files)
    assert "([server] artifact_max_xml)" in reason(path, ServerSettings(artifact_max_xml=2000))


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.car", application(SEQUENCE))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "cannot be unpacked" in reason(path)


def test_an_archive_without_an_index_is_refused(tmp_path: Path) -> None:
    assert (
        reason(write_archive(tmp_path / "a.car", {"x": ""}))
        == "a.car: has neither artifacts.xml nor metadata.xml"
    )


def test_an_unmatched_dependency_is_named(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    files["hello_1.0.0/artifact.xml"] = files["hello_1.0.0/artifact.xml"].replace("1.0.0", "2.0.0")
    expected = "a.car!artifacts.xml:1: no artifact.xml has the name 'hello' and the version '1.0.0'"
    assert reason(write_archive(tmp_path / "a.car", files)) == expected


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    files = application({"one": ("synapse/sequence", "<sequence"), "two": ("synapse/sequence", task("two"))})
    text = reason(write_archive(tmp_path / "a.car", files))
    assert "a.car!one_1.0.0/one.xml:1" in text
    assert "type 'synapse/sequence' needs the root <sequence>, found <task>" in text


def test_a_type_that_is_not_supported_yet_names_type_artifact_and_file(tmp_path: Path) -> None:
    files = application({"orders-ds": ("service/dataservice", "<data/>")})
    expected = (
        "a.car!orders-ds_1.0.0/artifact.xml:1: artifact type 'service/dataservice' is not supported yet"
    )
    assert reason(write_archive(tmp_path / "a.car", files)) == f"{expected} (artifact 'orders-ds')"


def test_java_libraries_are_noted_and_left_out(tmp_path: Path) -> None:
    files = application({**SEQUENCE, "driver": ("lib/library/bundle", "PK")})
    package = read(write_archive(tmp_path / "a.car", files))
    assert package.notes == ("Java library ignored: [driver] of a.car!driver_1.0.0/artifact.xml",)
    assert len(package.parts) == 1


@pytest.mark.parametrize("element", ["", "<file>a.xml</file><file>b.xml</file>", "<file/>"])
def test_an_artifact_needs_exactly_one_file(tmp_path: Path, element: str) -> None:
    files = application(SEQUENCE)
    name = "hello_1.0.0/artifact.xml"
    files[name] = files[name].replace("<file>hello.xml</file>", element)
    assert "needs exactly one <file>" in reason(write_archive(tmp_path / "a.car", files))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    del files["hello_1.0.0/hello.xml"]
    assert "the file 'hello.xml' is not in 'hello_1.0.0'" in reason(write_archive(tmp_path / "a.car", files))


def test_artifacts_for_other_roles_are_left_out_and_an_empty_rest_is_no_fault(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    files["artifacts.xml"] = files["artifacts.xml"].replace("EnterpriseIntegrator", "DashboardServer")
    package = read(write_archive(tmp_path / "a.car", files))
    assert not package.parts
    assert package.notes[0].startswith("No artifacts found to be deployed in this server. Ignoring")


def test_a_server_role_is_a_regular_expression(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    files["artifacts.xml"] = files["artifacts.xml"].replace("EnterpriseIntegrator", "Enterprise.*")
    assert len(read(write_archive(tmp_path / "a.car", files)).parts) == 1
    files["artifacts.xml"] = files["artifacts.xml"].replace("Enterprise.*", "Enterprise[")
    assert "serverRole is not a regular expression" in reason(write_archive(tmp_path / "b.car", files))


def test_an_application_inside_an_application_is_refused(tmp_path: Path) -> None:
    files = application(SEQUENCE)
    assert "inside an application is not supported yet" in reason(
        write_archive(tmp_path / "a.car", {**files, "dependencies/other_2.0.0.car": "PK"})
    )


def test_the_descriptor_tells_id_and_needs(tmp_path: Path) -> None:
    descriptor = (
        "<descriptor><id>com.acme__orders__1.0.0</id><dependencies>"
        '<dependency groupId="com.acme" artifactId="base" version="2.0.0"/></dependencies></descriptor>'
    )
    package = read(write_archive(tmp_path / "a.car", {**application(SEQUENCE), "descriptor.xml": descriptor}))
    assert (package.id, package.needs) == ("com.acme__orders__1.0.0", ("com.acme__base__2.0.0",))


@pytest.mark.parametrize("slash", ["", "/"])
def test_registry_resources_have_keys_by_their_path(tmp_path: Path, slash: str) -> None:
    info = (
        f"<resources><item><file>{slash}limits.json</file><path>/_system/config/orders</path>"
        "<mediaType>application/json</mediaType></item>"
        f"<collection><directory>{slash}xslt</directory><path>/_system/governance/xslt</path></collection></resources>"
    )
    files = application({"config": ("registry/resource", info)})
    files["config_1.0.0/resources/limits.json"] = "{}"
    files["config_1.0.0/resources/xslt/a.xsl"] = "<x/>"
    files["config_1.0.0/resources/xslt/.meta/~a.xsl.xml"] = (
        "<resource><mediaType>application/xslt</mediaType></resource>"
    )
    resources = read(write_archive(tmp_path / "a.car", files)).resources
    assert [(one.key, one.media_type, one.content) for one in resources] == [
        ("conf:orders/limits.json", "application/json", b"{}"),
        ("gov:xslt/a.xsl", "application/xslt", b"<x/>"),
    ]


def test_a_resource_path_cannot_leave_the_registry(tmp_path: Path) -> None:
    info = "<resources><item><file>a</file><path>/_system/config/../../..</path></item></resources>"
    files = application({"config": ("registry/resource", info)})
    files["config_1.0.0/resources/a"] = "x"
    assert "leads out of its folder" in reason(write_archive(tmp_path / "a.car", files))


def test_declared_values_have_types(tmp_path: Path) -> None:
    files = application({"values": ("config/property", "# comment\nhost:string\nlimit = int\n")})
    declared = read(write_archive(tmp_path / "a.car", files)).declared
    assert [(one.key, one.type, one.line) for one in declared] == [("host", "string", 2), ("limit", "int", 3)]


def test_an_unknown_declared_type_is_named(tmp_path: Path) -> None:
    files = application({"values": ("config/property", "host:strnig")})
    assert "type 'strnig' is none of" in reason(write_archive(tmp_path / "a.car", files))


def test_a_file_that_ends_too_early_makes_a_directory_incomplete_but_an_archive_faulty(
    tmp_path: Path,
) -> None:
    files = application({"hello": ("synapse/sequence", sequence("hello")[:-5])})
    with pytest.raises(Incomplete):
        read(write_folder(tmp_path / "orders", files))
    with pytest.raises(Faulty) as caught:
        read(write_archive(tmp_path / "a.car", files))
    assert not isinstance(caught.value, Incomplete)
