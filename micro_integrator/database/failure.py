"""From an error of a driver to the one of ours, with a line that an operator can act on."""

from micro_integrator.database.dialects.dialect import Diagnosis, root_cause
from micro_integrator.database.errors import DatabaseError, OutcomeUnknown, Refused, Unreachable


def failure(
    place: str, error: BaseException, diagnosis: Diagnosis, aborted: str = "", *, writes: bool = False
) -> DatabaseError:
    """Return the error to raise for `error` at `place`.

    `aborted` is why we cut the connection ourselves, if so; `writes` says that a write was under way, whose
    outcome nobody knows once the connection is gone.
    """
    lost = aborted or issubclass(diagnosis.kind, Unreachable)
    reason = f"{place}: {aborted or _first_line(root_cause(error))}"
    if lost:
        return OutcomeUnknown(f"{reason}; the write may have happened") if writes else Unreachable(reason)
    if issubclass(diagnosis.kind, Refused):
        return Refused(reason, diagnosis.missing_table)
    return diagnosis.kind(reason)


def _first_line(error: BaseException) -> str:
    # MySQL drivers keep (number, text) in args
    text = str(error.args[1]) if len(error.args) > 1 and isinstance(error.args[0], int) else str(error)
    return text.strip().partition("\n")[0] or type(error).__name__
