"""Who gets in with which password, and from where."""

from pathlib import Path

import pytest

from micro_integrator.config import FileUserStoreSettings, Home, UserSettings
from micro_integrator.management.rest import first_password, passwords
from micro_integrator.management.rest.first_password import first_admin
from micro_integrator.management.rest.passwords import matches
from micro_integrator.management.rest.user_store import users_of
from micro_integrator.management.rest.users import Users
from micro_integrator.observability import recorded_lines


def hashed(password: str) -> str:
    """Hash with few rounds: what is tested is not how long that takes."""
    return passwords.hashed(password, 1000)


def test_a_new_hash_matches_its_password_only_and_differs_each_time() -> None:
    one, other = hashed("s3cret"), hashed("s3cret")
    assert one != other
    assert matches("s3cret", one)
    assert not matches("s3cret ", one)
    assert "s3cret" not in one
    assert UserSettings(name="nora", password_hash=one).is_hashed


def test_a_hash_of_argon2_is_understood() -> None:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    made = Argon2id(salt=b"0123456789abcdef", length=32, iterations=1, lanes=1, memory_cost=64)
    stored = made.derive_phc_encoded(b"s3cret")
    assert UserSettings(name="nora", password_hash=stored).is_hashed
    assert matches("s3cret", stored)
    assert not matches("secret", stored)


@pytest.mark.parametrize("stored", ["$argon2id$v=19$m=1,t=0,p=0$AAAA$BBBB", "$argon2id$nonsense"])
def test_a_hash_nobody_can_compute_lets_nobody_in(stored: str) -> None:
    assert not matches("s3cret", stored)


def test_a_user_gets_in_with_the_password_of_the_file() -> None:
    users = Users([UserSettings(name="nora", password="s3cret", is_admin=False)])
    assert users.proven("nora", "s3cret", "192.0.2.7") is users.find("nora")
    assert users.proven("nora", "S3cret", "192.0.2.7") is None
    assert users.proven("olaf", "s3cret", "192.0.2.7") is None


@pytest.mark.parametrize("name", ["nobody", "", "-"])
def test_what_stands_in_for_unknown_users_is_none_itself(name: str) -> None:
    assert Users([]).proven(name, "-", "127.0.0.1") is None


@pytest.mark.parametrize(
    ("address", "gets_in"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("unknown", False),
    ],
)
@pytest.mark.parametrize("stored", ["admin", "hash"])
def test_the_password_everybody_knows_works_on_this_machine_only(
    address: str, gets_in: bool, stored: str
) -> None:
    user = UserSettings(name="admin", password="admin" if stored == "admin" else hashed("admin"))
    users = Users([user])
    assert users.has_well_known is (stored == "admin")
    assert (users.proven("admin", "admin", address) is not None) is gets_in
    from_afar = Users([user], well_known_from_afar=True)
    assert from_afar.proven("admin", "admin", address) is not None


def test_the_first_password_is_shown_once_and_never_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path)
    with recorded_lines() as lines:
        admin = first_admin(home)
        password = capsys.readouterr().out.split()[-1]
        assert Users([admin]).proven("admin", password, "192.0.2.7") is admin
        assert first_admin(home) == admin
        assert capsys.readouterr().out == ""
    assert not any(password in line for line in lines.texts())
    file = home.security / first_password.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert password not in file.read_text()


@pytest.mark.parametrize("content", [b"", b"\n", b"letmein", b"pbkdf2_sha256$x", b"\xff"])
def test_what_is_no_hash_is_no_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    home = Home(tmp_path)
    home.security.mkdir(parents=True)
    (home.security / first_password.FILE).write_bytes(content)
    with recorded_lines() as lines:
        users = Users([first_admin(home)])
    for guess in ("", "letmein", content.decode("latin-1").strip()):
        assert users.proven("admin", guess, "127.0.0.1") is None
    assert users.proven("admin", capsys.readouterr().out.split()[-1], "192.0.2.7") is not None
    assert "admin-password.hash cannot be used: " in lines.texts()[0]
    assert first_admin(home) == users.find("admin")


def test_without_users_there_is_an_admin_and_without_the_store_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert users_of([], FileUserStoreSettings(), home).find("admin") is not None
    nora = UserSettings(name="nora", password="s3cret")
    assert users_of([nora], FileUserStoreSettings(), home).find("admin") is None
    assert users_of([nora], FileUserStoreSettings(enable=False), home).find("nora") is None


@pytest.mark.parametrize(
    ("allowed", "reach"),
    [(False, "it lets nobody in but from this machine"), (True, "everybody who reaches this node can enter")],
)
def test_the_password_everybody_knows_is_warned_of(tmp_path: Path, allowed: bool, reach: str) -> None:
    admin = UserSettings(name="admin", password="admin")
    with recorded_lines() as lines:
        users_of([admin], FileUserStoreSettings(allow_default_credentials=allowed), Home(tmp_path))
    assert lines.texts() == [f"User 'admin' has the password 'admin': {reach}; give it another one"]


def test_a_home_that_cannot_be_written_has_a_password_for_this_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "repository").write_text("in the way")
    with recorded_lines() as lines:
        first_admin(Home(tmp_path))
    assert "password" in capsys.readouterr().out
    assert any("good for this start only" in line for line in lines.texts())
