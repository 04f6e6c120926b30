"""Exit 0 if the node of this container answers its liveness probe; what the image's health check calls."""

import http.client
import json
import os
import pathlib
import sys

LIMIT = 4.0
"""Seconds the probe may take; the health check itself gives up after five."""


def is_alive() -> bool:
    """Ask the internal listener at the port the running node announced."""
    said = json.loads(pathlib.Path(os.environ["MI_PID_FILE"] + ".meta").read_bytes())
    connection = http.client.HTTPConnection(
        "127.0.0.1", said.get("ports", {}).get("internal_http", 9201), timeout=LIMIT
    )
    connection.request("GET", "/liveness")
    return connection.getresponse().status == http.client.OK


try:
    sys.exit(not is_alive())
except (OSError, ValueError, http.client.HTTPException) as error:
    sys.exit(f"not alive: {error}")
