"""The Dockerfile that the kit makes for an app without one, and what stays out of its image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parity.adopt.folder import SECRET_FILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.adopt.folder import Folder

PORT = 8501
USER = 10001  # as of the kit's own app
HOME = "/srv/app"
LEFT_OUT = (
    "**/.git",
    "**/.venv",
    "**/venv",
    "**/node_modules",
    "**/__pycache__",
    "**/.*_cache",
    *SECRET_FILES,
)
_PIP = """\
# The host's CA bundle and package index come as secrets; no layer keeps them.
# Compiled here, as a replica cannot; some packages hold files that are for another Python.
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.pem \\
    --mount=type=secret,id=pip,target=/run/secrets/pip.conf \\
    --mount=type=cache,target=/var/cache/pip \\
    export PIP_CACHE_DIR=/var/cache/pip PIP_CONFIG_FILE=/run/secrets/pip.conf; \\
    if [ -s /run/secrets/ca.pem ]; then export PIP_CERT=/run/secrets/ca.pem; fi; \\
    python3 -m venv /opt/venv \\
    && /opt/venv/bin/pip install --disable-pip-version-check --quiet --no-compile \\
        --requirement /build/requirements.txt \\
    && { /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib || true; }"""


def render(app: Folder) -> str:
    """Return the Dockerfile of an app: as app/Dockerfile, for requirements that pin nothing."""
    return f"""\
# Made by `parity adopt` for '{app.name}', and made anew each time.
ARG PYTHON_IMAGE
FROM ${{PYTHON_IMAGE}} AS dependencies
{_lists(app)}
{_PIP}

FROM ${{PYTHON_IMAGE}}
RUN groupadd --gid {USER} app \
    && useradd --uid {USER} --gid {USER} --no-create-home --home /tmp app \
    && install -d -o {USER} -g {USER} {HOME}
COPY --from=dependencies /opt/venv /opt/venv
COPY --chown={USER}:{USER} . {HOME}/
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR {HOME}
USER {USER}:{USER}
EXPOSE {PORT}
CMD {json.dumps(command(app.entry))}
"""


def command(entry: str) -> list[str]:
    """Return what starts a replica; options win over the app's own config.toml."""
    options = {
        "server.port": PORT,
        "server.address": "0.0.0.0",  # noqa: S104 - within a container
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    return ["streamlit", "run", entry, *(f"--{name}={value}" for name, value in options.items())]


def pip_settings(environment: Mapping[str, str]) -> str:
    """Return the pip.conf of a build, with the package indexes that this host's pip is told of.

    Addresses may have a password in them, so they are handed over as a secret. Of an index in a
    folder of this host a build sees nothing.
    """
    names = {"PIP_INDEX_URL": "index-url", "PIP_EXTRA_INDEX_URL": "extra-index-url"}
    lines = ["[global]"]
    for name, option in names.items():
        urls = [url for url in environment.get(name, "").split() if url.startswith("http")]
        lines += [f"{option} = {' '.join(urls)}"] if urls else []
    return "\n".join(lines) + "\n"


def ignored(own: str) -> str:
    """Return the .dockerignore: what the app's own says, and what must never be in an image."""
    return "\n".join([*own.splitlines(), *LEFT_OUT]) + "\n"


def _lists(app: Folder) -> str:
    """Return the steps that bring what to install to /build."""
    lines = "\n".join(app.listed)
    written = f"COPY <<'END_OF_LIST' /build/requirements.txt\n{lines}\nEND_OF_LIST"
    # Some line names a file of the folder, so all of it has to be there.
    return f"WORKDIR /build\nCOPY . /build/\n{written}" if app.needs_folder else written
