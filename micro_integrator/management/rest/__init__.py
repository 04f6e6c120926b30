"""The management API: what is deployed on this node, how it is, and who may know.

    gate        which page asks, who asks (login: users, tokens, throttle), and whether they may (permission)
    resources   lists and details; one file of views/ for each kind of artifact
    api         all of it as one ASGI application, which may answer on HTTPS and on the port of the probes

Everything is read from what the deployment and the tasks know already; nothing here keeps a state of its own but
tokens that were given back and logins that failed. Start reading in `api`.
"""

from micro_integrator.management.rest.api import ManagementListener, ThisNode, management_app
from micro_integrator.management.rest.resources import ROOT
from micro_integrator.management.rest.self_signed import own_key_store
from micro_integrator.management.rest.user_store import users_of
from micro_integrator.management.rest.users import Users

__all__ = ["ROOT", "ManagementListener", "ThisNode", "Users", "management_app", "own_key_store", "users_of"]
