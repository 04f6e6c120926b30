"""Python packages of the user: what lies in `lib/` can be named `module:Class` in artifacts and settings."""

import sys
from pathlib import Path


def offer_libraries(home: Path) -> None:
    """Let packages and wheels of the home's `lib/` be imported; none can take the place of one of ours."""
    folder = home / "lib"
    if folder.is_dir():
        sys.path += [str(folder), *map(str, sorted(folder.glob("*.whl")))]
