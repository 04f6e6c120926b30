"""The files inside an application, read in memory and within limits, whether it is an archive or a directory.

Nothing is unpacked to disk: a name that leads elsewhere can do no harm, and is refused all the same.
"""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from micro_integrator.config import ServerSettings
from micro_integrator.deployment.problem import Faulty, Incomplete
from micro_integrator.deployment.zip_directory import directory_size
from micro_integrator.kit import shown_path

_MEBIBYTE = 1024 * 1024
_RATIO_TESTED_FROM = 10 * _MEBIBYTE
_CHUNK = _MEBIBYTE
_ENTRY = 1024
"""Bytes in the directory that a member may have on average: 46, its name, and what tools note about it."""


class Members(Protocol):
    """The files of one application, by their path inside it (with `/`)."""

    shown: str
    names: frozenset[str]
    may_grow: bool
    """Whether somebody may still be copying single files into it."""

    def read(self, name: str, limit: int | None = None) -> bytes:
        """Return the content of `name`. Raises Faulty beyond `limit` bytes (artifact_max_xml)."""
        ...

    def shown_as(self, name: str) -> str:
        """Return how messages call the member `name`."""
        ...


@contextmanager
def open_archive(path: Path, shown: str, limits: ServerSettings) -> Iterator[Members]:
    """Open a zip file and prove it: complete, checksums right, within `limits`, no member leads out.

    Raises Incomplete when it cannot be opened or a checksum is wrong, Faulty for the rest.
    """
    try:
        _check_directory(directory_size(path), shown, limits)
        with zipfile.ZipFile(path) as file:
            _check_limits(file, shown, limits, path.stat().st_size)
            for member in file.infolist():
                _check_member(member, shown)
            _check_names(file, shown)
            members = _Archive(file, shown)
            members.check_content()
            yield members
    except zipfile.BadZipFile as error:
        raise Incomplete.at(shown, f"incomplete: {_lower_first(str(error))}") from error
    except OSError as error:
        raise Faulty.at(shown, f"cannot be read: {error.strerror or error}") from error
    except (NotImplementedError, ValueError) as error:
        raise Faulty.at(shown, f"cannot be read as an archive: {_lower_first(str(error))}") from error


def open_folder(path: Path, shown: str, limits: ServerSettings) -> Members:
    """Return the files of an exploded application. Raises Faulty beyond `limits` or for a link out."""
    try:
        return _Folder(path, shown, limits)
    except OSError as error:
        raise Faulty.at(shown, f"cannot be read: {error.strerror or error}") from error


class _Archive:
    may_grow = False

    def __init__(self, file: zipfile.ZipFile, shown: str) -> None:
        self.shown, self._file = shown, file
        self.names = frozenset(member.filename for member in file.infolist() if not member.is_dir())

    def shown_as(self, name: str) -> str:
        return f"{self.shown}!{name}"

    def read(self, name: str, limit: int | None = None) -> bytes:
        if limit is not None:
            check_size(self._file.getinfo(name).file_size, limit, self.shown_as(name))
        return self._file.read(name)

    def check_content(self) -> None:
        """Read every member once; zipfile compares lengths and checksums."""
        for member in self._file.infolist():
            try:
                with self._file.open(member) as content:
                    while content.read(_CHUNK):
                        pass
            except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
                if isinstance(error, OSError) and error.errno is not None:  # of the file, not of its bzip2
                    raise
                reason = f"incomplete: the archive member is damaged ({_lower_first(str(error))})"
                raise Incomplete.at(self.shown_as(member.filename), reason) from error
            except (NotImplementedError, RuntimeError) as error:  # an unknown compression method, a password
                reason = f"the archive member cannot be unpacked: {_lower_first(str(error))}"
                raise Faulty.at(self.shown_as(member.filename), reason) from error


class _Folder:
    may_grow = True

    def __init__(self, root: Path, shown: str, limits: ServerSettings) -> None:
        self._root, self.shown = root, shown
        # the files of a mounted ConfigMap are links into a directory `..data`, which is not a second copy
        found = (path for path in root.rglob("*") if path.is_file())
        files = {
            name: path for path in found if not (name := path.relative_to(root).as_posix()).startswith("..")
        }
        self.names = frozenset(files)
        for name, path in files.items():
            if not path.resolve().is_relative_to(root.resolve()):
                raise Faulty.at(self.shown_as(name), "is a link that leads out of the application")
        _check_count(len(files), shown, limits)
        _check_total(sum(path.stat().st_size for path in files.values()), shown, limits)

    def shown_as(self, name: str) -> str:
        return f"{self.shown}/{shown_path(name)}"

    def read(self, name: str, limit: int | None = None) -> bytes:
        path = self._root / name
        try:
            if limit is not None:
                check_size(path.stat().st_size, limit, self.shown_as(name))
            return path.read_bytes()
        except OSError as error:
            raise Faulty.at(self.shown_as(name), f"cannot be read: {error.strerror or error}") from error


def check_size(size: int, limit: int, shown: str) -> None:
    """Raise Faulty when an artifact file of `size` bytes is beyond `limit`."""
    if size > limit:
        reason = f"the file has {_size(size)}, more than {_size(limit)} ([server] artifact_max_xml)"
        raise Faulty.at(shown, reason)


def _check_limits(file: zipfile.ZipFile, shown: str, limits: ServerSettings, packed: int) -> None:
    """By the sizes the archive declares: zipfile never unpacks more than is declared."""
    members = file.infolist()
    _check_count(len(members), shown, limits)
    unpacked = sum(member.file_size for member in members)
    _check_total(unpacked, shown, limits)
    ratio = unpacked / max(1, packed)  # of the file: overlapping members cannot pretend to be large
    if unpacked > _RATIO_TESTED_FROM and ratio > limits.archive_max_ratio:
        reason = (
            f"the archive unpacks to {ratio:.0f} times its size, more than {limits.archive_max_ratio} times"
        )
        raise Faulty.at(shown, f"{reason} ([server] archive_max_ratio)")


def _check_directory(size: int, shown: str, limits: ServerSettings) -> None:
    """Before zipfile reads it: a million members of no content at all cost half a gigabyte of memory."""
    if size > limits.archive_max_members * _ENTRY:
        reason = f"the directory of the archive has {_size(size)}, too much for {limits.archive_max_members} members"
        raise Faulty.at(shown, f"{reason} ([server] archive_max_members)")


def _check_count(count: int, shown: str, limits: ServerSettings) -> None:
    if count > limits.archive_max_members:
        reason = f"the application has {count} members, more than {limits.archive_max_members}"
        raise Faulty.at(shown, f"{reason} ([server] archive_max_members)")


def _check_total(size: int, shown: str, limits: ServerSettings) -> None:
    if size > limits.archive_max_unpacked:
        reason = f"the application unpacks to {_size(size)}, more than {_size(limits.archive_max_unpacked)}"
        raise Faulty.at(shown, f"{reason} ([server] archive_max_unpacked)")


def _check_member(member: zipfile.ZipInfo, shown: str) -> None:
    name = member.orig_filename
    if not name:
        raise Faulty.at(shown, "a member of the archive has no name")
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise Faulty.at(shown, f"the member {name!a} leads out of the archive")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Faulty.at(shown, f"the member '{name}' is a link; archives may hold plain files only")


def _check_names(file: zipfile.ZipFile, shown: str) -> None:
    seen: set[str] = set()
    for member in file.infolist():
        if member.filename in seen:
            raise Faulty.at(shown, f"the member '{member.filename}' is in the archive twice")
        seen.add(member.filename)


def _size(count: int) -> str:
    return f"{count / _MEBIBYTE:.1f} MiB" if count >= _MEBIBYTE else f"{count} bytes"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
