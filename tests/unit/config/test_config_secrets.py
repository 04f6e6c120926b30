"""Secrets are kept as cipher texts, and the tool that makes them leaves the file as it found it."""

import base64
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cli import ciphertool
from micro_integrator.config import (
    ConfigurationErrors,
    Home,
    SecretError,
    Settings,
    encrypt,
    encrypt_secrets,
    master_key,
    new_master_key,
)
from micro_integrator.config.secrets import SCHEME, decrypt

Reading = Callable[..., Settings]

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()
DATASOURCE = '[[datasource]]\nid = "a"\nurl = "u"\npassword = "$secret{db}"\n'


@given(st.text(st.characters(codec="utf-8")))
def test_a_secret_survives_encryption(text: str) -> None:
    cipher_text = encrypt(text, KEY)
    assert cipher_text.startswith(SCHEME)
    assert decrypt(cipher_text, KEY, "x") == text
    assert encrypt(text, KEY) != cipher_text


@pytest.mark.parametrize("change", [lambda t: t[:-8] + "AAAAAAA=", lambda t: SCHEME, lambda t: SCHEME + "%"])
def test_a_changed_cipher_text_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(SecretError, match="Secret 'db' cannot be decrypted with the configured key"):
        decrypt(change(encrypt("hunter2", KEY)), KEY, "db")


def test_a_cipher_text_is_decrypted_with_the_key_of_the_environment(reading: Reading) -> None:
    text = f'[secrets]\ndb = "{encrypt("hunter2", KEY)}"\n{DATASOURCE}'
    settings = reading(text, environ={"MI_SECRET_KEY": KEY_TEXT})
    assert settings.datasources["a"].password == "hunter2"
    assert settings.secret_values == {"hunter2"}
    with pytest.raises(ConfigurationErrors, match="Secret 'db' cannot be decrypted with the configured key"):
        reading(text, environ={"MI_SECRET_KEY": base64.b64encode(bytes(32)).decode()})
    with pytest.raises(ConfigurationErrors, match="MI_SECRET_KEY is not a master key: expected 32 bytes"):
        reading(text, environ={"MI_SECRET_KEY": "short"})


def test_a_secret_may_lie_in_a_file_or_in_the_environment(reading: Reading, tmp_path: Path) -> None:
    (tmp_path / "db").write_text("from file\n")
    assert reading(f'[secrets]\ndb = "{{file:db}}"\n{DATASOURCE}').datasources["a"].password == "from file"
    settings = reading(f'[secrets]\ndb = "$env{{P}}"\n{DATASOURCE}', environ={"P": "{not a form}"})
    assert settings.datasources["a"].password == "{not a form}"
    assert settings.secret_values == {"{not a form}"}


def test_plain_text_is_accepted_only_when_asked_for(reading: Reading) -> None:
    settings = reading(f'[secrets]\ndb = "[plain]"\n{DATASOURCE}', properties={"encryptSecrets": "true"})
    assert settings.datasources["a"].password == "plain"


def test_the_first_place_that_has_a_key_counts(tmp_path: Path) -> None:
    def key(number: int) -> str:
        return base64.b64encode(bytes([number]) * 32).decode()

    assert master_key(Home(tmp_path)) is None
    generated = new_master_key(Home(tmp_path))
    assert master_key(Home(tmp_path)) == generated
    (tmp_path / "password-persist").write_text(key(3))
    assert master_key(Home(tmp_path)) == bytes([3]) * 32
    (tmp_path / "password-tmp").write_text(key(2) + "\n")
    assert master_key(Home(tmp_path)) == bytes([2]) * 32
    (tmp_path / "mounted").write_text(key(1))
    named = {"MI_SECRET_KEY_FILE": "mounted"}
    assert master_key(Home(tmp_path, named)) == bytes([1]) * 32
    assert master_key(Home(tmp_path, {**named, "MI_SECRET_KEY": key(0)})) == bytes(32)


FILE = """\ufeff# top
[secrets]   # the secrets
db = "[hunter2]"     # of the database
  'quoted.alias' = '[with "quotes" and \\]' # kept
long = \"\"\"[two
lines]\"\"\"
done = "{aesgcm:v1}xxx"
plain = "$env{X}"
nested.one = "[n]"
[other]
db = "[not a secret]"
"""


def test_only_the_values_in_brackets_change(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    file = conf / "deployment.toml"
    file.write_bytes(FILE.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    aliases = encrypt_secrets(Home(tmp_path), KEY)
    assert aliases == ("db", "quoted.alias", "long", "nested.one")
    lines = file.read_bytes().decode().split("\r\n")
    clear = {
        alias: decrypt(lines[at].split('"')[1], KEY, alias)
        for alias, at in zip(aliases, (2, 3, 4, 7), strict=True)
    }
    assert clear == {
        "db": "hunter2",
        "quoted.alias": 'with "quotes" and \\',
        "long": "two\nlines",
        "nested.one": "n",
    }
    kept = [line for at, line in enumerate(lines) if at not in (2, 3, 4, 7)]
    assert kept == ["\ufeff# top", "[secrets]   # the secrets", *FILE.split("\n")[6:8], *FILE.split("\n")[9:]]
    assert lines[2].endswith('"     # of the database')
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    before = file.read_bytes()
    assert encrypt_secrets(Home(tmp_path), KEY) == ()
    assert file.read_bytes() == before


def test_a_linked_file_stays_linked(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "real.toml").write_text('[secrets]\ndb = "[x]"\n')
    link = tmp_path / "conf" / "deployment.toml"
    link.symlink_to(tmp_path / "real.toml")
    encrypt_secrets(Home(tmp_path), KEY)
    assert link.is_symlink()
    assert SCHEME in (tmp_path / "real.toml").read_text()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("MI_")]:
        monkeypatch.delenv(name)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "deployment.toml").write_text(f'[secrets]\ndb = "[hunter2]"\n{DATASOURCE}')
    return tmp_path


def test_the_tool_makes_a_key_and_encrypts_so_that_the_server_can_read(
    home: Path, capsys: pytest.CaptureFixture[str], reading: Reading
) -> None:
    assert ciphertool.main(["-Dconfigure"], home) == 0
    told = capsys.readouterr()
    assert told.out == "Secret 'db' is encrypted\n"
    key_file = home / "repository" / "resources" / "security" / "secret.key"
    assert str(key_file) in told.err
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    text = (home / "conf" / "deployment.toml").read_text()
    assert "hunter2" not in text
    assert reading(text).datasources["a"].password == "hunter2"
    assert ciphertool.main(["-Dconfigure"], home) == 0
    assert "Nothing to encrypt" in capsys.readouterr().out
    key_file.unlink()
    with pytest.raises(ConfigurationErrors, match="there is no key"):
        reading(text)


def test_the_tool_prints_the_cipher_text_of_what_it_reads(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MI_SECRET_KEY", KEY_TEXT)
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2\n"))
    assert ciphertool.main([], home) == 0
    assert decrypt(capsys.readouterr().out.strip(), KEY, "x") == "hunter2"


@pytest.mark.parametrize(
    ("arguments", "key", "file", "code", "said"),
    [
        (["-Dconfigur"], KEY_TEXT, "", 2, "usage: ciphertool.sh"),
        (["-Dconfigure"], "short", "", 3, "MI_SECRET_KEY is not a master key"),
        (["-Dconfigure"], KEY_TEXT, "[secrets\n", 3, "conf/deployment.toml:1:9: "),
        ([], KEY_TEXT, "", 2, "the text is empty"),
    ],
)
def test_the_tool_says_what_is_wrong(
    arguments: list[str],
    key: str,
    file: str,
    code: int,
    said: str,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MI_SECRET_KEY", key)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (home / "conf" / "deployment.toml").write_text(file)
    assert ciphertool.main(arguments, home) == code
    assert said in capsys.readouterr().err
