"""A registry in a few lines, for tests: blobs, manifests and tags over HTTP, in memory.

The tests of `parity.deploy.registry` run against Debian's `docker-registry`, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from parity.deploy.registry import IMAGES, INDEXES
from parity.host.preflight import LOOPBACK, any_free_port
from parity.rehearsal.process import bare_environment, server
from parity.rehearsal.registry import configuration, ensure_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """The part of the registry protocol that pushing and reading manifests takes."""

    server: Registry

    def do_GET(self) -> None:
        """Answer a manifest, a blob or the list of tags."""
        self.server.authorizations.append(self.headers.get("Authorization", ""))
        if listing := re.fullmatch(r"/v2/(.+)/tags/list(\?.*)?", self.path):
            self._list_tags(listing[1])
        elif wanted := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            name, reference = wanted.groups()
            digest = self.server.tags.get((name, reference), reference)
            held = self.server.manifests.get((name, digest))
            if held is None:
                self._answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
            else:
                self._answer(200, held[1], {"Content-Type": held[0]})
        elif wanted := re.fullmatch(r"/v2/(.+)/blobs/(sha256:[0-9a-f]{64})", self.path):
            self._send_blob(*wanted.groups())
        elif wanted := re.fullmatch(r"/elsewhere/(sha256:[0-9a-f]{64})", self.path):
            self._answer(200, self.server.blobs[wanted[1]])

    def do_POST(self) -> None:
        """Begin an upload."""
        self._body()
        self._answer(202, b"", {"Location": f"{self.path}1?_state=x"})

    def do_PUT(self) -> None:
        """Take a blob or a manifest."""
        body = self._body()
        digest = sha256(body)
        if wanted := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            name, reference = wanted.groups()
            if self.server.refusal:
                self._answer(self.server.refusal, b'{"errors": [{"code": "DENIED"}]}')
                return
            self.server.manifests[name, digest] = (self.headers["Content-Type"], body)
            if not reference.startswith("sha256:"):
                self.server.tags[name, reference] = digest
        else:
            self.server.blobs[digest] = body
        self._answer(201, b"")

    def log_message(self, *_: object) -> None:
        """Say nothing: tests print enough."""

    def _send_blob(self, _: str, digest: str) -> None:
        """As ECR does: not from here, but from where it is stored."""
        if digest in self.server.blobs:
            self._answer(307, b"", {"Location": f"/elsewhere/{digest}"})
        else:
            self._answer(404, b'{"errors": [{"code": "BLOB_UNKNOWN"}]}')

    def _list_tags(self, name: str) -> None:
        tags = sorted(tag for held, tag in self.server.tags if held == name)
        if not any(held == name for held, _ in self.server.manifests):
            self._answer(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}')
            return
        first = re.search(r"last=([^&]*)", self.path)
        page = [tag for tag in tags if first is None or tag > first[1]][: self.server.page]
        link = {"Link": f'</v2/{name}/tags/list?last={page[-1]}&n=2>; rel="next"'} if page else {}
        more = page and page[-1] != tags[-1]
        self._answer(200, json.dumps({"name": name, "tags": page}).encode(), link if more else {})

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Registry(ThreadingHTTPServer):
    """What the registry holds. page: tags a page; refusal: the status of a refused PUT."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self.authorizations: list[str] = []
        self.page = 2
        self.refusal = 0

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def running() -> Iterator[Registry]:
    """Serve within the block."""
    with Registry() as registry:
        thread = threading.Thread(target=registry.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield registry
        registry.shutdown()
        thread.join()


@contextlib.contextmanager
def running_debians(folder: Path) -> Iterator[str]:
    """Serve with Debian's `docker-registry`, to anybody, within the block, and give its host.

    Raises ParityError where it is not installed and cannot be fetched.
    """
    program, port = ensure_program(), any_free_port()
    settings = configuration(folder, port)
    del settings["auth"]
    file = folder / "registry.yml"
    file.write_text(json.dumps(settings))
    argv, log = [str(program), "serve", str(file)], folder / "registry.log"
    with server(argv, port=port, log=log, env=bare_environment(), cwd=folder):
        yield f"{LOOPBACK}:{port}"


@dataclass(frozen=True)
class Put:
    """An image that was put into a registry."""

    digest: str
    config_digest: str


def put_image(
    host: str, name: str, tag: str, text: str = "an image", architecture: str = "amd64"
) -> Put:
    """Upload a tiny image, as `docker push` does, and return its two digests."""
    made = {"architecture": architecture, "os": "linux", "config": {"text": text}}
    config = json.dumps(made).encode()
    layer = text.encode()
    for blob in (config, layer):
        _put_blob(host, name, blob)
    manifest = {
        "schemaVersion": 2,
        "mediaType": IMAGES[0],
        "config": _descriptor("application/vnd.docker.container.image.v1+json", config),
        "layers": [_descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
    }
    return Put(_put_manifest(host, name, tag, IMAGES[0], manifest), sha256(config))


def put_index(host: str, name: str, tag: str, images: list[Put]) -> str:
    """Upload a list of images, as engines with a containerd store push it; return its digest."""
    entries = [
        {"mediaType": IMAGES[0], "digest": image.digest, "size": 1, "platform": {"os": "linux"}}
        for image in images
    ]
    index = {"schemaVersion": 2, "mediaType": INDEXES[0], "manifests": entries}
    return _put_manifest(host, name, tag, INDEXES[0], index)


def sha256(body: bytes) -> str:
    """Return a digest as registries write it."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(blob), "digest": sha256(blob)}


def _put_blob(host: str, name: str, blob: bytes) -> None:
    begun = _send("POST", f"http://{host}/v2/{name}/blobs/uploads/", b"", {})
    location = begun["Location"]
    url = location if location.startswith("http") else f"http://{host}{location}"
    headers = {"Content-Type": "application/octet-stream"}
    _send("PUT", f"{url}&digest={sha256(blob)}", blob, headers)


def _put_manifest(host: str, name: str, tag: str, media_type: str, manifest: dict[str, Any]) -> str:
    body = json.dumps(manifest).encode()
    url = f"http://{host}/v2/{name}/manifests/{tag}"
    _send("PUT", url, body, {"Content-Type": media_type})
    return sha256(body)


def _send(method: str, url: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        return dict(answer.headers.items())
