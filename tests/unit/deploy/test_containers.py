"""What the container files promise; no container engine is needed to hold them to it."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from ruamel.yaml import YAML

import bot.metrics  # noqa: F401  the metrics register themselves
from bot.settings import Settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text()
SECRETS = ("FRONTDESK_SECRET", "REDIS_PASSWORD", "POSTGRES_PASSWORD")


def read(name: str) -> Any:
    return YAML(typ="safe").load(DEPLOY / name)


COMPOSE = read("compose.yaml")
SERVICES = COMPOSE["services"]


def variables(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{(\w+)", text))


# -- image ----------------------------------------------------------------------------------------


def test_that_the_image_does_not_run_as_root() -> None:
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)


def test_that_the_image_reports_its_health() -> None:
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/readyz" in DOCKERFILE


def test_that_base_images_have_a_version() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(images) == 3
    assert all(re.search(r":\d", image) for image in images)


def test_that_what_is_copied_exists_and_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    for sources in re.findall(r"^COPY ((?:(?!--)\S+ )+)\S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            top = source.split("/")[0]
            assert any(fnmatch.fnmatch(top, pattern) for pattern in kept), source


def test_that_no_secret_is_baked_into_the_image() -> None:
    assert not re.search(r"(?i)^(ARG|ENV).*(secret|password|token)", DOCKERFILE, re.MULTILINE)


def test_that_test_lines_stay_out_of_the_image() -> None:
    assert "intents/packs/*/tests" in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("name", re.findall(r"\bFRONTDESK_[A-Z_]+", DOCKERFILE))
def test_that_the_image_sets_options_that_exist(name: str) -> None:
    assert name.removeprefix("FRONTDESK_").lower() in Settings.model_fields


# -- compose --------------------------------------------------------------------------------------


def test_that_only_the_service_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["frontdesk"]
    (port,) = SERVICES["frontdesk"]["ports"]
    assert port.startswith("${FRONTDESK_PUBLISH:-127.0.0.1:")


def test_that_databases_and_actions_do_not_meet_nor_reach_out() -> None:
    assert SERVICES["actions"]["networks"] == ["actions"]
    assert SERVICES["redis"]["networks"] == ["state"]
    assert SERVICES["postgres"]["networks"] == ["state"]
    assert all(COMPOSE["networks"][name]["internal"] for name in ("state", "actions"))


@pytest.mark.parametrize("name", SERVICES)
def test_that_every_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", ["actions", "redis", "postgres"])
def test_that_what_the_service_waits_for_reports_its_health(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES["frontdesk"]["depends_on"][name] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", SECRETS)
def test_that_compose_refuses_to_start_without_a_secret(name: str) -> None:
    used = re.findall(r"\$\{" + name + r"\b[^}]*\}", COMPOSE_TEXT)
    assert used
    assert all(":?" in item for item in used)


def test_that_the_action_server_gets_none_of_the_services_secrets() -> None:
    environment = SERVICES["actions"]["environment"]
    assert set(environment) == {"SHOP_DB"}
    assert "env_file" not in SERVICES["actions"]


@pytest.mark.parametrize("name", SERVICES["frontdesk"]["environment"])
def test_that_the_service_gets_options_that_exist(name: str) -> None:
    assert name.removeprefix("FRONTDESK_").lower() in Settings.model_fields


def test_that_the_example_names_every_variable_and_holds_no_secret() -> None:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert variables(COMPOSE_TEXT) - set(example) <= {"FRONTDESK_VERSION"}
    assert {example[name] for name in SECRETS} == {""}


# -- monitoring -----------------------------------------------------------------------------------


def test_that_alerts_ask_for_metrics_that_exist() -> None:
    known = {"up"}
    for family in REGISTRY.collect():
        known |= {family.name, *(family.name + end for end in ("_total", "_bucket", "_count"))}
    (group,) = read("prometheus/alerts.yml")["groups"]
    for rule in group["rules"]:
        asked = set(re.findall(r"\b(?:frontdesk_\w+|up)\b", rule["expr"]))
        assert asked, rule["alert"]
        assert asked <= known
        assert {"summary", "description"} <= set(rule["annotations"])


def test_that_prometheus_scrapes_the_service() -> None:
    config = read("prometheus/prometheus.yml")
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "frontdesk"
    assert config["rule_files"] == ["alerts.yml"]
    assert job["static_configs"] == [{"targets": ["frontdesk:8080"]}]
