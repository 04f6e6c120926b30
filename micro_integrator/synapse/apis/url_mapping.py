"""URL mappings: a path, everything below one (`/a/*`), or everything with an ending (`*.xml`). ◇"""


class UrlMapping:
    """A compiled mapping; exactly one of `path`, `parent` and `ending` is set."""

    __slots__ = ("ending", "parent", "path", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.path: str | None = None
        self.parent: str | None = None
        """The path of `/a/*` without its slash and star; empty for `/*`."""
        self.ending: str | None = None
        if source.startswith("/") and source.endswith("/*"):
            self.parent = source[:-2]
        elif source.startswith("*."):
            self.ending = source[1:]
        else:
            self.path = trimmed(source)

    def match(self, path: str, query: str | None) -> dict[str, str] | None:
        """Return an empty dictionary for a path that is meant, else None; last slashes and the query do not count."""
        if self.path is not None:
            is_meant = trimmed(path) == self.path
        elif self.parent is not None:
            is_meant = path == self.parent or path.startswith(f"{self.parent}/")
        else:
            is_meant = path.endswith(self.ending or "")
        return {} if is_meant else None


def trimmed(path: str) -> str:
    """Return `path` without slashes at its end; the root stays."""
    return path.rstrip("/") or "/"
