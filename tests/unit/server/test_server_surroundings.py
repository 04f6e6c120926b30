"""What messages can see, by the settings."""

from pathlib import Path

from micro_integrator.config import load
from micro_integrator.registry import Registry
from micro_integrator.server.surroundings import surroundings
from micro_integrator.synapse import Surroundings

TEXT = """
[transport.http]
error_code_add_state = true
[message_builders]
text_javascript = "json"
[[custom_message_builders]]
content_type = "text/csv"
class = "org.wso2.carbon.relay.BinaryRelayBuilder"
[message_formatters]
text_xml = "pox"
[[custom_message_formatters]]
content_type = "application/vnd.acme"
class = "soap"
"""


def seen(home: Path, text: str) -> Surroundings:
    (home / "conf").mkdir()
    (home / "conf/deployment.toml").write_text(text)
    return surroundings(load(home, properties={}, environ={}), Registry(home / "registry"))


def test_formats_and_codes_are_what_the_settings_say(tmp_path: Path) -> None:
    found = seen(tmp_path, TEXT)
    assert found.adds_state_to_code
    assert found.formats.read == {
        "text/javascript": "application/json",
        "text/csv": "application/octet-stream",
    }
    assert found.formats.written == {"text/xml": "application/xml", "application/vnd.acme": "text/xml"}


def test_without_settings_nothing_is_chosen(tmp_path: Path) -> None:
    found = seen(tmp_path, "")
    assert (found.adds_state_to_code, found.formats.read, found.formats.written) == (False, {}, {})
