"""The users of the management API, and the proof that somebody is one of them."""

from collections.abc import Iterable
from ipaddress import ip_address

from micro_integrator.config import UserSettings
from micro_integrator.management.rest.passwords import matches

_NOBODY = UserSettings(name="nobody", password="-", is_admin=False)  # noqa: S106 - no user: it never logs in
_WELL_KNOWN = "admin"
"""Name and password that everybody tries first."""


class Users:
    """The users of one node, by name."""

    def __init__(self, users: Iterable[UserSettings], *, well_known_from_afar: bool = False) -> None:
        """Remember; `well_known_from_afar`: `admin` with the password `admin` may come from other machines."""
        self._users = {user.name: user for user in users}
        self._may_come_from_afar = well_known_from_afar
        # the work on an unknown name must look like the work on a known one
        self._decoy = next((user for user in self._users.values() if user.is_hashed), _NOBODY)

    def find(self, name: str) -> UserSettings | None:
        """Return the user called `name`."""
        return self._users.get(name)

    def proven(self, name: str, password: str, address: str) -> UserSettings | None:
        """Return the user who knows this password and may come from `address`; blocks while it computes."""
        user = self._users.get(name)
        is_right = matches(password, (user or self._decoy).stored)
        if user is None or not is_right:
            return None
        is_open_secret = user.name == password == _WELL_KNOWN
        return None if is_open_secret and not self._may_come_from_afar and not _is_near(address) else user

    @property
    def has_well_known(self) -> bool:
        """Whether `admin` has the password `admin`, in plain text; a hash of it shows at a login only."""
        user = self._users.get(_WELL_KNOWN)
        return user is not None and user.stored == _WELL_KNOWN


def _is_near(address: str) -> bool:
    """Whether `address` is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
