"""Keys of the HTTP transport that are more than a value."""

from collections.abc import Callable

import pytest

from micro_integrator.config import ConfigurationErrors, Settings

Reading = Callable[..., Settings]


@pytest.mark.parametrize(
    "section", ["transport.http.listener", "transport.http.sender", "internal_api_ssl_config"]
)
def test_revocation_that_is_asked_for_and_not_checked_is_one_warning(reading: Reading, section: str) -> None:
    [warning] = reading(f"[{section}]\ncertificate_revocation_verifier_enable = true\n").warnings
    assert f"[{section}] certificate_revocation_verifier_enable has no effect" in warning
    assert reading(f"[{section}]\ncertificate_revocation_verifier_enable = false\n").warnings == ()


def test_the_type_of_untyped_requests_has_the_name_of_the_reference_too(reading: Reading) -> None:
    settings = reading("[passthru_properties]\nDEFAULT_REQUEST_CONTENT_TYPE = 'text/xml; charset=UTF-8'\n")
    assert settings.transport_http.default_request_content_type == "text/xml; charset=UTF-8"
    with pytest.raises(ConfigurationErrors, match="expected a content type"):
        reading('[transport.http]\ndefault_request_content_type = "xml"\n')


def test_the_access_log_may_have_a_section_of_its_own(reading: Reading) -> None:
    settings = reading('[access_log]\naccess_log_enable = true\naccess_log_pattern = "common"\n')
    assert settings.warnings == ()
    assert settings.transport_http.access_log.access_log_enable
    assert settings.transport_http.access_log.access_log_pattern == "common"


def test_formats_of_media_types_are_chosen_by_name_or_by_the_reference_s_class(reading: Reading) -> None:
    settings = reading(
        """
        [message_builders]
        application_json = "org.wso2.micro.integrator.core.json.JsonStreamBuilder"
        text_plain = "org.wso2.carbon.relay.BinaryRelayBuilder"
        [message_formatters]
        soap_xml = "org.apache.axis2.transport.http.SOAPMessageFormatter"
        octet_stream = "org.wso2.carbon.relay.ExpandingMessageFormatter"
        text_xml = "pox"
        [[custom_message_builders]]
        content_type = "Application/vnd.acme; v=1"
        class = "json"
        [[custom_message_formatters]]
        content_type = "image/png"
        class = "org.wso2.carbon.relay.ExpandingMessageFormatter"
        """
    )
    assert settings.warnings == ()
    assert settings.message_builders.formats == {"application/json": "json", "text/plain": "binary"}
    assert settings.message_formatters.formats == {
        "application/soap+xml": "soap",
        "application/octet-stream": "binary",
        "text/xml": "xml",
    }
    assert [one.formats for one in settings.custom_message_builders] == [{"application/vnd.acme": "json"}]
    assert [one.formats for one in settings.custom_message_formatters] == [{"image/png": "binary"}]


def test_a_class_that_cannot_run_here_is_a_warning_that_says_what_can(reading: Reading) -> None:
    settings = reading(
        """
        [message_builders]
        text_javascript = "org.apache.axis2.json.JSONBuilder"
        application_cbor = "binary"
        [[custom_message_formatters]]
        content_type = "text/csv"
        class = "com.acme.JsonStreamFormatter"
        """
    )
    formats = "for Java classes cannot run here: name one of the formats json, xml, soap, text, form, multipart, binary"
    custom, refused, unknown = settings.warnings
    assert refused.endswith(f"text_javascript = 'org.apache.axis2.json.JSONBuilder' is not used, {formats}")
    assert unknown.endswith(
        "application_cbor is not used: name its media type as content_type in [[custom_message_builders]]"
    )
    assert custom.endswith(f"class = 'com.acme.JsonStreamFormatter' for text/csv is not used, {formats}")
    assert settings.message_builders.formats == {}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"*"', ("*",)),
        ('"text/xml|application/json"', ("text/xml", "application/json")),
        ('["text/xml", "text/plain"]', ("text/xml", "text/plain")),
    ],
)
def test_content_types_of_server_errors_are_written_as_in_the_reference(
    reading: Reading, written: str, expected: tuple[str, ...]
) -> None:
    settings = reading(f"[transport.http.sender]\nwarn_on_http_500 = {written}\n")
    assert settings.transport_http.sender.warn_on_http_500 == expected
