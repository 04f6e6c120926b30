"""Settings of the listener as a deployment.toml writes them."""

from pathlib import Path

import pytest

from micro_integrator.config import ConfigurationErrors, HttpTransportSettings, load


def read(home: Path, text: str) -> tuple[HttpTransportSettings, tuple[str, ...]]:
    (home / "conf").mkdir()
    (home / "conf/deployment.toml").write_text(text)
    settings = load(home, properties={}, environ={})
    return settings.transport_http, settings.warnings


def test_what_holds_when_nothing_is_said(tmp_path: Path) -> None:
    settings, _ = read(tmp_path, "")
    listener = settings.listener
    assert (listener.port, listener.secured_port, listener.bind_address) == (8280, 8243, "0.0.0.0")
    assert (settings.socket_timeout, settings.request_header_timeout) == (180, 30)
    assert (settings.most_connections, settings.most_body_bytes) == (None, None)
    assert settings.preserved_in_responses == ("Server",)
    assert not settings.access_log.access_log_enable


def test_names_of_the_reference(tmp_path: Path) -> None:
    text = """
        [transport.http.listener]
        port = 8290
        verify_client = "require"
        secured_protocols = "TLSv1.1,TLSv1.2"
        keystore.location = "esb.p12"
        keystore.password = "secret"

        [passthru_properties]
        'message.size.validation.enabled' = true
        'valid.max.message.size.in.bytes' = 1000
        'http.response.headers.preserve' = "Date"
        'http.server.preserve' = false
        max_open_connections = 50
        correlation_header_name = "X-Correlation-ID"
    """
    settings, warnings = read(tmp_path, text)
    listener = settings.listener
    assert (listener.port, listener.verify_client, listener.speaks) == (8290, "require", ("TLSv1.2",))
    assert (listener.keystore.file_name, listener.keystore.is_pkcs12) == ("esb.p12", True)
    assert (settings.most_connections, settings.most_body_bytes) == (50, 1000)
    assert settings.preserved_in_responses == ("Date",)
    assert settings.correlation_header_name == "X-Correlation-ID"
    assert any("TLSv1.1 is not spoken" in warning for warning in warnings)


def test_a_java_key_store_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    text = '[transport.http.listener.keystore]\nlocation = "wso2carbon.jks"\n'
    with pytest.raises(ConfigurationErrors) as caught:
        read(tmp_path, text)
    assert "keytool -importkeystore -srckeystore wso2carbon.jks" in str(caught.value)
