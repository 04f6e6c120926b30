"""[internal_apis]: the users of the management API."""

import re
from collections.abc import Iterator

from micro_integrator.config.keys import REQUIRED, key, section
from micro_integrator.config.kinds import boolean, filled

_NAME = re.compile(r"\S{3,30}")
_HASHES = ("pbkdf2_sha256$", "$argon2id$")
_HASH = re.compile(
    r"pbkdf2_sha256\$[1-9]\d{3,7}\$[^$]+\$[A-Za-z0-9+/]+=*|\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$\S+\$\S+"
)


@section("internal_apis.file_user_store", later="primary")
class FileUserStoreSettings:
    """Users that stand in this file."""

    enable: bool = key(True, kind=boolean, doc="let the users of this file log in")
    allow_default_credentials: bool = key(
        False, kind=boolean, doc="let `admin` with the password `admin` log in from other machines too"
    )

    def remarks(self) -> Iterator[str]:
        """Warn of a node on which nobody can log in."""
        if not self.enable:
            yield "enable = false: there is no other store of users yet, so nobody can log in"


@section("internal_apis.users", is_array=True)
class UserSettings:
    """A user of the management API. Without any, a password for `admin` is made at the first start and printed once."""

    name: str = key(REQUIRED, kind=filled, name="user.name", doc="3 to 30 characters without blanks")
    password: str | None = key(
        None,
        kind=filled,
        name="user.password",
        is_secret=True,
        doc="password, as a hash (`pbkdf2_sha256$…`, `$argon2id$…`), a secret, or plain text",
    )
    password_hash: str | None = key(
        None, kind=filled, name="user.password_hash", is_secret=True, doc="the same, as a hash only"
    )
    is_admin: bool = key(True, kind=boolean, name="user.is_admin", doc="may do everything")

    @property
    def stored(self) -> str:
        """What a password is compared with: a hash, or the password itself."""
        return self.password_hash or self.password or ""

    @property
    def is_hashed(self) -> bool:
        """Whether `stored` is a hash."""
        return _HASH.fullmatch(self.stored) is not None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Refuse users who could never log in."""
        if not _NAME.fullmatch(self.name):
            yield "user.name", "expected 3 to 30 characters without blanks"
        if (self.password is None) == (self.password_hash is None):
            yield "user.name", "needs user.password or user.password_hash, one of them"
        elif not self.is_hashed and (self.password_hash is not None or self.stored.startswith(_HASHES)):
            key = "password" if self.password_hash is None else "password_hash"
            yield f"user.{key}", "expected pbkdf2_sha256$ROUNDS$SALT$HASH or $argon2id$v=19$…"

    def remarks(self) -> Iterator[str]:
        """Warn of passwords that can be read in the file."""
        if not self.is_hashed:
            yield f"user '{self.name}': the password is plain text; a hash of it is as good and tells nobody"
