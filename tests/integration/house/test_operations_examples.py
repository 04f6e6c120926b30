"""The examples for Kubernetes and Compose fit their schemas, the product's settings and what the image has."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from micro_integrator.config import Settings, load

CHECKOUT = Path(__file__).parents[3]
FOLDER = CHECKOUT / "docs" / "operations"
KUBERNETES, COMPOSE = FOLDER / "kubernetes.yaml", FOLDER / "compose.yaml"
TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ("kubernetes-validate", "--strict", "--quiet", KUBERNETES),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE),
    ],
    ids=lambda command: command[-1].stem,
)
def test_the_examples_fit_their_schemas(command: tuple[str | Path, ...]) -> None:
    tool = TOOLS / command[0]
    if not tool.exists():
        pytest.skip(f"{tool.name} is not installed; bin/test.sh gets it")
    done = subprocess.run([tool, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pod_is_a_node_of_its_own_name_on_the_common_database() -> None:
    settings = _pod_settings()
    [source] = settings.datasources.values()
    assert settings.cluster_config.node_id == "micro-integrator-0"
    assert source.url.startswith("jdbc:postgresql://")
    assert (source.username, source.password) == ("mi", "change-me")
    assert settings.cluster_config.create_tables
    assert settings.readiness_probe.require_coordination
    assert settings.task_handling.resolver_class == "round_robin"


def test_the_ports_of_a_pod_are_those_of_the_node() -> None:
    ports, container = _pod_settings().ports, _container()
    named = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert named == {"internal": ports.internal_http, "wire": ports.wire}
    [wire, internal] = _one("NetworkPolicy")["spec"]["ingress"]
    assert [rule["ports"][0]["port"] for rule in (wire, internal)] == [ports.wire, ports.internal_http]
    assert wire["from"] == [{"podSelector": _one("StatefulSet")["spec"]["selector"]}]


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_the_probes_ask_what_the_internal_listener_answers(probe: str) -> None:
    page = (CHECKOUT / "docs" / "metrics.md").read_text("utf-8")
    asked = _container()[probe]["httpGet"]
    assert f"`{asked['path']}`" in page
    assert asked["port"] == "internal"


def test_a_pod_is_given_longer_than_its_node_takes_to_stop() -> None:
    settings, spec = _pod_settings(), _one("StatefulSet")["spec"]["template"]["spec"]
    grace = spec["terminationGracePeriodSeconds"]
    assert settings.task_handling.drain_timeout < settings.server.graceful_shutdown_timeout < grace


def test_a_pod_writes_only_where_something_is_mounted() -> None:
    container, image = _container(), _image_environment()
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounted = [Path(mount["mountPath"]) for mount in container["volumeMounts"]]
    written = [Path(image["MI_PID_FILE"]), Path(image["MI_SOCKET"]), Path(image["MI_HOME"], "registry")]
    assert all(any(file.is_relative_to(place) for place in mounted) for file in written)


@pytest.mark.parametrize("name", ["node-1", "node-2"])
def test_a_container_of_compose_is_a_node_of_its_own_name(name: str) -> None:
    service = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"][name]
    settings = _settings({**_image_environment(), **service["environment"]})
    [source] = settings.datasources.values()
    assert settings.cluster_config.node_id == name
    assert source.url == "jdbc:postgresql://database:5432/clusterdb"
    grace = float(service["stop_grace_period"].removesuffix("s"))
    assert grace > settings.server.graceful_shutdown_timeout
    assert any(port.endswith(f":{settings.ports.internal_http}") for port in service["ports"])


def test_compose_asks_for_the_health_of_a_node_as_the_image_does() -> None:
    kind, *command = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["node-1"]["healthcheck"]["test"]
    assert kind == "CMD"
    assert f"CMD {json.dumps(command)}" in (CHECKOUT / "Dockerfile").read_text("utf-8")


def _pod_settings() -> Settings:
    given = {
        **_image_environment(),
        **_one("ConfigMap")["data"],
        **{entry["name"]: _value(entry["valueFrom"]) for entry in _container()["env"]},
    }
    return _settings(given)


def _value(source: Mapping[str, Any]) -> str:
    """Return what Kubernetes puts into a variable of the first pod."""
    if "fieldRef" in source:
        assert source["fieldRef"]["fieldPath"] == "metadata.name"
        return f"{_one('StatefulSet')['metadata']['name']}-0"
    secret = _one("Secret")
    assert source["secretKeyRef"]["name"] == secret["metadata"]["name"]
    return str(secret["stringData"][source["secretKeyRef"]["key"]])


def _settings(environment: Mapping[str, str]) -> Settings:
    """Read the shipped configuration as a node in the image does; an unknown key is an error."""
    return load(CHECKOUT, properties={}, environ=environment, strict=True)


def _image_environment() -> dict[str, str]:
    text = (CHECKOUT / "Dockerfile").read_text("utf-8")
    [block] = re.findall(r"^ENV ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    return dict(re.findall(r"(\w+)=(\S+)", block))


def _container() -> dict[str, Any]:
    [container] = _one("StatefulSet")["spec"]["template"]["spec"]["containers"]
    return dict(container)


def _one(kind: str) -> dict[str, Any]:
    [found] = [part for part in yaml.safe_load_all(KUBERNETES.read_text("utf-8")) if part["kind"] == kind]
    return dict(found)
