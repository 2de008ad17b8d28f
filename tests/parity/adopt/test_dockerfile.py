"""The Dockerfile of an app without one, as text; e2e/test_adopted.py builds it."""

from __future__ import annotations

import json
from pathlib import Path

from parity.adopt import dockerfile
from parity.adopt.folder import Folder

APP = Folder(
    path=Path("/home/me/my-app"),
    entry="src/ui.py",
    listed=("streamlit==1.50", "boto3"),
    source="requirements.txt",
    needs_folder=False,
    python="",
    dockerfile=False,
    secrets=(),
    health_path="/_stcore/health",
    notes=(),
)
OWN = (Path(__file__).parents[3] / "app" / "Dockerfile").read_text()


def test_it_starts_the_entry_where_the_load_balancer_looks() -> None:
    """On the port of infra/template.yml, on all interfaces, whatever config.toml says."""
    text = dockerfile.render(APP)
    [line] = [line for line in text.splitlines() if line.startswith("CMD ")]
    started = json.loads(line.removeprefix("CMD "))
    assert started[:3] == ["streamlit", "run", "src/ui.py"]
    assert {"--server.port=8501", "--server.address=0.0.0.0"} <= set(started)


def test_it_installs_as_the_kit_s_own_does() -> None:
    """The same base, user, CA bundle as a secret, and pip's cache in no layer."""
    text = dockerfile.render(APP)
    assert "streamlit==1.50\nboto3\nEND_OF_LIST" in text
    for shared in (
        "--mount=type=secret,id=ca,target=/run/secrets/ca.pem",
        "--mount=type=cache,target=/var/cache/pip",
        "export PIP_CERT=/run/secrets/ca.pem",
        "FROM ${PYTHON_IMAGE}",
        "10001",
    ):
        assert shared in text
        assert shared in OWN


def test_folder_is_there_while_pip_runs_only_if_some_line_needs_it() -> None:
    """Else each change of the page would install everything anew."""
    copies = "COPY . /build/"
    assert copies not in dockerfile.render(APP)
    needy = Folder(**(vars(APP) | {"needs_folder": True}))
    assert copies in dockerfile.render(needy)


def test_secrets_never_get_into_the_image() -> None:
    """Nor does what is not the app; what the app's own list leaves out stays out."""
    lines = dockerfile.ignored("data/\n*.csv").splitlines()
    assert lines[:2] == ["data/", "*.csv"]
    assert {".env", ".streamlit/secrets.toml", "**/.git", "**/.venv"} <= set(lines)


def test_package_index_of_this_host_is_used_and_kept_out_of_the_image() -> None:
    """Its address may have a password in it; one in a folder would not be there in a build."""
    given = {
        "PIP_INDEX_URL": "https://me:secret@pypi.example/simple",
        "PIP_EXTRA_INDEX_URL": "file:///wheels https://more.example/simple",
    }
    text = dockerfile.pip_settings(given)
    assert "\nindex-url = https://me:secret@pypi.example/simple\n" in text
    assert "\nextra-index-url = https://more.example/simple\n" in text
    assert dockerfile.pip_settings({}) == "[global]\n"
    assert "PIP_CONFIG_FILE=/run/secrets/pip.conf" in dockerfile.render(APP)
