"""/server: the product, the place, and the machine this node runs on."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from micro_integrator import PRODUCT
from micro_integrator.kit import boottime, shown_path


@dataclass(frozen=True)
class ServerFacts:
    """Answers for the resource. The Java fields carry what runs this node instead: Python."""

    version: str
    home: Path
    node_id: str
    started_at: float
    """Seconds of `boottime`."""

    async def __call__(self, _: Request) -> Response:
        """Answer with all facts."""
        return JSONResponse(
            {
                "productName": PRODUCT,
                "productVersion": self.version,
                "carbonHome": shown_path(self.home),
                "javaHome": sys.prefix,
                "javaVersion": platform.python_version(),
                "javaVendor": platform.python_implementation(),
                "osName": platform.system(),
                "osVersion": platform.release(),
                "pythonVersion": platform.python_version(),
                "nodeId": self.node_id,
                "uptimeSeconds": int(boottime() - self.started_at),
                "pid": os.getpid(),
            }
        )
