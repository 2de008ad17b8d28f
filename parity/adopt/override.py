"""The Compose file that puts an adopted app into the place of the kit's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from parity.adopt.dockerfile import HOME
from parity.project import ROOT

if TYPE_CHECKING:
    from parity.adopt.files import Files, Record

ATTRIBUTES = ROOT / "nginx" / "attributes.json"
VOLUME = "/mnt/data"
# Python is in any image of a Streamlit app, curl and wget in few.
PROBE = "import urllib.request as r; r.urlopen('http://127.0.0.1:{port}{path}', timeout=4)"


class _Reset:
    """What compose.yaml says of it counts no more."""


class _Override(dict[str, Any]):
    """Takes the place of what compose.yaml says, where it would else be added to it."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Reset, lambda dumper, _: dumper.represent_scalar("!reset", "null"))
_Dumper.add_representer(
    _Override, lambda dumper, given: dumper.represent_mapping("!override", given)
)


def render(record: Record, files: Files, project: str) -> str:
    """Return the override: same limits, network, volume and model; other image and health check."""
    title = (
        f"# Override: the app '{record.name}', made by `parity adopt` and made anew each time.\n"
    )
    volumes = [
        {"type": "bind", "source": str(files.secret(name)), "target": f"{HOME}/{name}"}
        | {"read_only": True}
        for name in record.secrets
    ]
    app: dict[str, Any] = {
        "image": record.image,
        "build": _build(record) if record.dockerfile else _Reset(),
        "read_only": record.read_only,
        "healthcheck": health_check(record),
        "develop": _Reset(),
    }
    if record.environment:
        # Compose would take a dollar sign for the beginning of a variable.
        app["environment"] = {
            name: value.replace("$", "$$") for name, value in record.environment.items()
        }
    if volumes:
        app["volumes"] = volumes
    attributes = {"type": "bind", "source": str(files.attributes), "read_only": True}
    services = {
        "app": app,
        "nginx": {"volumes": [attributes | {"target": "/etc/nginx/attributes.json"}]},
        # The app's image need not have the programs for it.
        "volume": {"image": f"{project}-bedrock", "build": _Reset(), "entrypoint": []}
        | ({"command": open_to_all()} if record.own_user else {}),
    }
    secrets = {} if record.own_user else {"secrets": {"pip": {"file": str(files.pip_settings)}}}
    return title + yaml.dump({"services": services} | secrets, Dumper=_Dumper, sort_keys=False)


def health_check(record: Record) -> dict[str, Any]:
    """Return the container's own check, as Compose has it."""
    probe = PROBE.format(port=record.port, path=record.health_path)
    return {
        "test": ["CMD", "python3", "-ISEc", probe],
        "interval": "10s",
        "timeout": "5s",
        "start_period": "60s",
        "start_interval": "1s",
        "retries": 3,
    }


def attributes(record: Record) -> str:
    """Return the load balancer's attributes with the app's port and health check path."""
    known = json.loads(ATTRIBUTES.read_text())
    known["target_group"] |= {"Port": record.port, "HealthCheckPath": record.health_path}
    return json.dumps(known, indent=2) + "\n"


def open_to_all() -> list[str]:
    """Return what makes the volume anybody's.

    An EFS access point makes each user the one that it names; a folder of this machine cannot.
    """
    return ["install", "-d", "-m", "0777", VOLUME]


def _build(record: Record) -> _Override:
    """Return how the image is built; only the kit's own Dockerfile knows of pip's settings."""
    return _Override(
        context=record.context,
        dockerfile=record.dockerfile,
        args={"PYTHON_IMAGE": record.python_image},
        secrets=["ca"] if record.own_user else ["ca", "pip"],
    )
