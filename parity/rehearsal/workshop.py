"""Images to rehearse with: the one under test where an engine runs, or else a few bytes each."""

from __future__ import annotations

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
from parity.rehearsal.services.images import EMULATED, token

if TYPE_CHECKING:
    from docker import DockerClient

MEDIA = "application/vnd.docker"
MANIFEST = f"{MEDIA}.distribution.manifest.v2+json"
SECONDS = 30
BAD_EXIT_CODE = 3
BAD_COMMAND = ["sh", "-c", f"echo 'this image does not start' >&2; exit {BAD_EXIT_CODE}"]
LABEL = "parity.rehearsal.image"


class Workshop(Protocol):
    """Makes images with receipts that say they are tested, as the rehearsal is of what follows."""

    @property
    def runs(self) -> bool:
        """Whether tasks of these images are executed."""

    @property
    def engine(self) -> Engine:
        """What `deploy` asks for the images."""

    def make(self, name: str, *, starts: bool = True) -> Receipt:
        """Return the receipt of another image; one that does not start ends with an error."""

    def for_stack(self, stack: str) -> Workshop:
        """Return a workshop whose images go to another stack's repository."""

    def close(self) -> None:
        """Leave nothing of the images behind."""


class EngineWorkshop:
    """The image under test, and others made from it, in the local engine, for `deploy` to push.

    The first that starts is the image itself; the next ones differ from it by a label.
    """

    runs = True

    def __init__(self, client: DockerClient, app: str, registry: str) -> None:
        self.client = client
        self.app = app
        self.registry = registry
        self.names: list[str] = []
        self.engine = Engine(find=local.find_image, connect=lambda: client)

    def make(self, name: str, *, starts: bool = True) -> Receipt:
        """Put an image under the name that its receipt will look for."""
        identifier = _identifier(name)
        kept = kept_name(identifier)
        if starts and not self.names:
            image.keep(self.client, self.app, identifier)
        else:
            changes = [f"LABEL {LABEL}={name}"]
            changes += [] if starts else [f"CMD {json.dumps(BAD_COMMAND)}"]
            self._commit(kept, "\n".join(changes))
        self.names.append(kept)
        found = image.inspect(self.client, kept)
        if found is None:
            raise ParityError(f"Docker has made '{kept}' and does not have it")
        return _receipt(identifier, found)

    def for_stack(self, stack: str) -> Workshop:  # noqa: ARG002 - `deploy` knows where to push
        """Return this workshop: `deploy` pushes to wherever the stack's repository is."""
        return self

    def close(self) -> None:
        """Remove the images, and the names under which tasks have pulled them."""
        pulled = [
            name
            for each in self.client.images.list()
            for name in each.attrs.get("RepoDigests") or []
            if name.startswith(f"{self.registry}/")
        ]
        image.forget(self.client, [*self.names, *pulled])

    def _commit(self, name: str, changes: str) -> None:
        repository, _, tag = name.rpartition(":")
        container = self.client.containers.create(self.app)
        try:
            container.commit(repository, tag, changes=changes)
        finally:
            container.remove()


class RegistryWorkshop:
    """Images of one small file, straight into the registry; tasks of them are records only."""

    runs = False

    def __init__(self, registry: str, repository: str, architecture: str = "amd64") -> None:
        self.registry = registry
        self.architecture = architecture
        self.base = f"http://{registry}/v2/{repository}"
        self.made: dict[str, LocalImage] = {}
        self.engine = Engine(find=lambda wanted: self.made.get(wanted.id), connect=_no_engine)

    def make(self, name: str, *, starts: bool = True) -> Receipt:
        """Upload an image over the registry's own API; one that does not start has no command."""
        identifier = _identifier(name)
        layer = _layer(identifier)
        command = ["/serve"] if starts else None
        configuration = {
            "architecture": self.architecture,
            "os": "linux",
            "config": {"Cmd": command, "Labels": {EMULATED: "true"}},
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
        digest = _digest(config)
        self.made[identifier] = LocalImage(digest, digest, self.architecture, "")
        return _receipt(identifier, self.made[identifier])

    def for_stack(self, stack: str) -> Workshop:
        """Return a workshop that uploads to the repository of that stack."""
        return RegistryWorkshop(self.registry, stack, self.architecture)

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
        headers = {"Content-Type": kind, "Authorization": f"Basic {token()}"}
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
