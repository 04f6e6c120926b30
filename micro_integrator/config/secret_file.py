"""Encrypt the bracketed entries of `[secrets]` in deployment.toml and leave every other character alone."""

from collections.abc import Iterator, Mapping
from typing import cast

from micro_integrator.config.home import Home
from micro_integrator.config.key_positions import KeyPath, Position
from micro_integrator.config.secrets import encrypt, plain_text
from micro_integrator.config.toml_file import BOM, TomlFile, read_toml
from micro_integrator.kit import write_atomically


def encrypt_secrets(home: Home, key: bytes) -> tuple[str, ...]:
    """Replace plain text in brackets by cipher texts and return the aliases; no alias, no change.

    Raises ConfigurationError when the file is not TOML, OSError when it cannot be written; then nothing
    changed.
    """
    path = home.deployment_toml.resolve()  # a link stays one: the file behind it is replaced
    file = read_toml(path, home.shown(home.deployment_toml))
    found = sorted(_plain_secrets(file), key=lambda secret: secret[0].start)
    if not found:
        return ()
    text = file.text
    for position, _, plain in reversed(found):
        text = f'{text[: position.start]}"{encrypt(plain, key)}"{text[position.end :]}'
    content = (BOM if file.has_bom else b"") + text.encode()
    write_atomically(path, content, mode=path.stat().st_mode & 0o777)
    return tuple(alias for _, alias, _ in found)


def _plain_secrets(file: TomlFile) -> Iterator[tuple[Position, str, str]]:
    for path, position in file.positions.items():
        section, _, alias = ".".join(map(str, path)).partition(".")
        value = _value(file, path) if section == "secrets" else None
        if isinstance(value, str) and (plain := plain_text(value)) is not None:
            yield position, alias, plain


def _value(file: TomlFile, path: KeyPath) -> object:
    value: object = file.tables
    for step in path:
        inside = cast(Mapping[str | int, object], value)  # or a list, whose numbers the path has too
        value = inside[step]
    return value
