"""What runs: image, processor, command, versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.facts.fact import EQUAL, Fact, Group, Reader, Seen, mapped
from parity.facts.readers import (
    NOT_ASKED,
    app,
    at,
    container,
    in_image,
    locked,
    seen,
    task,
    task_variable,
)
from parity.facts.units import text, words

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local

OWN = "the image's own"
BUILT, TESTED = "built from this checkout", "the tested one, by digest"
BY_DIGEST = re.compile(r"\S+@sha256:[0-9a-f]{64}")
PLATFORMS = {"linux/amd64": "X86_64", "linux/arm64": "ARM64", "linux/arm64/v8": "ARM64"}
TAG = re.compile(r"(?:^|/)python:([0-9]+\.[0-9]+)")


def _local_image(local: Local) -> Seen:
    if local.app["build"]:
        return Seen(BUILT, local.app["build"].where)
    return seen(local.app["image"], text)


def _cloud_image(cloud: Cloud) -> Seen:
    found = at(cloud.container["Image"] if cloud.container else None, cloud, text)
    known = BY_DIGEST.fullmatch(str(found.value))
    return Seen(TESTED, found.where) if known else found


def _local_digest(local: Local) -> Seen:
    node = local.image["ConfigDigest"]
    return seen(node, text) if node else Seen(where=local.app.where, unseen=NOT_ASKED)


def _cloud_digest(cloud: Cloud) -> Seen:
    where = cloud.where(cloud.container)
    if cloud.receipt_digest:
        return Seen(cloud.receipt_digest, where)
    return Seen(where=where, unseen="no receipt of this checkout is named by the parameter Receipt")


def _local_machine(local: Local) -> Seen:
    """A container's platform, or the one of the image or else of this machine."""
    given = local.app["platform"]
    if given:
        return seen(given, lambda value: PLATFORMS.get(str(value), str(value)))
    if local.image["Architecture"]:
        return seen(local.image["Architecture"], text)
    return Seen(local.machine, local.app.where, given.written)


def _python(local: Local) -> Seen:
    """In a look into the image, or by the tag of the base image."""
    if local.image["Versions"]["python"]:
        return seen(
            local.image["Versions"]["python"], lambda value: ".".join(str(value).split(".")[:2])
        )
    base = local.image["From"]
    tag = TAG.search(base.text)
    return Seen(tag[1], base.where) if tag else Seen(where=base.where, unseen=NOT_ASKED)


def _locale(cloud: Cloud) -> Seen:
    strong = task_variable("LC_ALL").read(cloud)
    return strong if strong.value else task_variable("LANG", default=OWN).read(cloud)


IMAGE = Group(
    "Image",
    (
        Fact(
            "image",
            "Only the very image that was tested here may run there: one that is named by a tag "
            "can become another one overnight.",
            Reader("`build` or `image` of the service `app`", _local_image),
            Reader("`Image` of the container definition", _cloud_image),
            mapped({BUILT: TESTED}),
        ),
        Fact(
            "image-digest",
            "If the image that is here is not the one whose receipt was promoted, what you see "
            "here is not what users have there.",
            Reader("configuration digest of the image, with `--running`", _local_digest),
            Reader(
                "configuration digest of the receipt that the parameter `Receipt` names",
                _cloud_digest,
            ),
            EQUAL,
        ),
        Fact(
            "architecture",
            "An image that is built for another processor does not start.",
            Reader("`platform` of the service `app`, or this machine's", _local_machine),
            task("RuntimePlatform", "CpuArchitecture", default="X86_64"),
            EQUAL,
            write=lambda value: {"ARM64": "linux/arm64"}.get(str(value), "linux/amd64"),
        ),
        Fact(
            "entrypoint",
            "What starts before the app can change everything about it, and would not have been "
            "tested.",
            app("entrypoint", convert=words, default=OWN),
            container("EntryPoint", convert=words, default=OWN),
            EQUAL,
        ),
        Fact(
            "command",
            "Another command is another program: what was tested would not be what runs.",
            app("command", convert=words, default=OWN),
            container("Command", convert=words, default=OWN),
            EQUAL,
        ),
        Fact(
            "working-directory",
            "Streamlit finds its configuration and the page by the folder that it starts in.",
            app("working_dir", default=OWN),
            container("WorkingDirectory", default=OWN),
            EQUAL,
        ),
        Fact(
            "python-version",
            "The lock is resolved for one version of Python; on another one, other packages may be "
            "needed.",
            Reader(
                "Python in the image, with `--running`, or by the tag of its base image", _python
            ),
            locked("python"),
            EQUAL,
        ),
        Fact(
            "streamlit-version",
            "Another Streamlit serves another page, and reconnects otherwise; the promoted image "
            "has the locked one.",
            in_image("streamlit"),
            locked("streamlit"),
            EQUAL,
        ),
        Fact(
            "boto3-version",
            "Another boto3 retries, times out and names Bedrock's errors otherwise.",
            in_image("boto3"),
            locked("boto3"),
            EQUAL,
        ),
        Fact(
            "time-zone",
            "Times in logs and in the page shift by hours where the two time zones differ.",
            Reader(
                "`TZ` in the environment of `app`",
                lambda local: seen(local.app["environment"]["TZ"], text, OWN),
            ),
            task_variable("TZ", default=OWN),
            EQUAL,
        ),
        Fact(
            "locale",
            "The locale decides how text is encoded and sorted: umlauts break where it differs.",
            Reader(
                "`LC_ALL` or `LANG` in the environment of `app`",
                lambda local: seen(
                    local.app["environment"]["LC_ALL"] or local.app["environment"]["LANG"],
                    text,
                    OWN,
                ),
            ),
            Reader("`LC_ALL` or `LANG` of the container definition", _locale),
            EQUAL,
        ),
    ),
)
