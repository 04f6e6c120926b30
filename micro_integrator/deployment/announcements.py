"""The lines operators wait for when something is deployed; most are the reference's, to the letter."""

from micro_integrator.deployment.catalogue import Application, Version
from micro_integrator.deployment.problem import Faulty
from micro_integrator.observability import Logger, get_logger
from micro_integrator.synapse import Artifact, Reference

_KINDS = {
    "task": ("TaskDeployer", "StartupTask"),
    "sequence": ("SequenceDeployer", "Sequence"),
    "endpoint": ("EndpointDeployer", "Endpoint"),
    "localEntry": ("LocalEntryDeployer", "LocalEntry"),
    "api": ("APIDeployer", "API"),
}
"""Kind → logger and the word in its lines."""

log = get_logger("Deployment")
application_log = get_logger("CappDeployer")
_logs = {kind: get_logger(name) for kind, (name, _) in _KINDS.items()}


def deployed(artifact: Artifact) -> None:
    """Tell that a new artifact is in force."""
    _log(artifact).info(
        "{kind} named '{artifact}' has been deployed from file : {file}",
        kind=_word(artifact),
        artifact=artifact.name,
        file=str(artifact.origin.source.path),
    )


def updated(artifact: Artifact) -> None:
    """Tell that a new definition has replaced an old one."""
    _log(artifact).info(
        "{kind}: {artifact} has been updated from the file: {file}",
        kind=_word(artifact),
        artifact=artifact.name,
        file=str(artifact.origin.source.path),
    )


def undeployed(artifact: Artifact) -> None:
    """Tell that an artifact is no longer in force."""
    _log(artifact).info(
        "{kind} named '{artifact}' has been undeployed", kind=_word(artifact), artifact=artifact.name
    )


def ended_badly(artifact: Artifact, error: Exception) -> None:
    """Tell that an artifact failed while it was undeployed."""
    _log(artifact).error(
        "{kind} named '{artifact}' did not end in order",
        kind=_word(artifact),
        artifact=artifact.name,
        exc_info=error,
    )


def cycle_failed(error: Exception) -> None:
    """Tell that a whole pass failed; the next one tries again."""
    log.error("Deployment cycle failed: {error}", error=repr(error), exc_info=error)


def taken(version: Version) -> None:
    """Tell that an application is complete, and what was odd about any file."""
    for note in version.package.notes:
        application_log.warning("{note}", note=note)
    for remark in version.package.remarks:
        application_log.info("{remark}", remark=remark)
    for notice in version.notices:
        log.warning("{notice}", notice=str(notice))
    if version.package.is_application:
        application_log.info(
            "Successfully Deployed Carbon Application : {application}{{super-tenant}}",
            application=version.package.label,
        )


def left(version: Version) -> None:
    """Tell that an application is gone."""
    if version.package.is_application:
        application_log.info(
            "Successfully Undeployed Carbon Application : {application}{{super-tenant}}",
            application=version.package.label,
        )


def refused(application: Application, fault: Faulty, *, is_application: bool) -> None:
    """Tell why a file is faulty, every problem on a line of its own."""
    if is_application:
        application_log.error(
            "Error occurred while deploying the Carbon application: {file}. "
            "Reverting successfully deployed artifacts in the CApp.",
            file=application.shown,
        )
    for problem in fault.problems:
        log.error("{problem}", problem=str(problem))
    if application.current is not None:
        log.warning("[{file}] the last good version stays in force", file=application.shown)


def dangling(reference: Reference) -> None:
    """Tell that an artifact refers to something that is not deployed; it will fault when a message gets there."""
    log.warning(
        "{place}: {kind} [{key}] is referred to but not deployed",
        place=str(reference.source),
        kind=reference.kind,
        key=reference.key,
    )


def _log(artifact: Artifact) -> Logger:
    return _logs.get(artifact.kind, log)


def _word(artifact: Artifact) -> str:
    return _KINDS.get(artifact.kind, ("", artifact.kind))[1]
