"""What one reading of the configuration found out, collected so that a user sees all of it at once."""

from micro_integrator.config.errors import ConfigurationError, ConfigurationErrors, Place


class Report:
    """Problems stop the start, warnings and notices are logged once logging works."""

    def __init__(self) -> None:
        self.problems: list[ConfigurationError] = []
        self.warnings: list[str] = []
        self.notices: list[str] = []

    def problem(self, place: Place, message: str) -> None:
        """Remember something that makes the configuration invalid."""
        self.problems.append(ConfigurationError(place.file, place.line, message, column=place.column))

    def warn(self, place: Place, message: str) -> None:
        """Remember something that will hurt; `message` contains the remedy."""
        self.warnings.append(f"{place}: {message}")

    def notice(self, message: str) -> None:
        """Remember something worth one INFO line."""
        self.notices.append(message)

    def raise_problems(self) -> None:
        """Raise ConfigurationErrors if there was any problem."""
        if self.problems:
            raise ConfigurationErrors(sorted(self.problems, key=lambda problem: (problem.file, problem.line)))
