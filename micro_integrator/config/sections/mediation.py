"""[mediation]: limits and switches of the engine, and the internal listener."""

import re
from collections.abc import Mapping

from micro_integrator.config.keys import key, part, section, table
from micro_integrator.config.kinds import (
    boolean,
    filled,
    integer,
    milliseconds,
    port,
    regexes,
    size,
    string,
    strings,
)


@section(
    "mediation.synapse",
    raw_table="synapse_properties",
    later="""
    maximum_failover_retries suspend_duration_on_maximum_failover temp_data_chunk_size
    enable_xpath_dom_failover freemarker_templates_base_path disable_thread_switch_on_blocking_call
    script_mediator_pool_size command_debugger_port event_debugger_port endpoint_single_probe json_out_auto_array
    """,
)
class SynapseSettings:
    """Concurrency, time-outs and conversions of the engine."""

    max_threads: int = key(
        100,
        kind=integer(at_least=1),
        raw="synapse.threads.max",
        doc="messages that are injected at the same time",
    )
    threads_queue_length: int = key(
        10000,
        kind=integer(at_least=-1),
        raw="synapse.threads.qlen",
        doc="injections that may wait for their turn; -1 means 10000, for memory is a limit",
    )
    global_timeout_interval: float = key(
        120000,
        kind=milliseconds(at_least=1),
        raw="synapse.global_timeout_interval",
        doc="milliseconds an endpoint without a time-out of its own may take",
    )
    preserve_namespace_on_xml_to_json: bool = key(
        False, kind=boolean, raw="synapse.commons.json.preserve.namespace", doc="keep prefixes in JSON names"
    )
    enable_xml_nil: bool = key(
        False,
        kind=boolean,
        raw="synapse.commons.enableXmlNilReadWrite",
        doc="JSON null is `xsi:nil` and back",
    )
    enable_namespace_declaration: bool = key(
        False,
        kind=boolean,
        raw="synapse.commons.json.output.enableNSDeclarations",
        doc="write namespace declarations into JSON",
    )
    build_valid_nc_name: bool = key(
        False,
        kind=boolean,
        raw="synapse.commons.json.buildValidNCNames",
        doc="escape JSON names that are no XML names",
    )
    enable_auto_primitive: bool = key(
        True,
        kind=boolean,
        raw="synapse.commons.json.output.autoPrimitive",
        doc="XML texts that look like numbers or truth values become such in JSON",
    )
    disable_auto_primitive_regex: str | None = key(
        None,
        kind=filled,
        raw="synapse.commons.json.output.disableAutoPrimitive.regex",
        doc="texts that stay texts although they look like numbers",
    )
    disable_custom_replace_regex: str | None = key(
        None,
        kind=filled,
        raw="synapse.commons.json.json.output.disableAutoPrimitive.customReplaceRegex",
        doc="what is replaced in texts that stay texts",
    )
    rest_cors_enable: bool = key(
        True,
        kind=boolean,
        raw="synapse.rest.CORSConfig.enabled",
        doc="tell browsers which pages of other origins may use the APIs",
    )
    rest_cors_allow_origin: str = key(
        "",
        kind=string,
        raw="synapse.rest.CORSConfig.Access-Control-Allow-Origin",
        doc="origins of such pages, separated by commas, or `*`; default: none",
    )
    rest_cors_allow_headers: str = key(
        "",
        kind=string,
        raw="synapse.rest.CORSConfig.Access-Control-Allow-Headers",
        doc="headers that requests of such pages may carry, separated by commas",
    )


@section(
    "mediation",
    later="""
    inbound.* flow.* stat.* statistics.* http_client.* timeout_never_runs_fault allow_code_in_capp
    script_languages max_fan_out payload_max_depth
    """,
)
class MediationSettings:
    """Limits and switches of the engine, and the internal listener for probes and metrics."""

    internal_http_api_enable: bool = key(True, kind=boolean, doc="open the internal listener")
    internal_http_api_port: int = key(
        9191, kind=port, doc="base port of the internal listener (probes, metrics)"
    )
    internal_https_api_port: int = key(9154, kind=port, doc="base port of the management API")
    internal_http_api_bind_address: str = key(
        "0.0.0.0",  # noqa: S104 - what container platforms expect; the shipped file narrows it to loopback
        kind=filled,
        doc="address the internal listener binds to",
    )
    strict: bool = key(False, kind=boolean, doc="unknown attributes of artifacts are errors, not warnings")
    strict_references: bool = key(
        False, kind=boolean, doc="unresolved references of artifacts are errors, not warnings"
    )
    allow_system_property_write: bool = key(
        False, kind=boolean, doc="artifacts may set properties of the scope `system`"
    )
    class_aliases: Mapping[str, str] = table(
        kind=string, doc="class name in artifacts = `package.module:Class` that is used for it"
    )
    class_packages: tuple[str, ...] = key([], kind=strings, doc="packages whose classes artifacts may name")
    max_in_flight: int = key(2000, kind=integer(at_least=1), doc="messages in the engine at the same time")
    fault_drop_status: int = key(
        500,
        kind=integer(at_least=200),
        doc="what a client gets when a fault has ended without an answer, unless its kind says more; 202 as the "
        "reference",
    )
    payload_max_bytes: int = key("10 MiB", kind=size, doc="size of a payload that is built in memory")
    log_line_max_bytes: int = key("64 KiB", kind=size, doc="length of one line written by a log mediator")
    log_mask_patterns: tuple[re.Pattern[str], ...] = key(
        [], kind=regexes, doc="matches in lines of log mediators are replaced by `*****`"
    )
    synapse: SynapseSettings = part(SynapseSettings)
