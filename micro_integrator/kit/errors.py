"""The root of the error tree; every branch lives in the room that raises it.

MicroIntegratorError
├ ConfigurationError   config      the server does not start (exit 3)
├ DeploymentError      synapse     the artifact is FAULTY
├ MediationError       synapse     the message faults; carries code, message, detail
├ LeaseLost            synapse     a send was refused because this node may not act any more; no fault sequence runs
├ DatabaseError        database    LostRace · Retryable · OutcomeUnknown · Unreachable · Refused
├ CoordinationError    cluster     a request of an operator that coordination refuses
└ TriggerError         tasks       a trigger that cannot be scheduled
"""


class MicroIntegratorError(Exception):
    """An error this program foresaw: its text says where, what is wrong and what to do instead."""
