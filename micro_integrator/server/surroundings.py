"""What messages can see beyond themselves, by the settings."""

import os
import re
from collections.abc import Iterable, Mapping

from micro_integrator.config import PropertiesFile, Settings, SynapseSettings
from micro_integrator.registry import Registry
from micro_integrator.synapse import ChosenFormats, JsonXmlRules, Surroundings


def surroundings(settings: Settings, registry: Registry) -> Surroundings:
    """Return what all messages of a node share."""
    mediation = settings.mediation
    return Surroundings(
        registry=registry,
        system=dict(settings.properties),
        may_write_system=mediation.allow_system_property_write,
        environ=os.environ,
        file_properties=PropertiesFile(settings.home.file_properties),
        json_xml=_json_xml(mediation.synapse),
        formats=_formats(settings),
        max_payload=mediation.payload_max_bytes,
        max_log_line=mediation.log_line_max_bytes,
        masks=mediation.log_mask_patterns,
        adds_state_to_code=settings.transport_http.error_code_add_state,
        call_time_limit=mediation.synapse.global_timeout_interval,
    )


def _formats(settings: Settings) -> ChosenFormats:
    read = [settings.message_builders.formats, *(one.formats for one in settings.custom_message_builders)]
    written = [settings.message_formatters.formats]
    written += [one.formats for one in settings.custom_message_formatters]
    return ChosenFormats.of_names(read=_joined(read), written=_joined(written))


def _joined(mappings: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    return {media_type: name for mapping in mappings for media_type, name in mapping.items()}


def _json_xml(synapse: SynapseSettings) -> JsonXmlRules:
    text, replaced = synapse.disable_auto_primitive_regex, synapse.disable_custom_replace_regex
    return JsonXmlRules(
        with_nil=synapse.enable_xml_nil,
        escape_names=synapse.build_valid_nc_name,
        auto_primitive=synapse.enable_auto_primitive,
        with_namespaces=synapse.preserve_namespace_on_xml_to_json or synapse.enable_namespace_declaration,
        text_pattern=re.compile(text) if text else None,
        replace_pattern=re.compile(replaced) if replaced else None,
    )
