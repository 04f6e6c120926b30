"""What a member tells the tasks."""


class MemberEvents:
    """Whoever owns tasks; all calls come in the main loop."""

    def joined(self) -> None:
        """A new boot id is ACTIVE: tasks may be owned."""

    def fenced(self) -> None:
        """Stop: no claim, no body, under any boot id, until told otherwise."""

    async def renewed(self) -> None:
        """The lease is back before anybody took over: read my rows; when this returns, acting is allowed."""

    def changed(self) -> None:
        """Somebody changed something in the group, or this node began or ceased to lead."""
