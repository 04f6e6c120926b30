"""What is said over an authenticated connection, until it ends."""

from collections.abc import Collection
from enum import Enum, auto

from micro_integrator.cluster.wire.frames import Frame, FrameError, Kind, encode_numbers
from micro_integrator.cluster.wire.link import Link
from micro_integrator.cluster.wire.links import Life
from micro_integrator.cluster.wire.switchboard import Switchboard


class End(Enum):
    """How a connection ended."""

    LOST = auto()
    """End of file or reset, without a goodbye: the other side may have died."""
    BYE = auto()
    """The other side is leaving."""
    BROKEN = auto()
    """The other side did not keep to the protocol."""
    CUT = auto()
    """This side has ended it, or the network has: nothing is said about the other side."""


async def converse(
    link: Link, life: Life, expected: Collection[Kind], board: Switchboard, opening: Frame | None = None
) -> End:
    """Answer and pass on what `life` says, after its `opening` if that has been read already; return how it ended.

    The connection is cut when this returns.
    """
    try:
        frame = opening or await link.receive(expected)
        while frame is not None:
            if frame.kind is Kind.BYE:
                link.cut("bye")
                return End.BYE
            _hear(frame, link, life, board)
            frame = await link.receive(expected)
    except FrameError as error:
        link.cut(str(error))
        board.complaints.closed(link.address, life[0], str(error))
        return End.BROKEN
    except ConnectionError:
        pass  # a reset says as much as the end of the file
    except OSError as error:
        link.cut(str(error))
    end = End.CUT if link.cut_for else End.LOST
    link.cut("ended")
    return end


def _hear(frame: Frame, link: Link, life: Life, board: Switchboard) -> None:
    numbers = frame.numbers()
    if frame.kind is Kind.LOOK:
        board.hints.look(numbers[0])
        return
    counter, renew_seq = numbers
    if frame.kind is Kind.PING:
        link.send(encode_numbers(Kind.PONG, counter, board.standing.renew_seq))
    board.hints.renewal(life, renew_seq)
