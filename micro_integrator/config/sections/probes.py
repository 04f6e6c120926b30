"""[readiness_probe] and [prometheus_api]: what the internal listener tells."""

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import boolean, integer


@section("readiness_probe", later="protocols")
class ReadinessProbeSettings:
    """When and how `/healthz` says no."""

    status_code: int = key(503, kind=integer(at_least=400, at_most=599), doc="HTTP status of *not ready*")
    ignore_faulty_capps: bool = key(
        False, kind=boolean, doc="faulty applications do not make the node unready"
    )
    require_coordination: bool = key(
        False, kind=boolean, doc="a node that has lost the coordination database is not ready"
    )


@section("prometheus_api", later="protocols basic_security_handler.* authorization_handler.*")
class PrometheusSettings:
    """Metrics at `/metric-service/metrics` and `/metrics` of the internal listener."""

    enable: bool = key(True, kind=boolean, properties=("enablePrometheusApi",), doc="serve the metrics")
