"""Files become artifacts: what lies in the home's folders is what the engine runs.

Offers `Deployment`, which keeps folders and engine alike while the server runs, and `examine`, which reads everything
and starts nothing. Must never know what an artifact does; reading it is the engine's grammar, its work the engine's.
Start reading in `deployer`.

    listing, watcher          what lies in the folders, and what changed
    members, archive, loose   from bytes to artifact files, within limits
    loader                    from artifact files to a version that can be deployed
    decision, order           which of several files is taken, and in which order (pure)
    switch                    from one set of artifacts to the next
"""

from micro_integrator.deployment.catalogue import Application, Catalogue, State, Version
from micro_integrator.deployment.deployer import Deployment
from micro_integrator.deployment.examination import Examination, examine
from micro_integrator.deployment.problem import Faulty, Problem

__all__ = [
    "Application",
    "Catalogue",
    "Deployment",
    "Examination",
    "Faulty",
    "Problem",
    "State",
    "Version",
    "examine",
]
