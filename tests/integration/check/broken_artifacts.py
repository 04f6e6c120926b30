"""Broken artifacts and archives: what lies in `carbonapps`, where the problem is, and what must be said about it."""

import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from unit.deployment.applications import NAMESPACE, application, sequence, write_archive, write_folder

ENTITY = '<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
DEEP = "<a>" * 20_000 + "</a>" * 20_000
PACKED = {"hello": ("synapse/sequence", sequence("hello"))}


@dataclass(frozen=True)
class Broken:
    """Files below `carbonapps`; a function writes what no text can say. `place` is the start of the line told."""

    name: str
    files: Mapping[str, str] | Callable[[Path], object]
    place: str
    reason: str
    strict: bool = False


def loose(name: str, content: str, line: int, reason: str, *, strict: bool = False) -> Broken:
    return Broken(name, {"x.xml": content}, f"carbonapps/x.xml:{line}", reason, strict)


def packed(name: str, files: Mapping[str, str | bytes], place: str, reason: str) -> Broken:
    return Broken(
        name, lambda folder: write_archive(folder / "x.car", files), f"carbonapps/x.car{place}", reason
    )


def without(member: str) -> dict[str, str]:
    return {name: content for name, content in application(PACKED).items() if name != member}


def in_artifact_xml(old: str, new: str) -> dict[str, str]:
    files = application(PACKED)
    files["hello_1.0.0/artifact.xml"] = files["hello_1.0.0/artifact.xml"].replace(old, new)
    return files


def link(folder: Path) -> None:
    write_archive(folder / "x.car", application(PACKED))
    entry = zipfile.ZipInfo("passwd")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "x.car", "a") as archive:
        archive.writestr(entry, "/etc/passwd")


def damaged(folder: Path) -> None:
    path = folder / "x.car"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in application(PACKED).items():
            archive.writestr(name, content)
    path.write_bytes(path.read_bytes().replace(b"<drop/>", b"<drip/>"))


def named(trigger: str) -> str:
    return f'<task {NAMESPACE} name="t">{trigger}</task>'


BROKEN = (
    # loose files
    loose("an open tag", f'<sequence {NAMESPACE} name="x">\n<drop>\n</sequence>', 3, "Opening and ending tag mismatch"),
    loose("a file that ends too early", f'<sequence {NAMESPACE} name="x">', 1, "Premature end"),
    loose("an empty file", "", 1, "Document is empty"),
    loose("no XML at all", "hello", 1, "Start tag expected"),
    loose("an external entity", f'{ENTITY}<sequence {NAMESPACE} name="x">&e;</sequence>', 1, "DTD is not allowed"),
    loose("a million laughs", f'{LAUGHS}<sequence {NAMESPACE} name="x">&b;</sequence>', 1, "DTD is not allowed"),
    loose("an undefined entity", f'<sequence {NAMESPACE} name="x">\n&nope;</sequence>', 2, "Entity 'nope' not defined"),
    loose("20,000 nested elements", f'<sequence {NAMESPACE} name="x">{DEEP}</sequence>', 1, "nested deeper than"),
    loose("a root of another language", '<project xmlns="http://maven.apache.org/"/>', 1, "not a Synapse artifact"),
    loose("a misspelt root", f'<sequnce {NAMESPACE} name="x"/>', 1, "not a Synapse artifact"),
    loose("an index without a directory", "<artifacts/>", 1, "needs a directory of its own"),
    loose("a kind of a later version", f'<proxy {NAMESPACE} name="x" context="/x"/>', 1, "not supported yet"),
    loose("a sequence without a name", f"<sequence {NAMESPACE}/>", 1, "needs the attribute 'name'"),
    loose("a misspelt mediator", f'<sequence {NAMESPACE} name="x">\n<fliter/></sequence>', 2, "did you mean 'filter'?"),
    loose("a mediator of a later version", f'<sequence {NAMESPACE} name="x">\n<cache/></sequence>', 2,
          "<cache> is not supported yet"),
    loose("stray text, strictly", f'<sequence {NAMESPACE} name="x">\ndrop</sequence>', 1, "unexpected text 'drop'",
          strict=True),
    loose("a switch without a source", f'<sequence {NAMESPACE} name="x">\n<switch sourc="1"/></sequence>', 2,
          "needs the attribute 'source' (is it misspelt as 'sourc'?)"),
    loose("a broken expression",
          f'<sequence {NAMESPACE} name="x">\n<log><property name="a" expression="//["/></log>'
          "</sequence>", 2, "cannot go on with '['"),
    loose("an unknown attribute, strictly", f'<sequence {NAMESPACE} name="x">\n<drop when="now"/></sequence>', 2,
          "unknown attribute 'when'", strict=True),
    loose("a lost reference, strictly",
          f'<sequence {NAMESPACE} name="x">\n<sequence key="away"/></sequence>', 2,
          "'away' is referred to", strict=True),
    loose("a task without a name", f"<task {NAMESPACE}/>", 1, "missing name"),
    loose("a cron that never fires", named('<trigger cron="0 0 0 30 2 ?"/>'), 1, "never fires"),
    loose("an interval of zero", named('<trigger interval="0"/>'), 1, "interval"),
    loose("an interval that is no number", named('<trigger interval="soon"/>'), 1, "interval"),
    loose("a cron with five fields", named('<trigger cron="0 12 * * ?"/>'), 1, "cron"),
    loose("cron and interval", named('<trigger cron="0 0 12 * * ?" interval="5"/>'), 1, "both"),
    loose("an unknown task class",
          f'<task {NAMESPACE} name="t" class="no.such:Task"/>', 1, "Failed to load task class"),
    loose("a value nobody set", named('<trigger interval="$SYSTEM:NOBODY_SET_THIS"/>'), 1,
          "Environment variable could not be found: NOBODY_SET_THIS"),
    loose("one name twice", f'<definitions {NAMESPACE}>\n{sequence("x")}\n{sequence("x")}</definitions>', 3,
          "is a duplicate of carbonapps/x.xml:2"),
    Broken("a name in two files", {"a.xml": sequence("x"), "b.xml": f"\n{sequence('x')}"}, "carbonapps/b.xml:2",
           "duplicate of carbonapps/a.xml (sequence 'x')"),
    Broken("a context in two files",
           {f"{name}.xml": f'<api {NAMESPACE} name="{name}" context="/o"><resource/></api>' for name in "ab"},
           "carbonapps/b.xml:1", "duplicate of carbonapps/a.xml (context '/o')"),
    loose("one context twice", f'<definitions {NAMESPACE}>\n<api name="a" context="/o"><resource/></api>\n'
          '<api name="b" context="/o/"><resource/></api></definitions>', 3,
          "api 'b' has the context '/o' of carbonapps/x.xml:2"),
    Broken("a Siddhi app", {"x.siddhi": "@App:name('x')"}, "carbonapps/x.siddhi", "not supported yet"),
    # applications
    packed("no index", {"x": ""}, "", "has neither artifacts.xml nor metadata.xml"),
    packed("a broken index", {"artifacts.xml": "<artifacts>"}, "!artifacts.xml:1", "Premature end"),
    packed("an index of nothing", {"artifacts.xml": "<artifacts/>"}, "!artifacts.xml:1", "type='carbon/application'"),
    packed("a dependency nobody brings", without("hello_1.0.0/artifact.xml"), "!artifacts.xml:1",
           "no artifact.xml has the name 'hello' and the version '1.0.0'"),
    packed("a file that is missing", without("hello_1.0.0/hello.xml"), "!hello_1.0.0/artifact.xml:1", "is not in"),
    packed("an artifact without a file", in_artifact_xml("<file>hello.xml</file>", ""), "!hello_1.0.0/artifact.xml:1",
           "needs exactly one <file>"),
    packed("a type of a later version", in_artifact_xml("synapse/sequence", "service/dataservice"),
           "!hello_1.0.0/artifact.xml:1", "'service/dataservice' is not supported yet"),
    packed("a type that is not the root", in_artifact_xml("synapse/sequence", "synapse/task"),
           "!hello_1.0.0/hello.xml:1", "needs the root <task>, found <sequence>"),
    packed("a broken artifact", application({"t": ("synapse/task", named('<trigger interval="-1"/>'))}),
           "!t_1.0.0/t.xml:1", "interval"),
    packed("a member that leads out", {**application(PACKED), "../evil.sh": "x"}, "", "leads out of the archive"),
    packed("10,001 members", {str(number): "" for number in range(10_001)}, "", "[server] archive_max_members"),
    packed("a zip bomb", {"zeros": bytes(12 * 1024 * 1024)}, "", "[server] archive_max_ratio"),
    packed("an application inside", {**application(PACKED), "dependencies/other_1.car": b"PK"},
           "!dependencies/other_1.car", "inside an application is not supported yet"),
    packed("a declared value nobody set", application({"v": ("config/property", "\nNOBODY_SET_THIS:string")}),
           "!v_1.0.0/v.xml:2", "The value of the key:[NOBODY_SET_THIS] is not found."),
    Broken("a link in an archive", link, "carbonapps/x.car", "the member 'passwd' is a link"),
    Broken("a damaged member", damaged, "carbonapps/x.car!hello_1.0.0/hello.xml", "the archive member is damaged"),
    Broken("an archive cut short", lambda folder: (folder / "x.car").write_bytes(b"PK\x03\x04"), "carbonapps/x.car",
           "incomplete: file is not a zip file"),
    Broken("an exploded directory", lambda folder: write_folder(folder / "x", without("hello_1.0.0/hello.xml")),
           "carbonapps/x/hello_1.0.0/artifact.xml:1", "is not in"),
    Broken("two archives with one id", lambda folder: [write_archive(folder / name, application(PACKED))
           for name in ("a.car", "b.car")], "carbonapps/b.car", "duplicate of carbonapps/a.car"),
)  # fmt: skip
