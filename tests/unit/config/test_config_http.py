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
