"""What a start costs: the rooms load nothing they do not need."""

import subprocess
import sys

NOT_FOR_LOGS = "starlette uvicorn click anyio sqlalchemy lxml.objectify"


def loaded(module: str, forbidden: str) -> list[str]:
    script = f"import sys, {module}\nprint(*[m for m in {forbidden.split()!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_logs_and_metrics_load_no_web_framework() -> None:
    assert loaded("micro_integrator.observability", NOT_FOR_LOGS) == []


def test_importing_starts_no_thread() -> None:
    script = "import threading, micro_integrator.observability\nprint(threading.active_count())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "1\n"
