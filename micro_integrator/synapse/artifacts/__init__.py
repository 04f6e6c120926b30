"""The kinds of artifacts, one file for each root element.

Importing this package fills the catalogue; add a new kind to the list.
"""

from micro_integrator.synapse.artifacts import api, endpoint, local_entry, sequence, task

__all__ = ["api", "endpoint", "local_entry", "sequence", "task"]
