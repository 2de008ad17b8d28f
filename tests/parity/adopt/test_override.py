"""What is laid over compose.yaml for an adopted app, and what nginx is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import yaml

from parity.adopt import override
from parity.adopt.files import Files, Record
from parity.project import ROOT

FILES = Files(Path("/kit/.parity/adopted/p"))
BUILT = Record(
    name="my-app",
    source="./my-app",
    image="p-adopted",
    entry="app.py",
    port=8501,
    health_path="/_stcore/health",
    dockerfile="/kit/.parity/adopted/p/Dockerfile",
    context="/home/me/my-app",
    python_image="python:3.12",
    secrets=(".streamlit/secrets.toml",),
    environment={"PRICE": "5$", "TABLE": "orders"},
)
PULLED = Record(
    name="chat", source="chat:2", image="chat:2", entry="", port=80, health_path="/h", own_user=True
)


class _Loader(yaml.SafeLoader):
    """Reads the tags of Compose as what they stand for."""


_Loader.add_constructor("!reset", lambda *_: "gone")
_Loader.add_constructor(
    "!override", lambda loader, node: dict(loader.construct_pairs(node, deep=True))
)


def services(record: Record) -> dict[str, dict[str, object]]:
    """Return the services of an override."""
    loader = _Loader(override.render(record, FILES, "p"))
    found: dict[str, dict[str, object]] = loader.get_single_data()["services"]
    return found


def test_folder_is_built_by_compose_from_where_it_is() -> None:
    """So the image carries the project's label, and `parity down` finds it."""
    app = services(BUILT)["app"]
    assert app["build"] == {
        "context": "/home/me/my-app",
        "dockerfile": "/kit/.parity/adopted/p/Dockerfile",
        "args": {"PYTHON_IMAGE": "python:3.12"},
        "secrets": ["ca", "pip"],
    }


def test_image_is_taken_as_it_is() -> None:
    """And nothing is built for the service."""
    app = services(PULLED)["app"]
    assert (app["image"], app["build"]) == ("chat:2", "gone")


def test_limits_network_volume_and_model_are_those_of_compose_yaml() -> None:
    """The override does not mention them."""
    for record in (BUILT, PULLED):
        app = services(record)["app"]
        assert not {"deploy", "networks", "cap_drop", "tmpfs", "stop_grace_period"} & app.keys()


def test_app_is_asked_for_its_health_where_it_says_it() -> None:
    """By the container's check and by the load balancer, at the same port and path."""
    [probe] = [word for word in services(PULLED)["app"]["healthcheck"]["test"] if "http" in word]  # type: ignore[index]
    assert "127.0.0.1:80/h" in probe
    told = json.loads(override.attributes(PULLED))
    assert told["target_group"]["HealthCheckPath"] == "/h"
    assert told["target_group"]["Port"] == 80
    usual = json.loads((ROOT / "nginx" / "attributes.json").read_text())
    changed = {"Port": 8501, "HealthCheckPath": "/healthz"}
    assert told | {"target_group": told["target_group"] | changed} == usual


def test_attributes_are_laid_out_as_nginx_s_scripts_read_them() -> None:
    """A shell script reads one attribute a line."""
    text = override.attributes(replace(PULLED, port=8501, health_path="/healthz"))
    assert text == (ROOT / "nginx" / "attributes.json").read_text()


def test_secrets_are_shown_to_the_replicas_and_cannot_be_changed() -> None:
    """As copies: the folder's own files may be readable by their owner alone."""
    assert services(BUILT)["app"]["volumes"] == [
        {
            "type": "bind",
            "source": "/kit/.parity/adopted/p/secrets/.streamlit-secrets.toml",
            "target": "/srv/app/.streamlit/secrets.toml",
            "read_only": True,
        }
    ]


def test_environment_is_passed_to_the_letter() -> None:
    """Compose would take a dollar sign for a variable."""
    assert services(BUILT)["app"]["environment"] == {"PRICE": "5$$", "TABLE": "orders"}


def test_volume_is_open_to_whoever_an_image_runs_as() -> None:
    """The kit's own user is only in images that the kit makes."""
    assert "0777" in services(PULLED)["volume"]["command"]  # type: ignore[operator]
    assert "command" not in services(BUILT)["volume"]
