"""What the engine says of a container and an image, in the words of Compose: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CPU = 1_000_000_000  # of HostConfig.NanoCpus
SECOND = 1_000_000_000
CHECK = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "start_period"}


def image_said(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image's configuration as `read_dockerfile` gives it."""
    config = attributes.get("Config") or {}
    ports = [int(port.partition("/")[0]) for port in config.get("ExposedPorts") or {}]
    architecture = {"amd64": "X86_64", "arm64": "ARM64"}
    return {
        "User": config.get("User") or None,
        "Env": pairs(config.get("Env")),
        "ExposedPorts": sorted(set(ports)),
        "WorkingDir": config.get("WorkingDir") or None,
        "Entrypoint": config.get("Entrypoint"),
        "Cmd": config.get("Cmd"),
        "Healthcheck": check_said(config.get("Healthcheck")),
        "Architecture": architecture.get(attributes.get("Architecture", "")),
    }


def service_said(attributes: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container as a service of a Compose file.

    What it has of its image is no setting of its own; None is a key that is not set.
    """
    config, host = attributes["Config"], attributes["HostConfig"]
    own = pairs(config.get("Env"))
    inherited = image.get("Env") or {}
    return {
        "user": _unless(config.get("User") or None, image.get("User")),
        "entrypoint": _unless(config.get("Entrypoint"), image.get("Entrypoint")),
        "command": _unless(config.get("Cmd"), image.get("Cmd")),
        "working_dir": _unless(config.get("WorkingDir") or None, image.get("WorkingDir")),
        "environment": {key: text for key, text in own.items() if inherited.get(key) != text},
        "healthcheck": check_said(config.get("Healthcheck")),
        "stop_grace_period": config.get("StopTimeout"),
        "read_only": host.get("ReadonlyRootfs"),
        "init": host.get("Init"),
        "privileged": host.get("Privileged"),
        "cap_drop": host.get("CapDrop") or None,
        "cap_add": host.get("CapAdd") or None,
        "security_opt": host.get("SecurityOpt") or None,
        "tmpfs": list(host.get("Tmpfs") or {}),
        "ulimits": {
            each["Name"]: {"soft": each["Soft"], "hard": each["Hard"]}
            for each in host.get("Ulimits") or ()
        },
        "logging": {
            "driver": host["LogConfig"]["Type"],
            "options": host["LogConfig"].get("Config") or {},
        },
        "memswap_limit": host.get("MemorySwap") or None,
        "platform": None,
        "deploy": {
            "resources": {
                "limits": {
                    "cpus": (host.get("NanoCpus") or 0) / CPU or None,
                    "memory": host.get("Memory") or None,
                }
            }
        },
        "volumes": [
            {
                "type": each["Type"],
                "source": each.get("Source"),
                "target": each["Destination"],
                "read_only": not each["RW"],
            }
            for each in attributes.get("Mounts") or ()
        ],
    }


def check_said(check: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a health check in Compose's words; the engine counts in nanoseconds."""
    if not check:
        return None
    spans = {key: f"{check[name] / SECOND:g}s" for name, key in CHECK.items() if check.get(name)}
    retries = {"retries": check["Retries"]} if check.get("Retries") else {}
    return {"test": check.get("Test"), **spans, **retries}


def pairs(entries: list[str] | None) -> dict[str, str]:
    """Return NAME=value entries as a mapping."""
    return {name: value for name, _, value in (each.partition("=") for each in entries or ())}


def _unless(value: object, inherited: object) -> object:
    return None if value == inherited else value
