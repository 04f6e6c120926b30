"""What one attempt to reach a member can end in."""

from enum import Enum

Address = tuple[str, int]
"""IP address and port, resolved."""


class Answer(Enum):
    """The end of one attempt, in the words of the log."""

    WELCOMED = "alive"
    """WELCOME with the node id and boot id looked for."""
    REPLACED = "another process of this member"
    """WELCOME with its node id and a boot id that is nobody else's."""
    REFUSED = "refused"
    OTHER_MEMBER = "another member"
    """WELCOME with a boot id of mine or of another member, or with another node id."""
    WRONG_KEY = "wrong key"
    WRONG_GROUP = "another group"
    WRONG_PROTOCOL = "another protocol"
    CLOSED = "closed before WELCOME"
    TIMED_OUT = "time-out"
    UNREACHABLE = "unreachable"
    UNRESOLVABLE = "unresolvable"
