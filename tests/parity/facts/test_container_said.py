"""A container is read as the service that it was made of."""

from __future__ import annotations

from typing import Any

from parity.facts.container_said import image_said, service_said

IMAGE: dict[str, Any] = {
    "Architecture": "amd64",
    "Config": {
        "User": "10001:10001",
        "Env": ["PATH=/bin", "A=1"],
        "ExposedPorts": {"8501/tcp": {}},
        "WorkingDir": "/srv",
        "Cmd": ["run"],
        "Entrypoint": None,
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 10_000_000_000, "Retries": 3},
    },
}
CONTAINER: dict[str, Any] = {
    "Config": {**IMAGE["Config"], "Env": ["PATH=/bin", "A=2", "B=x=y"], "StopTimeout": 30},
    "HostConfig": {
        "ReadonlyRootfs": True,
        "Init": True,
        "Privileged": False,
        "NanoCpus": 250_000_000,
        "Memory": 536_870_912,
        "MemorySwap": 536_870_912,
        "CapDrop": ["ALL"],
        "CapAdd": None,
        "SecurityOpt": ["no-new-privileges:true"],
        "Tmpfs": {"/tmp": "mode=1777"},  # noqa: S108 - in the container
        "Ulimits": [{"Name": "nofile", "Soft": 65535, "Hard": 65535}],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m"}},
    },
    "Mounts": [{"Type": "bind", "Source": "/d", "Destination": "/mnt/data", "RW": True}],
}


def test_what_a_container_has_of_its_image_is_no_setting() -> None:
    """Command, user and variables count only where they are its own."""
    said = service_said(CONTAINER, image_said(IMAGE))
    assert (said["command"], said["user"], said["working_dir"]) == (None, None, None)
    assert said["environment"] == {"A": "2", "B": "x=y"}
    other = {**CONTAINER, "Config": {**CONTAINER["Config"], "Cmd": ["sh"], "User": "0"}}
    said = service_said(other, image_said(IMAGE))
    assert (said["command"], said["user"]) == (["sh"], "0")


def test_limits_and_rights_are_in_the_words_of_compose() -> None:
    """In its units, too."""
    said = service_said(CONTAINER, image_said(IMAGE))
    limits = said["deploy"]["resources"]["limits"]
    assert limits == {"cpus": 0.25, "memory": 536_870_912}
    assert said["memswap_limit"] == 536_870_912
    assert said["ulimits"]["nofile"]["soft"] == 65535
    assert (said["cap_drop"], said["cap_add"]) == (["ALL"], None)
    assert said["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container
    assert said["healthcheck"] == {"test": ["CMD", "true"], "interval": "10s", "retries": 3}
    assert said["volumes"][0]["target"] == "/mnt/data"
    assert said["volumes"][0]["read_only"] is False
    assert said["stop_grace_period"] == 30


def test_image_is_read_as_its_dockerfile_is() -> None:
    """Under the same names."""
    said = image_said(IMAGE)
    assert said["ExposedPorts"] == [8501]
    assert said["Env"] == {"PATH": "/bin", "A": "1"}
    assert said["Architecture"] == "X86_64"
