"""What which user may do. ◇"""

from dataclasses import dataclass

READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one node; paths are those below the root of the API, such as `/users`."""

    admin_paths: tuple[str, ...] = ()
    """Paths, and all below them, that only administrators may use at all."""
    others_only_read: bool = True
    """Whether users who are no administrators may change nothing."""

    def obstacle(self, *, is_admin: bool, method: str, path: str) -> str | None:
        """Return what stands against a call, None when nothing does."""
        if is_admin:
            return None
        if any(path == one or path.startswith(f"{one}/") for one in self.admin_paths):
            return f"Only administrators may use {path}"
        if self.others_only_read and method not in READING:
            return "Only administrators may change anything"
        return None
