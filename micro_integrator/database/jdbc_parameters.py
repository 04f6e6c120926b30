"""What the parameters of JDBC URLs mean: one table per database, names compared without regard to case.

A parameter is translated, known to be needless here, or unknown; the last one is a warning and no error.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from micro_integrator.database.target import JdbcUrlError, Target, Tls, TlsMode
from micro_integrator.kit import did_you_mean

_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)

Apply = Callable[[Target, str, str], Target]
"""(target, name as written, value) -> target with the parameter taken in."""


def split_parameters(text: str, separator: str) -> dict[str, str]:
    """Return the parameters of `a=b<separator>c=d`.

    Between `&` values are percent-encoded; elsewhere braces around a value protect separators inside it.
    """
    parts = re.findall(rf"((?:\{{[^}}]*\}}|[^{separator}])+)", text)
    pairs = (part.partition("=") for part in parts if part.strip())
    return {
        name.strip(): unquote(value) if separator == "&" else _unbraced(value) for name, _, value in pairs
    }


def apply_parameters(target: Target, parameters: Mapping[str, str]) -> Target:
    """Return `target` with all `parameters` taken in. Raises JdbcUrlError for a value that cannot be read."""
    table = _TABLES[target.dialect]
    # sslmode has the last word over ssl, wherever it stands
    for name, value in sorted(parameters.items(), key=lambda pair: pair[0].lower() == "sslmode"):
        apply = table.get(name.lower())
        if apply is not None:
            target = apply(target, name, value)
        else:
            target = target.warn(
                f"URL parameter '{name}' is not known{did_you_mean(name.lower(), table)}; ignored"
            )
    return target


def _unbraced(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _ignored(target: Target, name: str, value: str) -> Target:
    return target


def _text(attribute: str) -> Apply:
    return lambda target, name, value: replace(target, **{attribute: value})  # type: ignore[arg-type]


def _passed_on(own_name: str, *, switch: bool = False) -> Apply:
    """Hand the value to the driver under `own_name`; a switch is written as yes or no."""

    def apply(target: Target, name: str, value: str) -> Target:
        written = ("yes" if _truth(name, value) else "no") if switch else value
        return replace(target, query=(*target.query, (own_name, written)))

    return apply


def _time(attribute: str, unit: float) -> Apply:
    """Read a number of `unit` seconds; 0 means no limit."""

    def apply(target: Target, name: str, value: str) -> Target:
        if not _NUMBER.fullmatch(value.strip()):
            raise JdbcUrlError(f"URL parameter '{name}' = '{value}': expected a number")
        return replace(target, **{attribute: float(value) * unit or None})  # type: ignore[arg-type]

    return apply


def _truth(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false", "", "yes", "no", "1", "0"):
        raise JdbcUrlError(f"URL parameter '{name}' = '{value}': expected true or false")
    return value.lower() in ("true", "", "yes", "1")


def _tls(target: Target, mode: TlsMode) -> Target:
    return replace(target, tls=replace(target.tls or Tls(mode), mode=mode))


def _tls_mode(modes: Mapping[str, TlsMode]) -> Apply:
    def apply(target: Target, name: str, value: str) -> Target:
        mode = modes.get(value.lower())
        if mode is None:
            raise JdbcUrlError(
                f"URL parameter '{name}' = '{value}': expected one of {', '.join(sorted(modes))}"
            )
        return _tls(target, mode)

    return apply


def _tls_switch(on: TlsMode) -> Apply:
    """A boolean that asks for at least the mode `on`; false alone asks for none."""

    def apply(target: Target, name: str, value: str) -> Target:
        if _truth(name, value):
            stronger = max((target.tls.mode if target.tls else on, on), key=_STRENGTH.index)
            return _tls(target, stronger)
        return target if target.tls or name.lower() == "verifyservercertificate" else _tls(target, "disable")

    return apply


def _mysql_tls_mode(target: Target, name: str, value: str) -> Target:
    target = _tls_mode(_MYSQL_SSL_MODES)(target, name, value)
    if target.tls and target.tls.mode == "prefer":
        return target.warn(
            f"URL parameter '{name}' = '{value}' means plain text here; use REQUIRED to encrypt"
        )
    return target


def _tls_file(attribute: str) -> Apply:
    def apply(target: Target, name: str, value: str) -> Target:
        if value.lower().endswith((".jks", ".p12", ".pfx", ".pk8")) or value.startswith("file:"):
            raise JdbcUrlError(f"URL parameter '{name}' = '{value}': a PEM file is needed, named by its path")
        return replace(target, tls=replace(target.tls or Tls("require"), **{attribute: value}))  # type: ignore[arg-type]

    return apply


def _server_type(target: Target, name: str, value: str) -> Target:
    wanted = _SERVER_TYPES.get(value.lower())
    if wanted is None:
        raise JdbcUrlError(f"URL parameter '{name}' = '{value}': expected one of {', '.join(_SERVER_TYPES)}")
    return replace(target, session_attributes=wanted)


def _prepare_threshold(target: Target, name: str, value: str) -> Target:
    return replace(target, prepares_statements=value.strip() != "0")


_STRENGTH: list[TlsMode] = ["disable", "prefer", "require", "verify-ca", "verify-full"]
_SERVER_TYPES = {
    "any": "any",
    "primary": "read-write",
    "master": "read-write",
    "secondary": "standby",
    "slave": "standby",
    "preferprimary": "any",
    "prefersecondary": "prefer-standby",
    "preferslave": "prefer-standby",
}
_SSL_MODES: dict[str, TlsMode] = {
    "disable": "disable",
    "allow": "prefer",
    "prefer": "prefer",
    "require": "require",
    "verify-ca": "verify-ca",
    "verify-full": "verify-full",
}
_MYSQL_SSL_MODES: dict[str, TlsMode] = {
    "disable": "disable",
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "trust": "require",
    "verify-ca": "verify-ca",
    "verify_ca": "verify-ca",
    "verify-full": "verify-full",
    "verify_identity": "verify-full",
}


def _table(translated: Mapping[str, Apply], needless: str = "") -> dict[str, Apply]:
    table = dict.fromkeys(needless.lower().split(), _ignored)
    return table | {name.lower(): apply for name, apply in translated.items()}


_CREDENTIALS: dict[str, Apply] = {"user": _text("username"), "password": _text("password")}

_TABLES: dict[str, dict[str, Apply]] = {
    "postgresql": _table(
        _CREDENTIALS
        | {
            "ssl": _tls_switch("verify-full"),
            "sslmode": _tls_mode(_SSL_MODES),
            "sslrootcert": _tls_file("root_certificate"),
            "sslcert": _tls_file("certificate"),
            "sslkey": _tls_file("key"),
            "currentSchema": _text("search_path"),
            "ApplicationName": _text("application_name"),
            "connectTimeout": _time("connect_timeout", 1),
            "loginTimeout": _time("connect_timeout", 1),
            "socketTimeout": _time("socket_timeout", 1),
            "targetServerType": _server_type,
            "prepareThreshold": _prepare_threshold,
        },
        "tcpKeepAlive reWriteBatchedInserts stringtype defaultRowFetchSize loadBalanceHosts charSet "
        "hostRecheckSeconds binaryTransfer autosave preferQueryMode gssEncMode cancelSignalTimeout "
        "logUnclosedConnections",
    ),
    "mysql": _table(
        _CREDENTIALS
        | {
            "useSSL": _tls_switch("require"),
            "requireSSL": _tls_switch("require"),
            "verifyServerCertificate": _tls_switch("verify-ca"),
            "sslMode": _mysql_tls_mode,
            "serverSslCert": _tls_file("root_certificate"),
            "connectTimeout": _time("connect_timeout", 0.001),
            "socketTimeout": _time("socket_timeout", 0.001),
            "sessionVariables": _text("session_variables"),
        },
        "autoReconnect serverTimezone allowPublicKeyRetrieval useUnicode rewriteBatchedStatements "
        "characterEncoding characterSetResults connectionCollation autoReconnectForPools failOverReadOnly "
        "maxReconnects zeroDateTimeBehavior useLegacyDatetimeCode cachePrepStmts useServerPrepStmts "
        "prepStmtCacheSize prepStmtCacheSqlLimit useLocalSessionState tcpKeepAlive noAccessToProcedureBodies "
        "nullCatalogMeansCurrent relaxAutoCommit createDatabaseIfNotExist allowMultiQueries "
        "useAffectedRows tinyInt1isBit",
    ),
    "mssql": _table(
        _CREDENTIALS
        | {
            "databaseName": _text("database"),
            "database": _text("database"),
            "encrypt": _passed_on("Encrypt", switch=True),
            "trustServerCertificate": _passed_on("TrustServerCertificate", switch=True),
            "applicationIntent": _passed_on("ApplicationIntent"),
            "loginTimeout": _time("connect_timeout", 1),
        },
        "SendStringParametersAsUnicode selectMethod responseBuffering",
    ),
    "db2": _table(
        _CREDENTIALS | {"currentSchema": _text("search_path"), "loginTimeout": _time("connect_timeout", 1)}
    ),
    "sqlite": _table(_CREDENTIALS, "journal_mode busy_timeout synchronous foreign_keys cache mode"),
}
