"""Where a setting was written, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from micro_integrator.kit import MicroIntegratorError


@dataclass(frozen=True)
class Place:
    """Origin of a value: a file with line and column, or the name of a variable or property (line 0)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


class ConfigurationError(MicroIntegratorError):
    """One problem of the configuration; its text begins with the place."""

    def __init__(self, file: str, line: int, message: str, *, column: int = 0) -> None:
        super().__init__(f"{Place(file, line, column)}: {message}")
        self.file, self.line, self.column, self.message = file, line, column, message


class ConfigurationErrors(MicroIntegratorError):
    """All problems found in one reading, in the order of their lines; the server does not start (exit 3)."""

    def __init__(self, problems: Sequence[ConfigurationError]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
