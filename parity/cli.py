"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from parity import console, stack
from parity.errors import ParityError, UsageError
from parity.host.base_images import ensure_base, nginx_base, python_base
from parity.host.engine import ensure_engine, stop_engine
from parity.project import read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def parity() -> None:
    """Local-to-cloud parity for stateful Streamlit chatbots."""


@app.command()
def up() -> None:
    """Bring the stack up."""
    settings = read_settings()
    ensure_engine()
    images = stack.Images(
        python=ensure_base(python_base(settings.python_image)),
        nginx=ensure_base(nginx_base(settings.nginx_image)),
    )
    with console.step("Build the images"):
        stack.build(settings, images)
    with console.step("Start the stack"):
        stack.start(settings, images)
    console.out.print(settings.url)


def main() -> None:
    """Run the command line; the one place where errors become messages."""
    try:
        app()
    except UsageError as error:
        console.failure(error)
        raise SystemExit(2) from error
    except ParityError as error:
        console.failure(error)
        raise SystemExit(1) from error
