"""Resources of the registry: found below one root and nowhere else, looked at again when that is due."""

from pathlib import Path

import pytest

from micro_integrator.registry import Registry, RegistryError


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


def resource(root: Path, name: str, content: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("conf:a/b.xml", "config/a/b.xml"),
        ("gov:a", "governance/a"),
        ("a", "governance/a"),
        ("/a", "governance/a"),
        ("local:a", "local/a"),
        ("resources:a", "governance/mi-resources/a"),
        ("/_system/config/a", "config/a"),
        ("/_system/governance/a", "governance/a"),
        ("file:other/a", "other/a"),
    ],
)
def test_a_key_names_a_file(tmp_path: Path, key: str, place: str) -> None:
    resource(tmp_path, place, "content")
    assert Registry(tmp_path).read(key) == b"content"


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    resource(tmp_path, "config/a", "x")
    assert Registry(tmp_path).read("conf:b") is None
    assert Registry(tmp_path).read("conf:a/b") is None


@pytest.mark.parametrize(
    "key", ["conf:../secret", "../../secret", "conf:a/../../secret", "conf:link", "conf:", "x\0y"]
)
def test_a_key_that_leads_out_is_refused(tmp_path: Path, key: str) -> None:
    root = tmp_path / "registry"
    secret = resource(tmp_path, "secret", "s")
    (root / "config").mkdir(parents=True)
    (root / "config" / "link").symlink_to(secret)
    with pytest.raises(RegistryError):
        Registry(root).read(key)
    with pytest.raises(RegistryError):
        Registry(root).write(key, b"")
    with pytest.raises(RegistryError):
        Registry(root).remove(key)
    assert secret.read_text() == "s"


def test_a_folder_is_no_resource(tmp_path: Path) -> None:
    resource(tmp_path, "config/a/b", "x")
    with pytest.raises(RegistryError, match="cannot be read"):
        Registry(tmp_path).read("conf:a")


def test_a_changed_file_is_seen_when_it_is_looked_at_again(tmp_path: Path) -> None:
    clock = HandClock()
    registry = Registry(tmp_path, clock)
    path = resource(tmp_path, "config/a", "one")
    assert registry.read("conf:a") == b"one"
    path.write_text("three")
    assert registry.read("conf:a") == b"one"
    clock.time = 15.0
    assert registry.read("conf:a") == b"three"
    path.unlink()
    clock.time = 30.0
    assert registry.read("conf:a") is None


def test_what_is_written_is_read_at_once(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.write("conf:new/a", b"one")
    assert registry.read("conf:new/a") == b"one"
    registry.write("conf:new/a", b"two")
    assert registry.read("conf:new/a") == b"two"


def test_what_is_removed_is_gone_at_once(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.write("conf:a", b"one")
    assert registry.read("conf:a") == b"one"
    registry.remove("conf:a")
    assert registry.read("conf:a") is None
    registry.remove("conf:a")


def test_properties_stand_beside_the_resource(tmp_path: Path) -> None:
    resource(tmp_path, "config/a.properties", "one = 1\n# comment\ntwo=2=2\n")
    registry = Registry(tmp_path)
    assert registry.property("conf:a", "one") == "1"
    assert registry.property("conf:a", "two") == "2=2"
    assert registry.property("conf:a", "three") is None
    assert registry.property("conf:b", "one") is None


def test_a_property_that_is_set_stands_beside_the_others_and_clears_the_content(tmp_path: Path) -> None:
    resource(tmp_path, "config/a.properties", "one = 1\ntwo=2\n")
    registry = Registry(tmp_path)
    registry.write("conf:a", b"content")
    registry.set_property("conf:a", "two", "a=b ü")
    registry.set_property("conf:a", "three", "")
    found = {name: Registry(tmp_path).property("conf:a", name) for name in ("one", "two", "three")}
    assert found == {"one": "1", "two": "a=b ü", "three": ""}
    assert registry.read("conf:a") == b""


@pytest.mark.parametrize(("name", "value"), [("", "v"), ("a=b", "v"), ("a\nb", "v"), ("a", "v\nc=1")])
def test_a_property_that_is_no_line_is_refused_and_changes_nothing(
    tmp_path: Path, name: str, value: str
) -> None:
    registry = Registry(tmp_path)
    registry.write("conf:a", b"content")
    with pytest.raises(RegistryError, match="cannot be kept"):
        registry.set_property("conf:a", name, value)
    assert registry.read("conf:a") == b"content"


def test_memory_is_bounded(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    for number in range(250):
        resource(tmp_path, f"config/{number}", "x")
        registry.read(f"conf:{number}")
    assert len(registry._held) == 200
