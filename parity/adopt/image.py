"""An image that somebody made: what it says of itself."""

from __future__ import annotations

import json
import re
from textwrap import shorten

from parity.adopt.dockerfile import PORT
from parity.errors import ParityError, UsageError
from parity.host.base_images import PULL_SECONDS, image_exists
from parity.host.command import complaint, run

PORT_VARIABLE = "STREAMLIT_SERVER_PORT"


def ensure_image(name: str) -> None:
    """Have an image, pulled where the engine does not hold it. Raises UsageError if it cannot."""
    if image_exists(name):
        return
    reason = complaint(["docker", "pull", "--quiet", name], timeout=PULL_SECONDS)
    if reason is not None:
        said = shorten(reason.removeprefix("Error response from daemon: "), 160)
        raise UsageError(
            f"'{name}' is neither a folder nor an image that can be had: {said}",
            hint="parity adopt ./my-app    (a folder), or parity adopt NAME:TAG    (an image)",
        )


def port_of(name: str) -> int:
    """Return the port that an image says it listens on; Streamlit's own if it says none.

    What it tells Streamlit counts before what it exposes, which may be its base image's. Raises
    ParityError when it exposes several.
    """
    said = json.loads(run(["docker", "image", "inspect", "--format={{json .Config}}", name]))
    environment = dict(each.split("=", 1) for each in said.get("Env") or ())
    if (told := environment.get(PORT_VARIABLE, "")).isdecimal():
        return int(told)
    ports = sorted(int(found) for found in re.findall(r"(\d+)/tcp", str(said.get("ExposedPorts"))))
    if len(ports) > 1 and PORT not in ports:
        raise ParityError(
            f"the image '{name}' names {len(ports)} ports: {', '.join(map(str, ports))}",
            hint=f"the same with --port {ports[0]}",
        )
    return PORT if not ports or PORT in ports else ports[0]
