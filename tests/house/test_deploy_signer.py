"""The chain's signer as it is deployed: alone with its key, and reachable over its socket and nothing else."""

import re
from pathlib import Path
from typing import Any, cast

import yaml

from tests.house.test_deploy import (
    COMPOSE,
    DEPLOY,
    DOCKERFILE,
    KUSTOMIZATION,
    loose_ends,
    read,
    run,
    validate_compose,
    validate_manifests,
)

CHAIN = DEPLOY / "compose.chain.yaml"
COMPONENT = KUSTOMIZATION.parent / "chain-signer" / "kustomization.yaml"
PATCH = COMPONENT.with_name("server.yaml")
KEY, SOCKET = "/var/lib/evens-signer", "/run/evens-signer"
SIGNER, SERVERS = "10002:10001", "10001:10001"


def by_name(things: list[Any]) -> dict[str, Any]:
    return {each["name"]: each for each in things}


def merged(base: Any, patch: Any) -> Any:
    """Return what a strategic merge gives: objects by their members, lists of named things by their names."""
    if isinstance(base, dict):
        was, changes = cast("dict[str, Any]", base), cast("dict[str, Any]", patch)
        return was | {name: merged(was[name], each) if name in was else each for name, each in changes.items()}
    if isinstance(base, list) and "name" in patch[0]:
        named, changed = by_name(cast("list[Any]", base)), by_name(patch)
        return list(merged(named, changed).values())
    return patch


def patched() -> dict[str, Any]:
    server = next(each for each in read(KUSTOMIZATION.parent / "evens.yaml") if each["kind"] == "Deployment")
    (patch,) = read(PATCH)
    return merged(server, patch)


def said(arguments: list[str]) -> str:
    """Return what the program says of arguments in which every variable has a value."""
    values = {"ID": "8453", "TOKEN": "0x" + "70" * 20, "MOST": "100", "DAY": "1000"}
    filled = [
        re.sub(r"\$[{(]\w*?(ID|TOKEN|MOST|DAY)\b.*[})]", lambda found: values[found[1]], each) for each in arguments
    ]
    assert not [each for each in filled if "$" in each]
    return run("evens", *filled, "--help").stderr


def test_the_signer_of_the_compose_file_is_alone_with_its_key() -> None:
    """Pools 5: own user, own volume for the key, a shared one for the socket, no network, nothing else to write."""
    assert validate_compose(CHAIN).returncode == 0, validate_compose(CHAIN).stdout
    ((chain,), (compose,)) = read(CHAIN), read(COMPOSE)
    signer, evens = chain["services"]["chain-signer"], compose["services"]["evens"]
    assert (signer["user"], signer["network_mode"], signer["read_only"]) == (SIGNER, "none", True)
    assert (signer["cap_drop"], signer["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert signer["volumes"] == [f"signer-key:{KEY}", f"signer-socket:{SOCKET}"]
    assert "environment" not in signer
    assert "env_file" not in signer
    assert signer["image"] == evens["image"]
    for name in ("evens", "evens-standby"):
        assert name in compose["services"]
        assert chain["services"][name] == {
            "environment": {"EVENS_CHAIN_SIGNER": f"{SOCKET}/sock"},
            "volumes": [f"signer-socket:{SOCKET}:ro"],
        }
    assert said(signer["command"]) == ""


def test_the_image_has_the_signers_user_and_folders() -> None:
    text = DOCKERFILE.read_text("utf-8")
    uid, gid = SIGNER.split(":")
    assert f"useradd --uid {uid} --gid evens" in text
    assert f"useradd --uid {gid} --user-group" in text
    assert f"--owner evens-signer --group evens --mode 0700 {KEY}" in text
    assert f"--owner evens-signer --group evens --mode 0750 {SOCKET}" in text


def test_the_signer_in_the_servers_pods_is_alone_with_its_key(tmp_path: Path) -> None:
    """Pools 5: the same on Kubernetes; the merged manifest is valid for old and new versions."""
    server = patched()
    manifest = tmp_path / "evens.yaml"
    manifest.write_text(yaml.safe_dump(server))
    result = validate_manifests(manifest)
    assert (result.returncode, result.stdout) == (0, "")
    pod = server["spec"]["template"]["spec"]
    for each in pod["initContainers"]:
        alone = server | {"spec": {"template": {"spec": pod | {"containers": [each]}}}}
        assert loose_ends([alone]) == []
        assert f"{each['securityContext']['runAsUser']}:{each['securityContext']['runAsGroup']}" == SIGNER
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == SERVERS
    mounted = {
        each["name"]: {mount["name"]: mount.get("readOnly", False) for mount in each["volumeMounts"]}
        for each in (*pod["initContainers"], *pod["containers"])
    }
    assert mounted == {
        "chain-signer-key": {"chain-signer-secret": True, "chain-signer-key": False},
        "chain-signer": {"chain-signer-key": False, "chain-signer-socket": False},
        "evens": {"data": False, "chain-signer-socket": True},
    }
    (_, signer) = pod["initContainers"]
    assert signer["restartPolicy"] == "Always"
    assert said(signer["args"]) == ""


def test_the_component_is_one_that_the_kustomization_can_take() -> None:
    (component,) = read(COMPONENT)
    assert component["kind"] == "Component"
    assert [each["path"] for each in component["patches"]] == [PATCH.name]
    page = (DEPLOY / "README.md").read_text("utf-8")
    assert f"components: [{COMPONENT.parent.name}]" in page
    assert {"CHAIN_SIGNER_MOST", "CHAIN_SIGNER_MOST_PER_DAY"} <= set(re.findall(r"CHAIN_SIGNER_\w+", page))
