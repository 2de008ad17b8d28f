"""The services' own APIs for the rehearsal: moto with our plug-ins, on one loopback port."""

from __future__ import annotations

import sys

from moto.server import main as serve

from parity.rehearsal.services import ecr, ecs, efs, elbv2


def main() -> None:
    """Serve until the process is ended; the one argument is the port."""
    ecr.plug_in()
    ecs.plug_in()
    efs.plug_in()
    elbv2.plug_in()
    serve(["--host", "127.0.0.1", "--port", sys.argv[1]])


if __name__ == "__main__":
    main()
