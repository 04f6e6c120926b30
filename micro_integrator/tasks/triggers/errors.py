"""The error of a trigger that cannot be scheduled."""

from micro_integrator.kit import MicroIntegratorError


class TriggerError(MicroIntegratorError):
    """A trigger that cannot be scheduled: which attribute, what is wrong with it, what is allowed.

    `attribute` names the attribute of <trigger> to be corrected, `timezone` for an unknown time zone.
    """

    def __init__(self, message: str, attribute: str) -> None:
        super().__init__(message)
        self.attribute = attribute
