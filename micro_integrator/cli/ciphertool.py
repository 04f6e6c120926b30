"""Encrypt secrets: those of deployment.toml in place, or one that is typed in."""

import getpass
import os
import sys
from pathlib import Path

from micro_integrator.config import (
    ConfigurationError,
    Home,
    SecretError,
    encrypt,
    encrypt_secrets,
    key_file,
    master_key,
    new_master_key,
)

USAGE = """\
usage: ciphertool.sh [-Dconfigure] [-Dsymmetric]

  -Dconfigure   encrypt every entry of [secrets] in deployment.toml that stands in brackets: db = "[plain]"
  -Dsymmetric   accepted: the key is always symmetric
  without       encrypt one text, typed in or read from standard input, and print its cipher text

The master key is that of MI_SECRET_KEY, MI_SECRET_KEY_FILE, password-tmp, password-persist or
repository/resources/security/secret.key; without any of them the last one is generated."""

_OPTIONS = {"-Dconfigure", "-Dsymmetric"}


def main(arguments: list[str], home: Path) -> int:
    """Run the tool for the node in `home`.

    Returns the exit status: 0 done, 1 a file cannot be written, 2 usage, 3 the key or deployment.toml is
    not usable.
    """
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    if set(arguments) - _OPTIONS:
        print(USAGE, file=sys.stderr)
        return 2
    place = Home(home, os.environ)
    try:
        return _configure(place) if "-Dconfigure" in arguments else _encrypt_one(place)
    except (ConfigurationError, SecretError) as error:
        print(error, file=sys.stderr)
        return 3
    except OSError as error:
        print(f"{error.filename or home}: {error.strerror}", file=sys.stderr)
        return 1


def _configure(home: Home) -> int:
    aliases = encrypt_secrets(home, _key(home))
    for alias in aliases:
        print(f"Secret '{alias}' is encrypted")
    if not aliases:
        print("Nothing to encrypt: no entry of [secrets] stands in brackets")
    return 0


def _encrypt_one(home: Home) -> int:
    text = getpass.getpass("Text to encrypt: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    if not text:
        print("Nothing to encrypt: the text is empty", file=sys.stderr)
        return 2
    print(encrypt(text, _key(home)))
    return 0


def _key(home: Home) -> bytes:
    key = master_key(home)
    if key is None:
        key = new_master_key(home)
        print(f"A new master key is kept in {key_file(home)}; keep a copy in a safe place", file=sys.stderr)
    return key
