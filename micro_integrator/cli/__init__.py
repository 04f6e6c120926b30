"""Words on the command line become actions: run a node here, steer the one that runs, examine its files.

The room that knows how things are called and which exit code means what; it does no work of its own. What
merely asks (`status`, `stop`, `task ...`) stays with the standard library, so that it answers at once. Start
with `main`.
"""

from micro_integrator.cli.main import main

__all__ = ["main"]
