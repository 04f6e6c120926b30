"""What can go wrong between this program and a database, sorted by what the caller may do next.

DatabaseError
├ LostRace         it exists already: somebody was faster, an answer and no failure
├ Retryable        the statement was not executed; the same one may succeed when sent again (`retrying`)
├ OutcomeUnknown   a write was sent and nobody knows whether it was executed
├ Unreachable      nothing was executed and the database does not answer at present
└ Refused          the database answers and says no: password, database, table, permission, statement
"""

from micro_integrator.kit import MicroIntegratorError


class DatabaseError(MicroIntegratorError):
    """Base of all; its text is one line that names the database and never a password."""


class LostRace(DatabaseError):
    """A duplicate key: another node has inserted the row, or created the table, first."""


class Retryable(DatabaseError):
    """Deadlock, serialization failure, lock or statement time limit of the server: not executed."""


class OutcomeUnknown(DatabaseError):
    """The connection was lost, or the time was up, after a write had been sent."""


class Unreachable(DatabaseError):
    """No connection, or it was lost while reading; try again later on a new one."""


class Refused(DatabaseError):
    """Trying again will not help before somebody mends the configuration or the database.

    `missing_table` is the name of the table that does not exist, in upper case, or an empty string.
    """

    def __init__(self, message: str, missing_table: str = "") -> None:
        super().__init__(message)
        self.missing_table = missing_table
