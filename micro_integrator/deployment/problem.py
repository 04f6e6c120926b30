"""What is wrong with a deployed file, and where: the words of the faulty list, the log and `check`."""

from collections.abc import Sequence
from dataclasses import dataclass

from micro_integrator.kit import MicroIntegratorError


@dataclass(frozen=True)
class Problem:
    """One reason with its place; `line` and `column` count from 1, 0 means unknown."""

    file: str
    reason: str
    line: int = 0
    column: int = 0
    artifact: str = ""

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])
        return f"{place}: {self.reason}"


class Faulty(MicroIntegratorError):
    """A file cannot be deployed; every problem found in it is listed at once.

    `may_heal` says that another file can mend it (a rival leaves, a missing application arrives).
    """

    def __init__(self, problems: Sequence[Problem], *, may_heal: bool = False) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems, self.may_heal = tuple(problems), may_heal

    @classmethod
    def at(cls, file: str, reason: str, line: int = 0, column: int = 0) -> "Faulty":
        """Return the error for one problem."""
        return cls([Problem(file, reason, line, column)])


class Incomplete(Faulty):
    """The file ends too early or does not match its checksums: perhaps somebody is still copying it."""
