"""Images to rehearse with: a few bytes each, made and brought into the registry for real."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import tarfile
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from parity.deploy import image, local
from parity.deploy.image import LocalImage, kept_name
from parity.deploy.promote import Engine
from parity.deploy.receipt import Receipt, SuiteResult
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docker import DockerClient

MEDIA = "application/vnd.docker"
MANIFEST = f"{MEDIA}.distribution.manifest.v2+json"
SECONDS = 30
# What the emulated ECR hands out; see services/images.py, which runs in another process.
CREDENTIALS = base64.b64encode(b"AWS:rehearsal").decode()
COMMAND = ("/serve",)
NOTHING_TO_RUN = ()


class Workshop(Protocol):
    """Makes images with receipts that say they are tested, as the rehearsal is of what follows."""

    @property
    def pushes(self) -> bool:
        """Whether `deploy` itself pushes these images, by Docker."""

    @property
    def engine(self) -> Engine:
        """What `deploy` asks for the images."""

    def make(self, name: str, command: Sequence[str]) -> Receipt:
        """Return the receipt of a new image with this command; none at all is one that fails."""

    def for_stack(self, stack: str) -> Workshop:
        """Return a workshop whose images go to another stack's repository."""

    def close(self) -> None:
        """Leave nothing of the images behind."""


class DockerWorkshop:
    """Images in the local Docker Engine, for `deploy` to push."""

    pushes = True

    def __init__(self, client: DockerClient) -> None:
        self.client = client
        self.names: list[str] = []
        self.engine = Engine(find=local.find_image, connect=lambda: client)

    def make(self, name: str, command: Sequence[str]) -> Receipt:
        """Import an image of one small file, under the name that its receipt will look for."""
        identifier = _identifier(name)
        kept = kept_name(identifier)
        repository, _, tag = kept.rpartition(":")
        self.names.append(kept)
        changes = [f"CMD {json.dumps(list(command))}"] if command else []
        self.client.api.import_image_from_data(
            _layer(identifier), repository=repository, tag=tag, changes=changes
        )
        found = image.inspect(self.client, kept)
        if found is None:
            raise ParityError(f"Docker has imported '{kept}' and does not have it")
        return _receipt(identifier, found)

    def for_stack(self, stack: str) -> Workshop:  # noqa: ARG002 - `deploy` knows where to push
        """Return this workshop: `deploy` pushes to wherever the stack's repository is."""
        return self

    def close(self) -> None:
        """Remove the images."""
        for name in self.names:
            self.client.images.remove(name, force=True)


class RegistryWorkshop:
    """Images that are in the registry already, where no Docker Engine is to push them."""

    pushes = False

    def __init__(self, registry: str, repository: str) -> None:
        self.registry = registry
        self.base = f"http://{registry}/v2/{repository}"
        self.made: dict[str, LocalImage] = {}
        self.engine = Engine(find=lambda wanted: self.made.get(wanted.id), connect=_no_engine)

    def make(self, name: str, command: Sequence[str]) -> Receipt:
        """Upload an image of one small file over the registry's own API."""
        identifier = _identifier(name)
        layer = _layer(identifier)
        configuration = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": list(command) or None},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
        config = json.dumps(configuration).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._upload(config, f"{MEDIA}.container.image.v1+json"),
            "layers": [self._upload(layer, f"{MEDIA}.image.rootfs.diff.tar")],
        }
        body = json.dumps(manifest).encode()
        self._send("PUT", f"{self.base}/manifests/{identifier}", body, MANIFEST)
        self.made[identifier] = LocalImage(_digest(config), _digest(config), "amd64", "")
        return _receipt(identifier, self.made[identifier])

    def for_stack(self, stack: str) -> Workshop:
        """Return a workshop that uploads to the repository of that stack."""
        return RegistryWorkshop(self.registry, stack)

    def close(self) -> None:
        """Nothing: the images go with the registry."""

    def _upload(self, blob: bytes, media_type: str) -> dict[str, object]:
        digest = _digest(blob)
        where = self._send("POST", f"{self.base}/blobs/uploads/")
        joint = "&" if "?" in where else "?"
        self._send("PUT", f"{where}{joint}digest={digest}", blob)
        return {"mediaType": media_type, "size": len(blob), "digest": digest}

    def _send(
        self, method: str, url: str, body: bytes = b"", kind: str = "application/octet-stream"
    ) -> str:
        headers = {"Content-Type": kind, "Authorization": f"Basic {CREDENTIALS}"}
        request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - our own
            return str(answer.headers.get("Location", ""))


def _identifier(name: str) -> str:
    return f"rehearse-{name}-{secrets.token_hex(3)}"


def _layer(content: str) -> bytes:
    """Return a layer with one file whose content no other layer has."""
    data, buffer = content.encode(), io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("serve")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _receipt(identifier: str, found: LocalImage) -> Receipt:
    return Receipt(
        id=identifier,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        image_id=found.id,
        config_digest=found.config_digest,
        git_revision="",
        tree_clean=False,
        architecture=found.architecture,
        suites={"rehearsal": SuiteResult(passed=1, failed=0, skipped=0, seconds=0)},
        passed=True,
        parity=None,
        lock_sha256="",
    )


def _no_engine() -> DockerClient:
    raise ParityError("the image is not in the registry, and this rehearsal has no Docker Engine")
