"""Python imports this file first where its folder is on PYTHONPATH; it puts `app.py` beside it in the place of ours."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType


class StandIn:
    """Finds the composition root beside this file."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "micro_integrator.server.app":
            return None
        return spec_from_file_location(name, Path(__file__).with_name("app.py"))


sys.meta_path.insert(0, StandIn())
