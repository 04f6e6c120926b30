"""What changed in the deployment folders since the last look.

A file is a candidate once it keeps still (settle time); its SHA-256 decides whether anything changed at all.
The watcher remembers what was judged (`accept`) and what is still being copied; it never opens an archive and
deploys nothing. Time is passed in, so that its rules can be tested without waiting.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from micro_integrator.deployment.listing import Form, Found, Listing, Stamp, list_folder
from micro_integrator.kit import boottime, wall_ms
from micro_integrator.observability import get_logger

PATIENCE = 60.0
"""Seconds that a file may stay pending (changing, or not yet complete) before it is faulty."""

_EMPTY_AGE = 5.0
_QUIET = 3
_WARN_EVERY = 60.0

log = get_logger("DeploymentWatcher")


@dataclass(frozen=True)
class Folder:
    """A place to look at; one that may be missing is only reported after it has been seen."""

    path: str
    may_be_missing: bool = False


@dataclass(frozen=True)
class Candidate:
    """A settled file with new content."""

    path: str
    form: Form
    stamp: Stamp
    digest: str


@dataclass(frozen=True)
class Changes:
    """One look at the folders, every tuple sorted by path."""

    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, Candidate], ...] = ()
    candidates: tuple[Candidate, ...] = ()
    overdue: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.renamed or self.candidates or self.overdue)


@dataclass
class _Pending:
    stamp: Stamp
    since: float
    unchanged_since: float
    digest: str = ""
    is_overdue: bool = False


class Watcher:
    """Looks at `folders`; times in seconds, `now` is monotonic, `wall` comparable with the times of files."""

    def __init__(
        self,
        folders: Sequence[Folder],
        *,
        settle: float,
        patience: float = PATIENCE,
        now: Callable[[], float] = boottime,
        wall: Callable[[], float] = lambda: wall_ms() / 1000,
    ) -> None:
        self._folders, self._settle, self._patience = folders, settle, patience
        self._now, self._wall = now, wall
        self._accepted: dict[str, tuple[Stamp, str]] = {}
        self._pending: dict[str, _Pending] = {}
        self._seen_folders: set[str] = set()
        self._warned_at: dict[str, float] = {}

    def look(self) -> Changes:
        """Return what changed. Blocks on the file system: call it in a thread."""
        listing = self._list()
        gone = [path for path in self._known() if path not in listing.found and not listing.is_unknown(path)]
        vanished = {path: self._accepted[path] for path in gone if path in self._accepted}
        moved_stamps = {stamp for stamp, _ in vanished.values()}
        judged = (self._judge(found, moved_stamps) for found in listing.found.values())
        candidates = [candidate for candidate in judged if candidate is not None]
        renamed = tuple(_renames(vanished, candidates, self._accepted))
        moved_to = {candidate.path for _, candidate in renamed}
        moved_from = {path for path, _ in renamed}
        forgotten = {path for path in gone if self._forget(path)}
        return Changes(
            removed=tuple(sorted(forgotten - moved_from)),
            renamed=renamed,
            candidates=tuple(sorted((c for c in candidates if c.path not in moved_to), key=lambda c: c.path)),
            overdue=tuple(sorted(self._newly_overdue())),
        )

    def accept(self, candidate: Candidate) -> None:
        """Remember that `candidate` was judged, good or bad: it comes back only when its content changes."""
        self._accepted[candidate.path] = (candidate.stamp, candidate.digest)
        self._pending.pop(candidate.path, None)

    def patience_left(self, candidate: Candidate) -> float:
        """Return for how many more seconds an incomplete `candidate` may be waited for; <= 0: no longer."""
        pending = self._pending.get(candidate.path)
        if pending is None:
            return 0.0
        age = self._wall() - Found(candidate.path, candidate.form, candidate.stamp).modified
        if candidate.form is Form.ARCHIVE:
            return self._patience - max(age, self._now() - pending.since)
        # a loose file that ends too early is rather a mistake than a slow copy, and its author is waiting
        return min(self._patience, _QUIET * self._settle) - max(age, self._now() - pending.unchanged_since)

    def _known(self) -> set[str]:
        return self._accepted.keys() | self._pending.keys()

    def _forget(self, path: str) -> bool:
        pending = self._pending.pop(path, None)
        return self._accepted.pop(path, None) is not None or (pending is not None and pending.is_overdue)

    def _list(self) -> Listing:
        everything = Listing()
        for folder in self._folders:
            listing = list_folder(folder.path)
            everything.found.update(listing.found)
            everything.unreadable += listing.unreadable
            if folder.path not in listing.unreadable:
                self._seen_folders.add(folder.path)
            for place in listing.unreadable:
                if place != folder.path or not folder.may_be_missing or place in self._seen_folders:
                    self._warn(place)
        return everything

    def _warn(self, place: str) -> None:
        if self._now() - self._warned_at.get(place, -_WARN_EVERY) >= _WARN_EVERY:
            self._warned_at[place] = self._now()
            log.warning("[{place}] cannot be read; nothing from there is undeployed", place=place)

    def _judge(self, found: Found, moved_stamps: set[Stamp]) -> Candidate | None:
        stamp, digest = self._accepted.get(found.path, ((), ""))
        if stamp == found.stamp:
            self._pending.pop(found.path, None)
            return None
        pending = self._keep_pending(found)
        is_moved = not stamp and found.stamp in moved_stamps  # it has settled under its former name
        if not (is_moved or self._is_settled(found, pending)):
            return None
        try:
            pending.digest = pending.digest or _digest(found)
        except FileNotFoundError:
            return None
        except OSError as error:  # the reader of the content will say the same, and name the file
            pending.digest = f"unreadable: {error.strerror}"
        candidate = Candidate(found.path, found.form, found.stamp, pending.digest)
        if pending.digest == digest:
            log.debug("[{path}] was touched; its content is the same", path=found.path)
            self.accept(candidate)
            return None
        return candidate

    def _keep_pending(self, found: Found) -> _Pending:
        now = self._now()
        pending = self._pending.setdefault(found.path, _Pending(found.stamp, now, now))
        if pending.stamp != found.stamp:
            pending.stamp, pending.unchanged_since, pending.digest = found.stamp, now, ""
        return pending

    def _is_settled(self, found: Found, pending: _Pending) -> bool:
        age = self._wall() - found.modified
        if found.is_empty and age < min(_EMPTY_AGE, self._patience):
            return False
        # the second term serves files from a machine whose clock is ahead
        return max(age, self._now() - pending.unchanged_since) >= self._settle

    def _newly_overdue(self) -> Iterator[str]:
        for path, pending in self._pending.items():
            if (
                not pending.digest
                and not pending.is_overdue
                and self._now() - pending.since >= self._patience
            ):
                pending.is_overdue = True
                yield path


def _renames(
    vanished: dict[str, tuple[Stamp, str]],
    candidates: Sequence[Candidate],
    known: dict[str, tuple[Stamp, str]],
) -> Iterator[tuple[str, Candidate]]:
    former = {digest: path for path, (_, digest) in sorted(vanished.items(), reverse=True)}
    for candidate in candidates:
        if candidate.path not in known and (path := former.pop(candidate.digest, None)) is not None:
            yield path, candidate


def _digest(found: Found) -> str:
    if not found.is_plain:  # a pipe or a device: who reads it may wait, or read, for ever
        return "no plain file"
    if found.form is not Form.FOLDER:
        with Path(found.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for name, *_ in found.stamp:
        path = Path(found.path, name)
        if path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(os.fsencode(f"{name}\0{content}\n"))
    return total.hexdigest()
