"""Which users a node has, by its settings; and a word about passwords that everybody knows."""

from collections.abc import Sequence

from micro_integrator.config import FileUserStoreSettings, Home, UserSettings
from micro_integrator.management.rest.first_password import first_admin
from micro_integrator.management.rest.users import Users
from micro_integrator.observability import get_logger

log = get_logger("FileUserStore")


def users_of(configured: Sequence[UserSettings], store: FileUserStoreSettings, home: Home) -> Users:
    """Return the users of this node; without any, `admin` with a password of its own. Blocks while it computes."""
    if not store.enable:
        return Users([])
    users = Users(configured or [first_admin(home)], well_known_from_afar=store.allow_default_credentials)
    if users.has_well_known:
        reach = (
            "everybody who reaches this node can enter"
            if store.allow_default_credentials
            else "it lets nobody in but from this machine"
        )
        log.warning("User 'admin' has the password 'admin': {reach}; give it another one", reach=reach)
    return users
