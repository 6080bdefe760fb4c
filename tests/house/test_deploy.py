"""The deployment files hold: valid by the schemas of their formats, and in agreement with the program they run."""

import copy
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import evens
from evens.edges.cli.line.serve_commands import PORT as LINE_PORT
from evens.edges.http.operator import system
from evens.settings import Settings, known_variables, unknown_variables
from tests.cli.program import call
from tests.house.layout import broken_links

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE = DEPLOY / "compose.yaml"
UNIT = DEPLOY / "systemd" / "evens.service"
FRONT = DEPLOY / "kubernetes" / "haproxy.cfg"
KUSTOMIZATION = DEPLOY / "kubernetes" / "kustomization.yaml"
EXAMPLE = DEPLOY / "kubernetes" / "secret.example.yaml"
MANIFESTS = sorted(set(KUSTOMIZATION.parent.glob("*.yaml")) - {KUSTOMIZATION})
PROGRAMS = Path(sys.executable).parent

VARIABLES = known_variables()
PATHS = {getattr(route, "path", "") for route in system.router.routes}
KUBERNETES_VERSIONS = ("1.30", "1.37")
"""The oldest that knows every field we use without a switch, and the newest that the schemas are there for."""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    found = PROGRAMS / program
    command = [str(found if found.exists() else program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def read(*paths: Path) -> list[Any]:
    return [document for path in paths for document in yaml.safe_load_all(path.read_text("utf-8"))]


def validate_compose(path: Path) -> subprocess.CompletedProcess[str]:
    return run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)


def validate_manifests(*paths: Path) -> subprocess.CompletedProcess[str]:
    versions = [word for version in KUBERNETES_VERSIONS for word in ("-k", version)]
    return run("kubernetes-validate", "--strict", "--quiet", *versions, *paths)


def pods(documents: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for document in documents:
        if "template" in document.get("spec", {}):
            yield document["metadata"]["name"], document["spec"]["template"]


def loose_ends(documents: Iterable[Any]) -> list[str]:
    """Complain about pods that may do, take or be told more than they need."""
    complaints: list[str] = []
    for name, pod in pods(documents):
        spec = pod["spec"]
        shared = spec.get("securityContext", {})
        (container,) = spec["containers"]
        own = container.get("securityContext", {})
        holds = {
            "runs as root": shared.get("runAsNonRoot") is True,
            "no seccomp": shared.get("seccompProfile") == {"type": "RuntimeDefault"},
            "may write its image": own.get("readOnlyRootFilesystem") is True,
            "may gain privileges": own.get("allowPrivilegeEscalation") is False,
            "has capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "holds a token": spec.get("automountServiceAccountToken") is False,
            # Kubernetes would set EVENS_PORT=tcp://… where a Service is called evens.
            "is told of services": spec.get("enableServiceLinks") is False,
            "has no bounds": {"cpu", "memory"}
            <= container["resources"]["requests"].keys() & container["resources"]["limits"].keys(),
        }
        complaints += [f"{name}: {complaint}" for complaint, held in holds.items() if not held]
    return complaints


def unmatched_selectors(documents: list[Any]) -> list[str]:
    """Complain about whatever chooses pods by labels that no pod has."""
    labels = [pod["metadata"]["labels"].items() for _, pod in pods(documents)]
    complaints: list[str] = []
    for document in documents:
        spec = document.get("spec", {})
        chooses = spec.get("podSelector", spec.get("selector", {}))
        wanted = chooses.get("matchLabels", {} if "podSelector" in spec else chooses)
        if not any(wanted.items() <= each for each in labels):
            complaints.append(f"{document['kind']} {document['metadata']['name']}: no pod has {wanted}")
    return complaints


def test_the_compose_file_is_valid() -> None:
    assert validate_compose(COMPOSE).returncode == 0, validate_compose(COMPOSE).stdout


def test_an_invalid_compose_file_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text("utf-8").replace("healthcheck:", "healthchecks:"))
    assert validate_compose(wrong).returncode == 1


def test_every_manifest_is_valid_for_old_and_new_kubernetes() -> None:
    assert len(MANIFESTS) > 4
    result = validate_manifests(*MANIFESTS)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("maxSurge:", "maxSurges:"), ("replicas: 2", "replicas: two"), ("policy/v1", "policy/v2")],
)
def test_an_invalid_manifest_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    manifest = tmp_path / "evens.yaml"
    manifest.write_text((KUSTOMIZATION.parent / "evens.yaml").read_text("utf-8").replace(right, wrong))
    assert validate_manifests(manifest).stdout != ""


def test_hadolint_has_nothing_to_say_about_the_image() -> None:
    result = run("hadolint", DOCKERFILE)
    assert (result.returncode, result.stdout) == (0, "")


def test_what_hadolint_dislikes_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM python\nRUN cd / && pip install evens\n")
    assert run("hadolint", wrong).returncode == 1


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="no haproxy here")
def test_haproxy_accepts_the_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERS", "evens-pool")
    result = run("haproxy", "-c", "-f", FRONT)
    assert result.returncode == 0, result.stderr


def test_no_port_of_the_front_can_take_the_places_of_the_other() -> None:
    most, *of_ports = [
        int(number) for number in re.findall(r"^ +maxconn (\d+)$", FRONT.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(of_ports) == len(re.findall(r"^frontend ", FRONT.read_text("utf-8"), re.MULTILINE))
    assert sum(of_ports) < most


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    # It looks for the program, which is not installed where the unit expects it.
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/evens/bin/evens", sys.executable))
    result = run("systemd-analyze", "verify", "--man=no", unit)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_kustomization_takes_every_manifest_but_the_example() -> None:
    (kustomization,) = read(KUSTOMIZATION)
    assert sorted(kustomization["resources"]) == [path.name for path in MANIFESTS if path != EXAMPLE]
    made = {each["name"] for each in kustomization["configMapGenerator"]}
    assert all(
        (KUSTOMIZATION.parent / file).exists()
        for each in kustomization["configMapGenerator"]
        for file in each.get("files", [])
    )
    text = "".join(path.read_text("utf-8") for path in MANIFESTS)
    assert set(re.findall(r"configMap(?:Ref)?:\n +name: (\S+)", text)) == made
    secrets = {document["metadata"]["name"] for document in read(EXAMPLE)}
    assert set(re.findall(r"(?:secretRef:\n +name|secretName): (\S+)", text)) == secrets


def test_every_image_has_a_tag_and_ours_is_this_version() -> None:
    text = "".join(path.read_text("utf-8") for path in (*MANIFESTS, COMPOSE))
    images = set(re.findall(r"^ *image: (\S+)$", text, re.MULTILINE))
    assert images == {f"evens:{evens.__version__}", "haproxy:3.2", "postgres:17"}
    (kustomization,) = read(KUSTOMIZATION)
    assert kustomization["images"] == [{"name": "evens", "newTag": evens.__version__}]
    base = re.findall(r"^ARG PYTHON_IMAGE=(\S+)", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert base == ["python:3.12-slim-bookworm"]
    assert f"evens:{evens.__version__} " in DOCKERFILE.read_text("utf-8")


def test_every_variable_that_is_set_is_a_setting() -> None:
    (compose,), (kustomization,) = read(COMPOSE), read(KUSTOMIZATION)
    names = {name for service in compose["services"].values() for name in service["environment"]}
    names |= {
        line.partition("=")[0] for each in kustomization["configMapGenerator"] for line in each.get("literals", [])
    }
    # What is mounted is named as a file.
    names |= {name for secret in read(EXAMPLE) for name in secret["stringData"] if name.isupper()}
    names |= {each["name"] for _, pod in pods(read(*MANIFESTS)) for each in pod["spec"]["containers"][0].get("env", [])}
    names |= set(
        re.findall(r"EVENS_[A-Z_]+", DOCKERFILE.read_text("utf-8") + UNIT.read_text("utf-8").replace("EVENS_…", ""))
    )
    assert {"DATABASE_URL", "EVENS_SECRET", "EVENS_DATA", "EVENS_CURRENCIES"} <= names
    assert unknown_variables(names) == []


def test_a_variable_that_is_no_setting_is_found() -> None:
    assert unknown_variables(["EVENS_DATA", "EVENS_DATABASE_URL", "PATH"]) == ["EVENS_DATABASE_URL"]


def test_the_page_lists_every_setting_with_its_default() -> None:
    assert broken_links(DEPLOY / "README.md") == []
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `?(.*?)`? \|", (DEPLOY / "README.md").read_text("utf-8"), re.MULTILINE))
    assert rows.pop("FORWARDED_ALLOW_IPS") == "127.0.0.1,::1"
    assert rows.keys() == VARIABLES
    for name, field in Settings.model_fields.items():
        variable = "DATABASE_URL" if name == "database_url" else f"EVENS_{name.upper()}"
        if field.default is not None:
            assert rows[variable] == str(field.default).replace("False", "false")


def commands() -> list[list[str]]:
    instructions = dict(re.findall(r"^(ENTRYPOINT|CMD) (\[.*\])$", DOCKERFILE.read_text("utf-8"), re.MULTILINE))
    assert json.loads(instructions["ENTRYPOINT"]) == ["evens"]
    (compose,) = read(COMPOSE)
    started = re.findall(r"^ExecStart=/opt/evens/bin/evens (.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    page = (DEPLOY / "README.md").read_text("utf-8")
    typed = re.findall(r"(?:evens evens|-- evens|bin/evens) ([a-z][^#\n]*)", page)
    return [
        json.loads(instructions["CMD"]),
        *(service["command"] for service in compose["services"].values() if "command" in service),
        *(
            pod["spec"]["containers"][0]["args"]
            for _, pod in pods(read(*MANIFESTS))
            if pod["spec"]["containers"][0]["image"].startswith("evens:")
        ),
        *map(shlex.split, [*started, *typed]),
    ]


def test_every_command_is_one_that_the_program_knows() -> None:
    asked = {tuple(command) for command in commands()}
    assert {"serve", "migrate", "doctor", "user", "api-key"} <= {command[0] for command in asked}
    # --help comes after the options were understood, and instead of doing it.
    refused = {command: call(*command, "--help").err for command in asked}
    assert {command: said for command, said in refused.items() if said} == {}


def test_a_command_that_the_program_does_not_know_is_found() -> None:
    assert call("serve", "--hots", "localhost", "--help").err != ""


def test_probes_ask_for_what_the_server_answers() -> None:
    asked = {
        container[probe]["httpGet"]["path"]
        for _, pod in pods(read(*MANIFESTS))
        for container in pod["spec"]["containers"]
        if container["image"].startswith("evens:")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if probe in container
    }
    asked |= set(re.findall(r"'(/[a-z]+)', timeout", DOCKERFILE.read_text("utf-8")))
    asked |= set(re.findall(r"meth GET uri (/\S+)", FRONT.read_text("utf-8")))
    asked |= {
        pod["metadata"].get("annotations", {}).get("prometheus.io/path", "/metrics")
        for _, pod in pods(read(*MANIFESTS))
    }
    assert asked == {"/healthz", "/readyz", "/metrics"}
    assert asked <= PATHS


def test_everybody_means_the_same_port() -> None:
    port = str(Settings.model_fields["port"].default)
    text = "".join(path.read_text("utf-8") for path in (*MANIFESTS, COMPOSE, DOCKERFILE, FRONT))
    said = re.findall(r"(?:containerPort: |--port, \"|EXPOSE |:)(8\d{3})\b(?!:)", text)
    assert len(said) >= 8
    # The line provider is the one with another port.
    assert set(said) == {port, str(LINE_PORT)}
    line = (KUSTOMIZATION.parent / "line-provider.yaml").read_text("utf-8")
    assert set(re.findall(r"\b8\d{3}\b", line)) == {str(LINE_PORT)}


def test_a_stand_by_is_ready_while_only_the_leader_gets_requests() -> None:
    (server,) = [each for each in read(KUSTOMIZATION.parent / "evens.yaml") if each["kind"] == "Deployment"]
    (container,) = server["spec"]["template"]["spec"]["containers"]
    # Were it /readyz, a rollout would wait for the stand-by for ever.
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert server["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "100%", "maxUnavailable": 0}
    assert re.search(r"http-check send meth GET uri /readyz\n +http-check expect status 200", FRONT.read_text("utf-8"))
    budgets = [each for each in read(*MANIFESTS) if each["kind"] == "PodDisruptionBudget"]
    assert [budget["spec"]["minAvailable"] for budget in budgets] == [1, 1]
    assert server["spec"]["replicas"] == 2


def test_the_front_speaks_as_the_api_does() -> None:
    problems = [json.loads(text) for text in re.findall(r" string '(\{.*\})'$", FRONT.read_text("utf-8"), re.MULTILINE)]
    assert {problem["status"]: problem["code"] for problem in problems} == {
        502: "outcome_unknown",
        503: "not_leading",
        504: "outcome_unknown",
    }
    assert all(problem["type"] == f"urn:evens:problem:{problem['code']}" for problem in problems)


def test_no_secret_has_a_value_or_a_default() -> None:
    values = [value for secret in read(EXAMPLE) for value in secret["stringData"].values()]
    assert len(values) == 7
    assert set(values) == {""}
    assert not [each for each in read(*MANIFESTS) if each["kind"] == "Secret" and each not in read(EXAMPLE)]
    named = re.findall(r"\$\{(\w+)(.*?)\}", COMPOSE.read_text("utf-8"))
    passwords = {"POSTGRES_PASSWORD", "POSTGRES_SERVER_PASSWORD", "POSTGRES_LINE_PASSWORD"}
    secrets = {name: rest for name, rest in named if name != "EVENS_BETFAIR_STREAM_PORT"}
    assert secrets.keys() == {*passwords, "EVENS_SECRET"}
    assert all(rest.startswith(":?") for name, rest in named if name in secrets)


def test_only_the_migrations_log_in_as_the_owner() -> None:
    """Hold 1: the servers log in with the least role, and do not know the owner's password."""
    (compose,) = read(COMPOSE)
    logins = {
        name: service["environment"]["DATABASE_URL"].partition("//")[2].partition(":")[0]
        for name, service in compose["services"].items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    servers = {"evens": "evens_server", "evens-standby": "evens_server"}
    assert logins == {"migrate": "evens", "line-provider": "line_provider_owner", **servers}
    told = [compose["services"][name]["environment"] for name in servers]
    assert [(each["POSTGRES_PASSWORD"], each["POSTGRES_LINE_PASSWORD"]) for each in told] == [("", "")] * 2


def test_the_manual_never_trusts_a_database_that_it_has_not_verified() -> None:
    """Hold 1: a connection that is only encrypted may lead to anybody."""
    manual = "".join(path.read_text("utf-8") for path in (DEPLOY / "README.md", EXAMPLE))
    assert "sslmode=verify-full" in manual
    assert re.findall(r"^ {4}.*sslmode=(?:require|prefer|allow|disable)", manual, re.MULTILINE) == []


def egress(policy: str) -> set[int]:
    (found,) = [each for each in read(KUSTOMIZATION.parent / "network.yaml") if each["metadata"]["name"] == policy]
    return {port["port"] for rule in found["spec"]["egress"] for port in rule["ports"]}


def test_servers_reach_what_they_send_to() -> None:
    """Webhooks and feeds, mail by smtps and smtp, the line provider, the database."""
    assert egress("server") == {443, 465, 587, LINE_PORT, 5432}
    assert egress("line-provider") == {5432, Settings.model_fields["port"].default}


def test_no_pod_can_do_more_than_it_needs() -> None:
    assert loose_ends(read(*MANIFESTS)) == []


def test_a_pod_that_can_do_more_is_found() -> None:
    documents = copy.deepcopy(read(KUSTOMIZATION.parent / "migrate.yaml"))
    pod = documents[0]["spec"]["template"]["spec"]
    del pod["securityContext"], pod["enableServiceLinks"]
    pod["containers"][0]["securityContext"]["capabilities"]["add"] = ["NET_ADMIN"]
    pod["containers"][0]["resources"]["limits"].pop("memory")
    found = {complaint.removeprefix("evens-migrate: ") for complaint in loose_ends(documents)}
    assert found == {"runs as root", "no seccomp", "has capabilities", "is told of services", "has no bounds"}


def test_whatever_chooses_pods_finds_some() -> None:
    assert unmatched_selectors(read(*MANIFESTS)) == []


def test_a_selector_that_finds_no_pod_is_found() -> None:
    documents = copy.deepcopy(read(*MANIFESTS))
    service = next(each for each in documents if each["kind"] == "Service")
    service["spec"]["selector"]["app.kubernetes.io/component"] = "sever"
    assert len(unmatched_selectors(documents)) == 1


def test_the_unit_stops_the_server_and_not_its_database() -> None:
    lines = UNIT.read_text("utf-8").splitlines()
    assert {"KillMode=mixed", "User=evens", "StateDirectory=evens", "Environment=EVENS_DATA=/var/lib/evens"} <= {*lines}
