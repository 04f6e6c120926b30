"""Read the configuration of a home: it becomes `Settings`, or a list of everything that is wrong."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from micro_integrator.config.catalogue import Catalogue
from micro_integrator.config.entries import Entries
from micro_integrator.config.errors import ConfigurationError, ConfigurationErrors, Place
from micro_integrator.config.home import Home
from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.keys import definition_of
from micro_integrator.config.later import LATER_SECTIONS, WAITING
from micro_integrator.config.meaningless import reasons
from micro_integrator.config.overrides import apply_overrides
from micro_integrator.config.reading import SectionReader
from micro_integrator.config.report import Report
from micro_integrator.config.resolution import Resolution
from micro_integrator.config.sections import (
    COORDINATION,
    ROOTS,
    ClusterSettings,
    CustomBuilderSettings,
    CustomFormatterSettings,
    DataSourceSettings,
    SecretsSection,
    SystemParameters,
    TaskResolverSettings,
    UserSettings,
)
from micro_integrator.config.settings import Ports, Settings
from micro_integrator.config.toml_file import read_toml
from micro_integrator.config.trusting import trusting, trusting_inside

S = TypeVar("S")

CATALOGUE = Catalogue(ROOTS, LATER_SECTIONS, reasons())
"""The keys of this release."""

_ARRAYS = (
    DataSourceSettings,
    TaskResolverSettings,
    UserSettings,
    CustomBuilderSettings,
    CustomFormatterSettings,
)
_APART = (*_ARRAYS, SecretsSection, SystemParameters)
_SINGLES = {definition_of(root).name: root for root in ROOTS if root not in _APART}
_HIGHEST_PORT = 65535
_DATA = ("transport", "http", "listener")


def load(
    home: Path, *, properties: Mapping[str, str], environ: Mapping[str, str], strict: bool = False
) -> Settings:
    """Return the settings of the node whose home is `home`.

    `properties` are those of the command line (-Dk=v). With `strict`, or -DstrictConfig, unknown keys are
    problems too. Raises ConfigurationErrors with every problem found; nothing of a broken configuration is
    used.
    """
    strict = strict or properties.get("strictConfig", "false") != "false"
    place = Home(home, environ, {"carbon.home": str(home), **properties})
    try:
        return _Loading(place).settings(strict=strict)
    except ConfigurationError as error:
        raise ConfigurationErrors([error]) from error


class _Loading:
    """One reading of one home."""

    def __init__(self, home: Home) -> None:
        self._home, self._report = home, Report()
        self._file = Place(home.shown(home.deployment_toml))
        self._entries = Entries(CATALOGUE, self._report)
        self._resolution = Resolution(self._entries, CATALOGUE, home, self._report)
        self._reader = SectionReader(self._entries, CATALOGUE, self._resolution, self._report, self._file)

    def settings(self, *, strict: bool) -> Settings:
        self._entries.add_file(read_toml(self._home.deployment_toml, self._file.file))
        apply_overrides(
            self._entries,
            CATALOGUE,
            self._report,
            properties=self._home.properties,
            environ=self._home.environ,
        )
        found = Settings(
            home=self._home,
            datasources=self._datasources(),
            task_resolver=self._task_resolver(),
            users=self._users(),
            custom_message_builders=self._each(CustomBuilderSettings),
            custom_message_formatters=self._each(CustomFormatterSettings),
            **{name.replace(".", "_"): self._section(root) for name, root in _SINGLES.items()},
        )
        self._section(SecretsSection)
        return self._finished(found, strict=strict)

    def _tell_later(self) -> None:
        """Name the settings that are checked already and have no effect yet."""
        for section, names in WAITING.items():
            if found := [name for name in names if self._entries.get((section, name)) is not None]:
                self._report.notice(f"[{section}] {', '.join(found)}: known, not used yet")

    def _finished(self, found: Settings, *, strict: bool) -> Settings:
        self._check_cluster(found)
        self._tell_later()
        found = dataclasses.replace(
            found,
            home=dataclasses.replace(self._home, carbonapps_dirs=found.server.carbonapps_dir),
            transport_http=trusting(found.transport_http, found.truststore),
            internal_api_ssl_config=trusting_inside(found.internal_api_ssl_config, found.truststore),
            properties=self._properties(found.cluster_config),
            ports=self._ports(found),
            values=self._values(),
            places={_dotted(entry.path): entry.place for entry in self._entries},
        )
        self._reader.finish(strict=strict)
        self._report.raise_problems()
        return dataclasses.replace(
            found,
            warnings=tuple(self._report.warnings),
            info=tuple(self._report.notices),
            secret_values=frozenset(self._resolution.secrets),
        )

    def _section(self, root: type[Any]) -> Any:
        return self._reader.read(root, tuple(definition_of(root).name.split(".")))

    def _each(self, root: type[S]) -> tuple[S, ...]:
        return self._reader.read_each(root, (definition_of(root).name,))

    def _datasources(self) -> dict[str, DataSourceSettings]:
        found: dict[str, DataSourceSettings] = {}
        for prefix in self._entries.elements("datasource"):
            source = self._reader.read(DataSourceSettings, prefix)
            if source is None:
                continue
            if source.id in found:
                place = self._place((*prefix, "id"))
                self._report.problem(place, f"[[datasource]] id = '{source.id}' is given to two datasources")
            place = self._place((*prefix, "url"))
            found[source.id] = dataclasses.replace(source, directory=self._home.root, place=place)
        return found

    def _task_resolver(self) -> Mapping[str, str] | None:
        prefixes = self._entries.elements("task_resolver")
        found = [self._reader.read(TaskResolverSettings, prefix) for prefix in prefixes]
        if len(found) > 1:
            place = self._entries.table_place(prefixes[1]) or self._file
            self._report.warn(place, "[[task_resolver]] is given more than once; only the first one counts")
        return found[0].properties if found and found[0] else None

    def _users(self) -> tuple[UserSettings, ...]:
        found: dict[str, UserSettings] = {}
        for prefix in self._entries.elements(definition_of(UserSettings).name):
            user = self._reader.read(UserSettings, prefix)
            if user is None:
                continue
            if user.name in found:
                place = self._place((*prefix, "user", "name"))
                self._report.problem(
                    place, f"[[internal_apis.users]] user.name = '{user.name}' is given twice"
                )
            found[user.name] = user
        # a password that is a name as well would blot that name out of every line of the log
        self._resolution.secrets -= found.keys()
        return tuple(found.values())

    def _properties(self, cluster: ClusterSettings) -> dict[str, str]:
        """Return all system properties; those of the command line win over `[system.parameter]`."""
        parameters: Mapping[str, str] = self._section(SystemParameters).properties
        for name in sorted(set(parameters) & set(self._home.properties)):
            self._report.notice(f"[system.parameter] {name}: the value of the command line is used")
        return {**parameters, **self._home.properties, "node.id": cluster.node_id}

    def _ports(self, found: Settings) -> Ports:
        offset = found.server.offset
        ports = Ports(
            internal_http=_opened(found.mediation.internal_http_api_port, offset),
            internal_https=_opened(found.mediation.internal_https_api_port, offset),
            wire=_opened(found.cluster_config.wire_port, offset),
        )
        data = found.transport_http.listener
        for port, path in (
            (ports.internal_http, ("mediation", "internal_http_api_port")),
            (ports.internal_https, ("mediation", "internal_https_api_port")),
            (ports.wire, ("cluster_config", "wire_port")),
            (_opened(data.port if data.enable else 0, offset), (*_DATA, "port")),
            (_opened(data.secured_port if data.secured_enable else 0, offset), (*_DATA, "secured_port")),
        ):
            if port > _HIGHEST_PORT:
                name = CATALOGUE.title(path)
                message = f"{name} with the offset {offset} gives {port}: expected at most {_HIGHEST_PORT}"
                self._report.problem(self._place(path, ("server", "offset")), message)
        return ports

    def _check_cluster(self, found: Settings) -> None:
        is_coordinated = COORDINATION in found.datasources
        node_id: KeyPath = ("cluster_config", "node_id")
        if found.cluster_config.required and not is_coordinated and not self._report.problems:
            message = (
                f'[cluster_config] required = true: there is no [[datasource]] with id = "{COORDINATION}"'
            )
            self._report.problem(self._place(("cluster_config", "required")), message)
        if is_coordinated and self._entries.get(node_id) is None:
            message = (
                f"[cluster_config] node_id is not set; this start uses the random id "
                f"[{found.cluster_config.node_id}], and a restart will not be recognised as this node"
            )
            self._report.warn(self._file, message)

    def _values(self) -> dict[str, object]:
        resolved = ((entry, self._resolution.of(entry)) for entry in self._entries)
        return {_dotted(entry.path): value.value for entry, value in resolved if value}

    def _place(self, *paths: KeyPath) -> Place:
        entries = (self._entries.get(path) for path in paths)
        return next((entry.place for entry in entries if entry), self._file)


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))


def _opened(base: int, offset: int) -> int:
    return base + offset if base else 0
