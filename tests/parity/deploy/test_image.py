"""The tested image outlives the test run, and its push is shown and repeated."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any
from unittest.mock import MagicMock

import pytest
from docker.errors import ImageNotFound

from parity.deploy import image
from parity.deploy.image import LocalImage, PushProgress
from parity.deploy.registry import Credentials, Repository
from parity.errors import ParityError

DIGEST = "sha256:" + "a" * 64


def saved(config: str) -> bytes:
    """Return an archive as `docker save` writes it."""
    buffer = io.BytesIO()
    manifest = json.dumps([{"Config": config, "Layers": []}]).encode()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in (("blobs/sha256/b", b"x" * 30_000), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("config", ["blobs/sha256/" + "a" * 64, "a" * 64 + ".json"])
def test_configuration_is_found_in_an_exported_image(config: str) -> None:
    """As newer and as older engines name it."""
    assert image.config_digest_in(io.BytesIO(saved(config))) == DIGEST


def test_id_is_the_configuration_but_in_a_containerd_store() -> None:
    """There it is the manifest's, so the image is exported, in chunks, and looked into."""
    client = MagicMock()
    client.images.get.return_value.id = DIGEST
    client.images.get.return_value.attrs = {
        "Architecture": "arm64",
        "Config": {"Labels": {image.REVISION_LABEL: "abc-dirty"}},
    }
    client.info.return_value = {"DriverStatus": [["Backing Filesystem", "extfs"]]}
    found = image.inspect(client, "x")
    assert found == LocalImage(DIGEST, DIGEST, "arm64", "abc-dirty")
    assert (found.git_revision, found.tree_clean) == ("abc", False)
    client.info.return_value = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
    body = saved("blobs/sha256/" + "c" * 64)
    client.api.get_image.return_value = (body[n : n + 700] for n in range(0, len(body), 700))
    found = image.inspect(client, "x")
    assert found is not None
    assert found.config_digest == "sha256:" + "c" * 64


def test_image_that_is_not_there_is_none() -> None:
    """After `scripts/down`."""
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("no")
    assert image.inspect(client, "x") is None


def test_kept_image_loses_its_other_names_only() -> None:
    """The test run's own images go by id, with all their names."""
    kept = image.kept_name("r1")
    images = [("id1", ["p-app:latest", kept]), ("id2", ["p-nginx:latest"]), ("id3", [])]
    assert image.names_to_remove(images) == ["p-app:latest", "id2", "id3"]


def test_push_error_is_the_engines_words_and_repeatable() -> None:
    """The engine reports errors in its stream, not by an exception."""
    client = MagicMock()
    client.images.push.return_value = iter([{"status": "x"}, {"error": "denied: token expired"}])
    repository = Repository("host", "chat")
    with pytest.raises(ParityError, match="denied: token expired") as caught:
        list(image.push(client, "r1", repository, Credentials("AWS", "secret")))
    assert caught.value.hint.startswith("parity deploy")
    assert client.images.push.call_args.kwargs["auth_config"]["password"] == "secret"  # noqa: S105
    client.images.remove.assert_called_with("host/chat:r1", noprune=True)


def test_progress_counts_layers_and_bytes() -> None:
    """From the reports as the engine sends them, layer by layer."""
    progress = PushProgress()
    reports: list[dict[str, Any]] = [
        {"status": "The push refers to repository [x]"},
        {"id": "a", "status": "Preparing"},
        {"id": "b", "status": "Layer already exists"},
        {"id": "a", "status": "Pushing", "progressDetail": {"current": 4e6, "total": 8e6}},
    ]
    for report in reports:
        progress.note(report)
    assert str(progress) == "1 of 2 layers, 4 of 8 MB"
    progress.note({"id": "a", "status": "Pushed"})
    assert str(progress) == "2 of 2 layers, 8 of 8 MB"
