"""The root of the error tree; every branch lives in the room that raises it.

MicroIntegratorError
├ ConfigurationError   config      the server does not start (exit 3)
├ DeploymentError      synapse     the artifact is FAULTY
├ MediationError       synapse     the message faults; carries code, message, detail
├ DatabaseError        database    LostRace · Retryable · OutcomeUnknown · Unreachable
├ CoordinationError    cluster     LeaseLost · FireRefused
└ TriggerError         tasks       a trigger that cannot be scheduled
"""


class MicroIntegratorError(Exception):
    """An error this program foresaw: its text says where, what is wrong and what to do instead."""
