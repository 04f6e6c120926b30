"""How the management API is set up in deployment.toml."""

from collections.abc import Callable
from pathlib import Path

import pytest

from micro_integrator.config import ConfigurationErrors, Settings

Reading = Callable[..., Settings]

PUBLISHED = """
[user_access]
make_non_admin_users_read_only = true

[internal_apis.file_user_store]
enable = true

[[internal_apis.users]]
user.name = "admin"
user.password = "admin"

[[internal_apis.users]]
user.name = "user1"
user.password = "pwd-of-user1"
user.is_admin = false

[management_api.jwt_token_security_handler]
enable = true
token_store_config.max_size = "200"
token_config.expiry = "3600"
token_config.size = "2048"

[[management_api.authorization_handler.resources]]
path = "/users"

[management_api.cors]
enabled = true
allowed_origins = "https://127.0.0.1:9743,https://wso2.com:9743"

[internal_api_ssl_config]
parameter.sslVerifyClient = false
parameter.httpsProtocols = "TLSv1,TLSv1.1,TLSv1.2"
"""


def test_the_sections_of_published_files_are_understood(reading: Reading) -> None:
    settings = reading(PUBLISHED)
    assert [(user.name, user.is_admin) for user in settings.users] == [("admin", True), ("user1", False)]
    assert settings.management_api.cors.allowed_origins == ("https://127.0.0.1:9743", "https://wso2.com:9743")
    assert settings.management_api.jwt_token_security_handler.expiry == 3600
    assert settings.user_access.make_non_admin_users_read_only
    assert settings.internal_api_ssl_config.speaks == ("TLSv1.2",)
    assert settings.internal_api_ssl_config.verify_client == "none"
    assert settings.ports.internal_https == 9164
    assert not any("Unknown" in line for line in settings.warnings)


def test_passwords_are_masked_in_the_log_unless_they_are_names_as_well(reading: Reading) -> None:
    settings = reading(PUBLISHED)
    assert settings.secret_values == {"pwd-of-user1"}
    assert "pwd-of-user1" not in repr(settings)


def test_plain_passwords_are_warned_of_and_hashes_are_not(reading: Reading) -> None:
    hashed = "pbkdf2_sha256$600000$salt$aGFzaA=="
    text = "[[internal_apis.users]]\nuser.name = 'nora'\nuser.password = '{}'\n"
    assert any(
        "'nora': the password is plain text" in line for line in reading(text.format("s3cret")).warnings
    )
    settings = reading(text.format(hashed))
    assert settings.warnings == ()
    assert settings.users[0].is_hashed


def test_a_password_may_be_a_secret(reading: Reading) -> None:
    text = (
        "[secrets]\nboss = '$env{BOSS}'\n[[internal_apis.users]]\nuser.name = 'boss'\n"
        "user.password = '$secret{boss}'\n"
    )
    assert reading(text, environ={"BOSS": "hunter2hunter2"}).users[0].stored == "hunter2hunter2"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[[internal_apis.users]]\nuser.password = 'x'\n", 1, "user.name is missing"),
        ("[[internal_apis.users]]\nuser.name = 'no'\nuser.password = 'x'\n", 2, "3 to 30 characters"),
        ("[[internal_apis.users]]\nuser.name = 'nora'\n", 2, "needs user.password or user.password_hash"),
        (
            "[[internal_apis.users]]\nuser.name = 'nora'\nuser.password_hash = 'x'\n",
            3,
            "expected pbkdf2_sha256",
        ),
        ("[[internal_apis.users]]\nuser = {name = 'nora', password = 'x'}\n" * 2, 4, "'nora' is given twice"),
        ("[management_api]\nprotocols = 'gopher'\n", 2, "expected https, http or both, not gopher"),
        ("[management_api]\nprotocols = ''\n", 2, "expected https, http or both, not nothing"),
        (
            "[management_api.jwt_token_security_handler]\ntoken_config.secret = 'short'\n",
            2,
            "at least 32 characters",
        ),
        ("[management_api.jwt_token_security_handler]\nenable = false\n", 2, "nobody could log in"),
        ("[keystore.primary]\nfile_name = 'wso2carbon.jks'\n", 2, "keytool -importkeystore"),
        ("[mediation]\ninternal_https_api_port = 65530\n", 2, "gives 65540: expected at most 65535"),
    ],
)
def test_what_cannot_work_is_a_problem_with_its_line(
    text: str, line: int, reason: str, reading: Reading
) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        reading(text)
    assert [(problem.line, reason in problem.message) for problem in caught.value.problems] == [(line, True)]
    assert "short" not in str(caught.value)


@pytest.mark.parametrize("written", ["'https http'", "'HTTPS, http'", "['http', 'https']"])
def test_the_protocols_may_be_a_text_or_a_list(written: str, reading: Reading) -> None:
    wanted = reading(f"[management_api]\nprotocols = {written}\n").management_api
    assert (wanted.answers_on("http"), wanted.answers_on("https")) == (True, True)


def test_a_user_can_be_given_by_the_environment(reading: Reading, tmp_path: Path) -> None:
    environ = {
        "MI__INTERNAL_APIS__USERS__0__USER__NAME": "nora",
        "MI__INTERNAL_APIS__USERS__0__USER__PASSWORD": "s3cret-of-nora",
    }
    assert [user.name for user in reading("", environ=environ).users] == ["nora"]


def test_the_api_can_be_switched_off_from_the_command_line(reading: Reading) -> None:
    assert not reading("", properties={"enableManagementApi": "false"}).management_api.answers_on("https")
