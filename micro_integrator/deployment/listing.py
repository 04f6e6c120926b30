"""What lies in a deployment folder at this moment: names, forms and stamps; contents are not read here."""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

INDEX_FILES = frozenset({"metadata.xml", "artifacts.xml"})
"""A directory that holds one of these is one application, not a folder of loose files."""

FOREIGN_SUFFIXES = (".siddhi", ".dbs", ".zip")
"""Deployable elsewhere; listed so that they are refused by name and not overlooked."""

DEEPEST = 100
"""Folders inside folders that are looked into; deeper ones count as unreadable."""

_IGNORED_PREFIXES = (".", "~")
_IGNORED_SUFFIXES = (".tmp", ".part", ".partial", ".swp", ".bak", ".back", ".crdownload", "~")
_IGNORED_FOLDERS = frozenset({"CVS", ".svn", ".git"})


class Form(StrEnum):
    """How a candidate lies on disk."""

    ARCHIVE = "archive"
    FOLDER = "folder"
    FILE = "file"


Stamp = tuple[tuple[str, int, int, int], ...]
"""Per file: its name inside the candidate (of a link: the target), size, mtime in ns, mode."""


def is_plain(stamp: Stamp) -> bool:
    """Whether the stamp of a single file is that of an ordinary one, and not of a pipe, a socket or a device."""
    return all(stat.S_ISREG(entry[3]) for entry in stamp)


@dataclass(frozen=True)
class Found:
    """One candidate for deployment."""

    path: str
    form: Form
    stamp: Stamp

    @property
    def modified(self) -> float:
        """Seconds since 1970 of the newest change."""
        return max((entry[2] for entry in self.stamp), default=0) / 1e9

    @property
    def is_plain(self) -> bool:
        """Whether it is a directory or an ordinary file."""
        return self.form is Form.FOLDER or is_plain(self.stamp)

    @property
    def is_empty(self) -> bool:
        """Whether there is not a single byte in it."""
        return not any(entry[1] for entry in self.stamp)


@dataclass
class Listing:
    """The candidates by path, and the places that could not be looked at."""

    found: dict[str, Found] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def is_unknown(self, path: str) -> bool:
        """Return whether `path` lies where nothing could be seen, so that its absence proves nothing."""
        return any(path == place or path.startswith(place + os.sep) for place in self.unreadable)


def list_folder(root: str) -> Listing:
    """Return what lies in `root` and below. A missing root is unreadable; a missing sub-folder is gone."""
    listing = Listing()
    if Path(root).is_dir():
        _Walk(listing).enter(root, frozenset())
    else:
        listing.unreadable.append(root)
    return listing


class _Walk:
    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def enter(self, folder: str, above: frozenset[str]) -> None:
        real = str(Path(folder).resolve())
        if real in above:  # a link that leads back up
            return
        if len(above) > DEEPEST:
            self._listing.unreadable.append(folder)
            return
        try:
            with os.scandir(folder) as entries:
                children = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError:
            self._listing.unreadable.append(folder)
            return
        if above and any(child.name in INDEX_FILES for child in children):
            self._found(folder, Form.FOLDER, _stamp_of_folder(folder))
            return
        for child in children:
            self._visit(child, above | {real})

    def _visit(self, entry: os.DirEntry[str], above: frozenset[str]) -> None:
        try:
            if entry.is_dir():
                if not _is_ignored(entry.name, _IGNORED_FOLDERS):
                    self.enter(entry.path, above)
            elif (form := _form(entry.name)) is not None:
                self._found(entry.path, form, (_stamp(entry),))
        except FileNotFoundError:
            if entry.is_symlink():  # its target may be a share that comes back
                self._listing.unreadable.append(entry.path)
        except OSError:
            self._listing.unreadable.append(entry.path)

    def _found(self, path: str, form: Form, stamp: Stamp) -> None:
        self._listing.found[path] = Found(path, form, stamp)


def _form(name: str) -> Form | None:
    lower = name.lower()
    if _is_ignored(name):
        return None
    if lower.endswith(".car"):
        return Form.ARCHIVE
    return Form.FILE if lower.endswith((".xml", *FOREIGN_SUFFIXES)) else None


def _is_ignored(name: str, names: frozenset[str] = frozenset()) -> bool:
    return name in names or name.startswith(_IGNORED_PREFIXES) or name.lower().endswith(_IGNORED_SUFFIXES)


def _stamp(entry: os.DirEntry[str], name: str = "") -> tuple[str, int, int, int]:
    status = entry.stat()
    # a mounted ConfigMap changes by moving one link, and the files behind it may look alike
    target = str(Path(entry.path).resolve()) if entry.is_symlink() else ""
    return (name or target, status.st_size, status.st_mtime_ns, status.st_mode)


def _stamp_of_folder(folder: str) -> Stamp:
    """Every file below, and the folder's own time, which moves when something directly in it is removed."""
    status = Path(folder).stat()
    stamps = [(".", 0, status.st_mtime_ns, status.st_mode)]
    deepest = folder.count(os.sep) + DEEPEST
    for place, folders, files in os.walk(folder):
        if place.count(os.sep) > deepest:
            raise OSError(errno.ELOOP, "folders inside folders without end", folder)
        folders[:] = [name for name in folders if not _is_ignored(name, _IGNORED_FOLDERS)]
        for name in files:
            path = Path(place, name)
            with suppress(FileNotFoundError):  # somebody's temporary file, gone again
                status = path.stat()
                relative = path.relative_to(folder).as_posix()
                stamps.append((relative, status.st_size, status.st_mtime_ns, status.st_mode))
    return tuple(sorted(stamps))
