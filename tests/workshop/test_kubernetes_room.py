"""The room as a Deployment: what its objects, the chart's values and the service itself say of one another fits."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from tracked import ROOT

from workshop.room.room_settings import RoomSettings
from workshop.services import roles
from workshop.settings import ROOM, Workshop

from .chart_keys import FOLDER, values_of

CHART = {"app": "jupyterhub"}


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, Any]]:
    """Those of room.yaml by their kind; each is there once."""
    found = list(yaml.safe_load_all((FOLDER / "room.yaml").read_text("utf-8")))
    assert len({each["kind"] for each in found}) == len(found)
    return {each["kind"]: each for each in found}


@pytest.fixture
def pod(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the Deployment makes."""
    return dict(objects["Deployment"]["spec"]["template"])


@pytest.fixture
def container(pod: dict[str, Any]) -> dict[str, Any]:
    """The one in it."""
    [container] = pod["spec"]["containers"]
    return dict(container)


@pytest.fixture
def environ(container: dict[str, Any]) -> dict[str, str]:
    """What it is told by the file itself; what a Secret tells it is not there."""
    return {each["name"]: each.get("value", "") for each in container["env"]}


def test_everything_has_the_name_of_the_service(objects: dict[str, dict[str, Any]]) -> None:
    """And the service its own, of which its address and its scope are made."""
    assert {each["metadata"]["name"] for each in objects.values()} == {ROOM}
    assert list(values_of("room-values.yaml")["hub"]["services"]) == [ROOM]


def test_each_object_finds_the_pod(objects: dict[str, dict[str, Any]], pod: dict[str, Any]) -> None:
    """Deployment, Service and NetworkPolicy look for labels that it has."""
    policy, service = objects["NetworkPolicy"]["spec"], objects["Service"]["spec"]
    labels = pod["metadata"]["labels"].items()

    for wanted in (
        objects["Deployment"]["spec"]["selector"]["matchLabels"],
        service["selector"],
        policy["podSelector"]["matchLabels"],
    ):
        assert wanted.items() <= labels


def test_the_port_is_one(
    objects: dict[str, dict[str, Any]], container: dict[str, Any], environ: dict[str, str]
) -> None:
    """The service listens on it on all addresses, and the policy, the probe and the Service mean the same."""
    [port] = container["ports"]
    [way_in] = objects["NetworkPolicy"]["spec"]["ingress"]
    [service] = objects["Service"]["spec"]["ports"]
    listens = urlsplit(environ["LABKIT_ROOM_LISTEN"])

    assert (listens.hostname, listens.port) == ("0.0.0.0", port["containerPort"])  # noqa: S104
    assert way_in["ports"] == [{"port": port["containerPort"]}]
    assert service["targetPort"] == container["readinessProbe"]["tcpSocket"]["port"] == port["name"]


def test_its_secrets_are_elsewhere(container: dict[str, Any], environ: dict[str, str]) -> None:
    """The hub's token comes from the Secret that the chart makes, an account from one that may be missing."""
    [token] = [each for each in container["env"] if "valueFrom" in each]

    assert token["name"] == "JUPYTERHUB_API_TOKEN"
    assert token["valueFrom"]["secretKeyRef"] == {"name": "hub", "key": f"hub.services.{ROOM}.apiToken"}
    assert [each["secretRef"]["optional"] for each in container["envFrom"]] == [True]
    assert "Secret" not in (FOLDER / "room.yaml").read_text("utf-8").split("kind: ")
    assert not {name for name in environ if name.startswith("TWILIO_")}


def test_who_comes_in_is_named(objects: dict[str, dict[str, Any]]) -> None:
    """The proxy with browsers, the servers with kernels, and the hub; out it goes to the hub, and to ask for names."""
    spec = objects["NetworkPolicy"]["spec"]
    [way_in] = spec["ingress"]
    hub, names = spec["egress"]

    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert [each["podSelector"]["matchLabels"] for each in way_in["from"]] == [
        CHART | {"component": each} for each in ("proxy", "singleuser-server", "hub")
    ]
    assert hub == {"to": [{"podSelector": {"matchLabels": CHART | {"component": "hub"}}}], "ports": [{"port": 8081}]}
    assert {each["port"] for each in names["ports"]} == {53}


@pytest.mark.parametrize("of", [("hub",), ("proxy", "chp"), ("singleuser",)])
def test_the_way_to_it_is_open(of: tuple[str, ...], pod: dict[str, Any], container: dict[str, Any]) -> None:
    """From the hub, the proxy and people's servers, whose policies name no private address otherwise."""
    values = values_of("room-values.yaml")
    for name in of:
        values = values[name]
    [rule] = values["networkPolicy"]["egress"]
    [to] = rule["to"]

    assert to["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert rule["ports"] == [{"port": port["containerPort"]} for port in container["ports"]]


def test_a_kernel_and_the_hub_are_given_the_services_address(
    objects: dict[str, dict[str, Any]], environ: dict[str, str]
) -> None:
    """The hub that of the Service, a kernel with the prefix, without a slash at the end."""
    values, service = values_of("room-values.yaml"), objects["Service"]
    address = f"http://{service['metadata']['name']}"

    assert [each["port"] for each in service["spec"]["ports"]] == [80]
    assert values["hub"]["services"][ROOM]["url"] == address
    assert values["singleuser"]["extraEnv"]["LABKIT_ROOM_URL"] == address + environ["JUPYTERHUB_SERVICE_PREFIX"].rstrip(
        "/"
    )


def test_it_is_nobody_special(pod: dict[str, Any], container: dict[str, Any]) -> None:
    """No root, no token of the cluster's, nothing to write but its state and /tmp."""
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {each["mountPath"] for each in container["volumeMounts"]} == {"/var/lib/room", "/tmp"}  # noqa: S108


@pytest.mark.parametrize("name", ["user", "server", ROOM])
def test_who_may_come_to_it_is_who_may_on_one_machine(name: str) -> None:
    """The chart has roles by their names, and JupyterHub a list of them."""
    [here] = [role for role in roles(Workshop(folder=FOLDER)) if role["name"] == name]

    assert {"name": name, **values_of("room-values.yaml")["hub"]["loadRoles"][name]} == here


def test_the_service_understands_what_it_is_told(environ: dict[str, str]) -> None:
    """With the token from its Secret nothing else is missing, and it stands on a sandbox."""
    settings = RoomSettings.resolve(environ | {"JUPYTERHUB_API_TOKEN": "from the Secret"})

    assert (settings.port, settings.prefix) == (8003, "/services/room/")
    assert (settings.hub_api_url, settings.client_id) == ("http://hub:8081/hub/api", "service-room")
    assert str(settings.folder) == "/var/lib/room"
    assert settings.account is None


def test_the_secret_chooses_an_account_in_words(environ: dict[str, str]) -> None:
    """What the page says the Secret has is what the service asks for."""
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
    [line] = [line for line in page.splitlines() if "make a Secret `room-account`" in line]
    named = re.findall(r"`([A-Z_]+)`", line)
    values = {"LABKIT_ROOM_MODE": "twilio", "TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "b" * 32}
    given = environ | {"JUPYTERHUB_API_TOKEN": "from the Secret"} | values
    settings = RoomSettings.resolve(given | {"LABKIT_ROOM_PUBLIC_URL": "https://lab.example.org/services/room"})

    assert named == [*values, "LABKIT_ROOM_PUBLIC_URL"]
    assert all(name in (FOLDER / "room.yaml").read_text("utf-8") for name in named)
    assert settings.events_url == "https://lab.example.org/services/room/events"


def test_its_image_is_the_participants(container: dict[str, Any]) -> None:
    """One image, built once."""
    image = values_of("values.yaml")["singleuser"]["image"]

    assert container["image"] == f"{image['name']}:{image['tag']}"


def test_the_page_takes_it_back_with_the_python_that_has_the_workshop(container: dict[str, Any]) -> None:
    """There is another one in the image, which has not."""
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")

    assert f"deployment/room -- {container['command'][0]} -m workshop teardown`" in page
