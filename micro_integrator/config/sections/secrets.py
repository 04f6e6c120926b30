"""[secrets] and [system.parameter]: values that other keys refer to."""

from collections.abc import Mapping

from micro_integrator.config.keys import section, table
from micro_integrator.config.kinds import string


@section("secrets")
class SecretsSection:
    """Secrets by alias; a key uses one as `$secret{alias}`.

    A value is a cipher text `{aesgcm:v1}…`, a file `{file:/run/secrets/db}`, or a placeholder such as
    `$env{DB_PASS}`. Plain text goes into brackets, `db = "[plain]"`, and is encrypted in place by
    `bin/ciphertool.sh -Dconfigure`.
    """

    aliases: Mapping[str, str] = table(kind=string, name="", doc="alias = secret", is_secret=True)


@section("system.parameter")
class SystemParameters:
    """System properties; a property given on the command line wins."""

    properties: Mapping[str, str] = table(kind=string, name="", doc="name = value")
