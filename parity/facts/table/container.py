"""What a container may do, and how much of the machine it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.fact import EQUAL, SAME_SET, Fact, Group, Meant, Reader, Seen
from parity.facts.readers import app, app_or_image, at, container, seen, task
from parity.facts.units import boolean, cpu_units, mebibytes, names, number, owner, text

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.facts.readers import Convert

FARGATE_OPEN_FILES = 65535.0  # soft and hard; AWS: "Amazon ECS task definition parameters", Ulimits
NO_LIMIT = float("inf")
ENGINES_OWN = "the engine's default"
NO_MORE = frozenset({"no-new-privileges:true"})


def _limit(key: str, short: str, convert: Convert) -> Reader[Local]:
    """Read a limit in either of the two places that Compose has for it."""

    def read(local: Local) -> Seen:
        found = local.app["deploy"]["resources"]["limits"][key]
        return seen(found if found or not local.app[short] else local.app[short], convert, NO_LIMIT)

    return Reader(f"`deploy.resources.limits.{key}` or `{short}` of the service `app`", read)


def _swap(local: Local) -> Seen:
    """Compose counts memory and swap together; without a limit as much swap as memory."""
    both = local.app["memswap_limit"]
    if not both:
        return Seen(None, local.app.where, both.written, text="as much as memory")
    memory = _limit("memory", "mem_limit", mebibytes).read(local).value
    return seen(both, lambda value: mebibytes(value) - number(memory))


def _tmpfs(local: Local) -> Seen:
    mounts = [each.text.partition(":")[0] for each in local.app["tmpfs"]]
    return Seen(frozenset(mounts), (local.app["tmpfs"] or local.app).where)


def _cloud_tmpfs(cloud: Cloud) -> Seen:
    found = cloud.container["LinuxParameters"]["Tmpfs"] if cloud.container else None
    paths = frozenset(each["ContainerPath"].text for each in found or ())
    return Seen(paths, cloud.where(found))


def _open_files(local: Local) -> Seen:
    found = local.app["ulimits"]["nofile"]
    return seen(found["soft"] or found, number, ENGINES_OWN)


def _cloud_open_files(cloud: Cloud) -> Seen:
    limits = cloud.container["Ulimits"] if cloud.container else None
    found = next((each for each in limits or () if each["Name"].text == "nofile"), None)
    return at(found["SoftLimit"] if found else limits, cloud, number, FARGATE_OPEN_FILES)


CONTAINER = Group(
    "Container",
    (
        Fact(
            "user",
            "The user decides what the app may read and write: as another one, it cannot open what "
            "it stored before.",
            app_or_image("user", "User", "`USER`", owner),
            container("User", convert=owner, default="the image's own"),
            EQUAL,
        ),
        Fact(
            "cpu",
            "With more processor than there, everything here seems faster than users will find it.",
            _limit("cpus", "cpus", number),
            task("Cpu", convert=cpu_units),
            EQUAL,
            unit="CPU",
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "memory",
            "With more memory than there, an app that is killed there for want of it runs here.",
            _limit("memory", "mem_limit", mebibytes),
            task("Memory", convert=number),
            EQUAL,
            unit="MiB",
            write=lambda value: f"{value:g}M",
        ),
        Fact(
            "swap",
            "Fargate has no swap: with some here, an app that is too large gets slow rather than "
            "killed.",
            Reader("`memswap_limit` less the memory of the service `app`", _swap),
            container("LinuxParameters", "MaxSwap", convert=number, default=0.0),
            EQUAL,
            unit="MiB",
            rests_on=("memory",),
        ),
        Fact(
            "open-files",
            "Each connection and each file of a session is an open file: with fewer there, many "
            "users at once fail only there.",
            Reader("`ulimits.nofile` of the service `app`", _open_files),
            Reader("`Ulimits` of the container definition, or Fargate's 65535", _cloud_open_files),
            EQUAL,
            meant=Meant(
                "a container that asks for more than this machine allows does not start; and no "
                "replica here comes near it",
                ENGINES_OWN,
                FARGATE_OPEN_FILES,
            ),
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "read-only-root",
            "What is written outside the volume is lost with the task; where it cannot be written, "
            "that shows here already.",
            app("read_only", convert=boolean, default=False),
            container("ReadonlyRootFilesystem", convert=boolean, default=False),
            EQUAL,
            write=text,
        ),
        Fact(
            "temporary-folders",
            "Streamlit writes to /tmp: with a read-only root it needs one in memory on both sides.",
            Reader("`tmpfs` of the service `app`", _tmpfs),
            Reader("`LinuxParameters.Tmpfs` of the container definition", _cloud_tmpfs),
            SAME_SET,
        ),
        Fact(
            "capabilities-dropped",
            "What works here by a right of the kernel that Fargate takes away would fail there.",
            app("cap_drop", convert=names, default=frozenset()),
            container(
                "LinuxParameters", "Capabilities", "Drop", convert=names, default=frozenset()
            ),
            SAME_SET,
        ),
        Fact(
            "capabilities-added",
            "A right of the kernel that is given on one side only hides what the app needs.",
            app("cap_add", convert=names, default=frozenset()),
            container("LinuxParameters", "Capabilities", "Add", convert=names, default=frozenset()),
            SAME_SET,
        ),
        Fact(
            "privileged",
            "A privileged container may do everything here; Fargate runs none.",
            app("privileged", convert=boolean, default=False),
            container("Privileged", convert=boolean, default=False),
            EQUAL,
            write=text,
        ),
        Fact(
            "new-privileges",
            "A program that makes itself root is one more way out of a container.",
            app("security_opt", convert=names, default=frozenset()),
            container("DockerSecurityOptions", convert=names, default=frozenset()),
            SAME_SET,
            meant=Meant(
                "Fargate takes no such option; here it costs nothing, and nothing in the image "
                "needs more rights",
                NO_MORE,
                frozenset(),
            ),
        ),
        Fact(
            "init",
            "Without an init process signals may not arrive and dead children stay: a stop is then "
            "no clean stop.",
            app("init", convert=boolean, default=False),
            container("LinuxParameters", "InitProcessEnabled", convert=boolean, default=False),
            EQUAL,
            write=text,
        ),
    ),
)
