"""The port of Betfair's Exchange Stream is published wherever the server's is, and everybody means the same one."""

import re
from typing import Any

from evens.program.betfair_stream import PORTS_AWAY
from evens.settings import Settings
from tests.house.test_deploy import COMPOSE, DOCKERFILE, FRONT, KUSTOMIZATION, ROOT, read

HTTP = Settings.model_fields["port"].default
STREAM = HTTP + PORTS_AWAY
CHOSEN = f"${{EVENS_BETFAIR_STREAM_PORT:-{STREAM}}}"


def _ports(file: str, kind: str, name: str) -> list[int]:
    """Return the ports that a Kubernetes object opens."""
    (found,) = [
        each for each in read(KUSTOMIZATION.parent / file) if (each["kind"], each["metadata"]["name"]) == (kind, name)
    ]
    spec: Any = found["spec"]
    if kind == "Deployment":
        return [port["containerPort"] for port in spec["template"]["spec"]["containers"][0]["ports"]]
    if kind == "Service":
        return [port["port"] for port in spec["ports"]]
    return [port["port"] for way in spec["ingress"] for port in way["ports"]]


def test_compose_publishes_the_port_that_the_settings_choose() -> None:
    for path in (COMPOSE, ROOT / "compose.yaml"):
        (compose,) = read(path)
        server = compose["services"]["evens"]
        assert server["environment"]["EVENS_BETFAIR_STREAM_PORT"] == CHOSEN
        assert server["ports"] == [f"127.0.0.1:{HTTP}:{HTTP}", f"127.0.0.1:{CHOSEN}:{CHOSEN}"]
    assert f"EXPOSE {HTTP} {STREAM}\n" in DOCKERFILE.read_text("utf-8")


def test_kubernetes_leads_from_the_front_to_the_servers() -> None:
    (kustomization,) = read(KUSTOMIZATION)
    assert f"EVENS_BETFAIR_STREAM_PORT={STREAM}" in kustomization["configMapGenerator"][0]["literals"]
    assert _ports("evens.yaml", "Deployment", "evens") == [HTTP, STREAM]
    assert _ports("front.yaml", "Deployment", "front") == [HTTP, STREAM]
    assert STREAM in _ports("front.yaml", "Service", "evens")
    for policy in ("front", "server"):
        assert _ports("network.yaml", "NetworkPolicy", policy) == [HTTP, STREAM]
    front = FRONT.read_text("utf-8")
    assert re.findall(r"^ +bind :(\d+)$", front, re.MULTILINE) == [str(HTTP), str(STREAM)]
    assert re.findall(r'"\$\{SERVERS\}":(\d+)$', front, re.MULTILINE) == [str(HTTP), str(STREAM)]
