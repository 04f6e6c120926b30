"""Reading a loose file: one Synapse artifact, or several in <definitions>; its own name means nothing."""

import os
from pathlib import Path

from micro_integrator.deployment.index import line_of
from micro_integrator.deployment.listing import FOREIGN_SUFFIXES
from micro_integrator.deployment.members import check_size
from micro_integrator.deployment.package import (
    LOOSE_VERSION,
    Package,
    Part,
    local_name,
    parse_part,
)
from micro_integrator.deployment.problem import Faulty, Incomplete

_DEFAULT_GROUP = "default"


def read_loose(path: Path, shown: str, group: str, max_xml: int) -> Package:
    """Return the one part of a loose file; `group` is the folder it is listed under.

    Raises Faulty with file, line and column; Incomplete when the file ends too early, or has gone meanwhile.
    """
    if path.suffix.lower() in FOREIGN_SUFFIXES:
        raise Faulty.at(shown, f"files of type '{path.suffix}' are not supported yet")
    try:
        with path.open("rb") as file:
            check_size(os.fstat(file.fileno()).st_size, max_xml, shown)
            content = file.read(max_xml + 1)
    except FileNotFoundError as error:  # it was there when the folder was listed
        raise Incomplete.at(shown, "is not there any more") from error
    except OSError as error:
        raise Faulty.at(shown, f"cannot be read: {error.strerror or error}") from error
    check_size(len(content), max_xml, shown)  # it may have grown meanwhile
    root = parse_part(content, shown)
    if local_name(root) in ("artifact", "artifacts"):
        raise Faulty.at(shown, "the index of an application needs a directory of its own", line_of(root))
    return Package(group or _DEFAULT_GROUP, LOOSE_VERSION, parts=(Part(shown, content),))
