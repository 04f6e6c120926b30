"""[management_api] and [user_access]: where the management API listens, and how its callers prove who they are."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, section
from micro_integrator.config.kinds import boolean, filled, seconds, strings, words

_SHORTEST_SECRET = 32
"""Characters of a key with which tokens are signed; a shorter one can be guessed from a token."""

_PROTOCOLS = frozenset({"http", "https"})


@section("management_api.jwt_token_security_handler", later="token_store_config.* token_config.size")
class TokenSettings:
    """Login with a password; every further call carries the token that was handed out."""

    enable: bool = key(True, kind=boolean, doc="accept tokens")
    expiry: float = key(
        3600, kind=seconds(at_least=1), name="token_config.expiry", doc="seconds for which a token is good"
    )
    secret: str | None = key(
        None,
        kind=filled,
        name="token_config.secret",
        is_secret=True,
        doc="key that signs tokens, at least 32 characters and the same on all nodes, so that each accepts the tokens "
        "of the others; default: a random one for each start",
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Refuse a key that could be guessed."""
        if self.secret is not None and len(self.secret) < _SHORTEST_SECRET:
            yield "token_config.secret", f"expected at least {_SHORTEST_SECRET} characters"


@section("management_api.basic_security_handler")
class BasicSettings:
    """User and password on every call."""

    enable: bool = key(False, kind=boolean, doc="accept user and password instead of a token on every call")


@section("management_api.authorization_handler", later="resources.*")
class AuthorizationSettings:
    """Who may do what."""

    enable: bool = key(
        True, kind=boolean, doc="keep `/users`, `/roles`, `/configs` and downloads to administrators"
    )


@section("management_api.cors")
class CorsSettings:
    """Pages of other origins that may call the API from a browser."""

    enable: bool = key(
        True, kind=boolean, aliases=("enabled",), doc="answer browsers; false: say nothing to them"
    )
    allowed_origins: tuple[str, ...] = key(
        [], kind=strings, doc="origins such as `https://board.example`, or `*`; default: only the API's own"
    )
    allowed_headers: tuple[str, ...] = key(
        ["Authorization", "Content-Type"], kind=strings, doc="request headers such a page may send"
    )


@section("management_api", later="custom_handlers.*")
class ManagementApiSettings:
    """The management API: what is deployed on this node, and how it is."""

    enable: bool = key(True, kind=boolean, properties=("enableManagementApi",), doc="open the management API")
    protocols: tuple[str, ...] = key(
        "https", kind=words, doc="`https`, or `https http` to answer on the internal listener as well"
    )
    bind_address: str = key(
        "0.0.0.0",  # noqa: S104 - what container platforms expect; the shipped file narrows it to loopback
        kind=filled,
        doc="address the HTTPS listener binds to",
    )
    jwt_token_security_handler: TokenSettings = part(TokenSettings)
    basic_security_handler: BasicSettings = part(BasicSettings)
    authorization_handler: AuthorizationSettings = part(AuthorizationSettings)
    cors: CorsSettings = part(CorsSettings)

    def answers_on(self, protocol: str) -> bool:
        """Whether `http` or `https` is among the protocols."""
        return self.enable and protocol in self.protocols

    def problems(self) -> Iterator[tuple[str, str]]:
        """Refuse an API that nobody could reach, or anybody could enter."""
        unknown = set(self.protocols) - _PROTOCOLS
        if unknown or not self.protocols:
            yield "protocols", f"expected https, http or both, not {', '.join(sorted(unknown)) or 'nothing'}"
        if not (self.jwt_token_security_handler.enable or self.basic_security_handler.enable):
            yield (
                "protocols",
                "jwt_token_security_handler and basic_security_handler are both off: nobody could log in",
            )

    def remarks(self) -> Iterator[str]:
        """Warn when passwords travel in the clear."""
        if self.answers_on("http"):
            yield f'protocols = "{" ".join(self.protocols)}": over http, passwords and tokens can be read on their way'


@section("user_access")
class UserAccessSettings:
    """What users may do who are no administrators."""

    make_non_admin_users_read_only: bool = key(
        True, kind=boolean, doc="users who are no administrators may look, and change nothing"
    )
