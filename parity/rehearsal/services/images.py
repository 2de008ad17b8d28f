"""What the local registry holds, as ECR and a starting task see it."""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from parity.rehearsal.fargate.ended import not_started

REGISTRY_VARIABLE = "REHEARSAL_REGISTRY"
USER = "AWS"  # what ECR's tokens decode to
PASSWORD = "rehearsal"  # noqa: S105 - of a registry that lives as long as a rehearsal, on loopback
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
PLATFORM = {"amd64": "X86_64", "arm64": "ARM64"}
SECONDS = 10
# Label of an image that is no more than a record: its tasks are one, too, and nothing is run.
EMULATED = "parity.rehearsal.emulated"


@dataclass(frozen=True)
class Manifest:
    """A manifest as the registry keeps it; digest is the SHA-256 of exactly this text."""

    text: str
    media_type: str
    digest: str


@dataclass(frozen=True)
class Pulled:
    """An image that a task could start with. runs: whether there is something in it to run."""

    digest: str
    runs: bool


def registry() -> str:
    """Return host and port of the local registry."""
    return os.environ[REGISTRY_VARIABLE]


def token() -> str:
    """Return what ECR's authorization token would be: user and password in base64."""
    return base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def tags(repository: str) -> list[str]:
    """Return the tags of a repository; none where nothing was pushed yet."""
    try:
        return list(json.loads(_get(f"{repository}/tags/list").read())["tags"] or [])
    except urllib.error.HTTPError:
        return []


def manifest(repository: str, reference: str) -> Manifest | None:
    """Return the manifest of a tag or digest, None where the registry has none."""
    try:
        answer = _get(f"{repository}/manifests/{reference}", accept=", ".join(MANIFESTS))
    except urllib.error.HTTPError:
        return None
    return Manifest(
        answer.read().decode(),
        answer.headers["Content-Type"],
        answer.headers["Docker-Content-Digest"],
    )


def pull(image: str, platform: str, command: object) -> Pulled:
    """Return what a task with this image runs.

    image: repository@digest or repository:tag of the local registry. platform: the task
    definition's cpuArchitecture. command: what the container definition runs, if it says so.
    Raises TaskEndedError where the image is not there, is incomplete, was made for another
    platform, or has nothing to run. What it does once started is not looked at.
    """
    host, _, rest = image.partition("/")
    repository, separator, reference = rest.partition("@")
    if not separator:
        repository, _, reference = rest.partition(":")
    found = manifest(repository, reference) if host == registry() else None
    if found is None:
        raise not_started(f"CannotPullContainerError: {image}: not found")
    content = json.loads(found.text)
    if "config" not in content:
        raise not_started(f"CannotPullContainerError: {image} is an index without a platform")
    for layer in content["layers"]:
        _require_blob(repository, layer["digest"], image)
    configuration = _require_blob(repository, content["config"]["digest"], image)
    made_for = PLATFORM.get(configuration.get("architecture", ""), "")
    if made_for != platform:
        raise not_started(
            f"CannotPullContainerError: image Manifest does not contain descriptor matching"
            f" platform 'linux/{platform}' (it is for {made_for or 'none that is known'})"
        )
    inside = configuration.get("config", {})
    if not (command or inside.get("Cmd") or inside.get("Entrypoint")):
        raise not_started("CannotStartContainerError: no command specified")
    return Pulled(found.digest, runs=EMULATED not in (inside.get("Labels") or {}))


def _require_blob(repository: str, digest: str, image: str) -> dict[str, Any]:
    try:
        content = _get(f"{repository}/blobs/{digest}").read()
    except urllib.error.HTTPError as error:
        raise not_started(f"CannotPullContainerError: {image}: {digest} is missing") from error
    try:
        return dict(json.loads(content))
    except ValueError:
        return {}  # a layer


def _get(path: str, accept: str = "*/*") -> Any:  # noqa: ANN401 - urllib's response
    headers = {"Accept": accept, "Authorization": f"Basic {token()}"}
    request = urllib.request.Request(f"http://{registry()}/v2/{path}", headers=headers)
    return urllib.request.urlopen(request, timeout=SECONDS)  # noqa: S310 - our own registry
