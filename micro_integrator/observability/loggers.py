"""Names of loggers that users of the reference know from its log files and name in their level settings."""

from collections.abc import Mapping

PACKAGE = "micro_integrator."

_COORDINATION = "org.wso2.micro.integrator.coordination."
_NTASK = "org.wso2.micro.integrator.ntask."
_SCHEDULING = _NTASK + "coordination.task."
_INITIALIZER = "org.wso2.micro.integrator.initializer."
_SYNAPSE = "org.apache.synapse."
_INBOUND = "org.wso2.carbon.inbound.endpoint."

JAVA_NAMES: Mapping[str, str] = {
    name.rpartition(".")[2]: name
    for name in (
        "AUDIT_LOG",
        "correlation",
        # membership
        _COORDINATION + "ClusterCoordinator",
        _COORDINATION + "RDBMSCommunicationBusContextImpl",
        _COORDINATION + "RDBMSCoordinationStrategy",
        _COORDINATION + "RDBMSMemberEventListenerTask",
        # tasks
        _NTASK + "core.internal.TasksDSComponent",
        _NTASK + "core.internal.CoordinatedTaskScheduleManager",
        _NTASK + "core.service.impl.TaskServiceImpl",
        _NTASK + "core.impl.AbstractQuartzTaskManager",
        _NTASK + "core.impl.standalone.ScheduledTaskManager",
        _SCHEDULING + "TaskEventListener",
        _SCHEDULING + "scehduler.CoordinatedTaskScheduler",  # spelt like this in the reference
        _SCHEDULING + "resolver.ActivePassiveResolver",
        _SCHEDULING + "resolver.RoundRobinResolver",
        _SCHEDULING + "resolver.TaskNodeResolver",
        "org.wso2.micro.integrator.mediation.ntask.NTaskTaskManager",
        _SYNAPSE + "startup.quartz.StartUpController",
        _SYNAPSE + "startup.tasks.MessageInjector",
        # deployment
        _INITIALIZER + "deployment.application.deployer.CappDeployer",
        _SYNAPSE + "deployers.TaskDeployer",
        _SYNAPSE + "deployers.SequenceDeployer",
        _SYNAPSE + "deployers.EndpointDeployer",
        _SYNAPSE + "deployers.LocalEntryDeployer",
        # mediation and transports
        _SYNAPSE + "mediators.builtin.LogMediator",
        _SYNAPSE + "message.processor.impl.ScheduledMessageProcessor",
        _INBOUND + "common.InboundRequestProcessorImpl",
        _INBOUND + "common.InboundOneTimeTriggerRequestProcessor",
        _INBOUND + "protocol.http.InboundHttpListener",
        # life of the server
        _INITIALIZER + "StartupFinalizer",
        "org.wso2.micro.integrator.core.internal.CoreServerInitializer",
    )
}
"""Short name on the console → class name in the files."""

PLACES_OF_JAVA_NAMES: Mapping[str, str] = {
    "org.wso2.micro.integrator.coordination": "cluster",
    "org.wso2.micro.integrator.ntask": "tasks",
    "org.wso2.micro.integrator.mediation.ntask": "tasks",
    "org.wso2.micro.integrator.initializer.deployment": "deployment",
    "org.wso2.micro.integrator.management": "management",
    "org.wso2.carbon.inbound.endpoint": "transports",
    "org.apache.synapse": "synapse",
    "org.apache.synapse.deployers": "deployment",
    "org.apache.synapse.endpoints": "synapse.endpoints",
    "org.apache.synapse.mediators": "synapse.mediators",
    "org.apache.synapse.mediators.builtin.LogMediator": "synapse.mediators.log",
    "org.apache.synapse.startup": "synapse.artifacts.task",
    "org.apache.synapse.transport": "transports",
    "org.apache.synapse.transport.http.headers": "transports.http.headers",
    "org.apache.synapse.transport.http.wire": "transports.http.wire",
}
"""Java name in a level setting → the place in this program that does the same work."""


def long_name(short: str, place: str) -> str:
    """Return what log files call a logger: the reference's class, else `micro_integrator.<place>.<short>`."""
    return JAVA_NAMES.get(short) or f"{PACKAGE}{place}.{short}"
