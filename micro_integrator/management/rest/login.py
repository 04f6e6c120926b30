"""Who is calling: a password once, then a token; wrong passwords are counted, and told."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request

from micro_integrator.config import ManagementApiSettings
from micro_integrator.kit import boottime
from micro_integrator.management.rest.credentials import Basic, Bearer, credentials_of
from micro_integrator.management.rest.given_back import GivenBack
from micro_integrator.management.rest.refusal import Refused
from micro_integrator.management.rest.throttle import Throttle
from micro_integrator.management.rest.tokens import BadToken, Ticket, Tokens
from micro_integrator.management.rest.trail import Trail, address_of
from micro_integrator.management.rest.users import Users

ASK_FOR_PASSWORD = {"WWW-Authenticate": 'Basic realm="Micro Integrator", charset="UTF-8"'}
ASK_FOR_TOKEN = {"WWW-Authenticate": 'Bearer realm="Micro Integrator"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who has proven to be one; `ticket` is what the token said, if there was one."""

    name: str
    is_admin: bool
    ticket: Ticket | None = None


class Login:
    """Lets users in, and recognises them afterwards."""

    def __init__(
        self,
        settings: ManagementApiSettings,
        users: Users,
        tokens: Tokens,
        given_back: GivenBack,
        trail: Trail,
    ) -> None:
        self._settings, self._users, self._trail = settings, users, trail
        self._tokens, self._given_back = tokens, given_back
        self._throttle = Throttle()
        self._computing = asyncio.Lock()

    async def enter(self, request: Request) -> str:
        """Return a token for the user whose password the request shows. Raises Refused."""
        if not self._settings.jwt_token_security_handler.enable:
            raise Refused(404, "This node hands out no tokens: send user and password with each call")
        shown = credentials_of(request)
        if not isinstance(shown, Basic):
            raise Refused(401, "The login needs user and password (Basic)", ASK_FOR_PASSWORD)
        caller = await self._by_password(shown, request)
        token = await asyncio.to_thread(self._tokens.issue, caller.name, is_admin=caller.is_admin)
        self._trail.logged_in(caller.name, request)
        return token

    async def recognise(self, request: Request) -> Caller:
        """Return who makes this call. Raises Refused."""
        accepts_passwords = self._settings.basic_security_handler.enable
        shown = credentials_of(request)
        if isinstance(shown, Bearer) and self._settings.jwt_token_security_handler.enable:
            return await self._by_token(shown.token)
        if isinstance(shown, Basic) and accepts_passwords:
            return await self._by_password(shown, request)
        raise Refused(
            401,
            "Log in first: GET /management/login",
            ASK_FOR_PASSWORD if accepts_passwords else ASK_FOR_TOKEN,
        )

    async def leave(self, caller: Caller, request: Request) -> bool:
        """Take the caller's token back; returns whether all nodes know. Raises Refused when there is none."""
        if caller.ticket is None:
            raise Refused(400, "There is no token to give back")
        is_known = await self._given_back.add(caller.ticket)
        self._trail.logged_out(caller.name, request)
        return is_known

    async def _by_token(self, token: str) -> Caller:
        try:
            ticket = await asyncio.to_thread(self._tokens.read, token)
        except BadToken as error:
            raise Refused(401, f"The token is not accepted: {error}", ASK_FOR_TOKEN) from error
        if await self._given_back.has(ticket):
            raise Refused(401, "The token is not accepted: it was given back", ASK_FOR_TOKEN)
        user = self._users.find(ticket.user)
        if user is None:  # the token outlives a restart, the user need not
            raise Refused(401, "The token is not accepted: its user is gone", ASK_FOR_TOKEN)
        return Caller(user.name, ticket.is_admin and user.is_admin, ticket)

    async def _by_password(self, shown: Basic, request: Request) -> Caller:
        address = address_of(request)
        who = (shown.user, address)
        async with self._computing:  # one at a time: strangers must not keep all processors busy with hashes
            if closed := self._throttle.seconds_closed(who, boottime()):
                raise _too_many(closed)
            user = await asyncio.to_thread(self._users.proven, shown.user, shown.password, address)
            if user is not None:
                self._throttle.succeeded(who)
                return Caller(user.name, user.is_admin)
            is_closed = self._throttle.failed(who, boottime())
        self._trail.failed(
            shown.user, request, "too many failures" if is_closed else "wrong user or password"
        )
        raise Refused(401, "User or password is wrong", ASK_FOR_PASSWORD)


def _too_many(seconds: float) -> Refused:
    wait = int(seconds) + 1
    return Refused(429, f"Too many failed logins: try again in {wait} s", {"Retry-After": str(wait)})
