"""One JSON line an event on stdout: the same for `docker logs` and for CloudWatch.

Every event and its fields: docs/logs.md.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from starlette.websockets import WebSocketDisconnected
from streamlit import logger as streamlit_logger

from app.settings import read_settings

_LOGGER = logging.getLogger("app")
_SCRIPT_RUN_CONTEXT = "streamlit.runtime.scriptrunner_utils.script_run_context"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one JSON object; never a session key, only public ids."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "replica": read_settings().replica,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure() -> None:
    """Send all that this process logs to stdout as JSON lines; call once a process.

    Of others than this app, what is no warning is left out.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.getLogger().handlers = [handler]
    logging.captureWarnings(capture=True)
    _LOGGER.setLevel(logging.INFO)

    def speak_json(logger: logging.Logger) -> None:
        logger.handlers = []
        logger.propagate = True

    # Streamlit gives each of its loggers a handler of its own, also those that it makes later.
    streamlit_logger.setup_formatter = speak_json
    streamlit_logger.update_formatter()
    streamlit_logger.set_log_level("WARNING")
    logging.getLogger(_SCRIPT_RUN_CONTEXT).addFilter(_is_worth_a_line)
    logging.getLogger("uvicorn.error").addFilter(_is_more_than_a_farewell)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Pass over that components are registered outside of any script, as they are meant to be."""
    return "missing ScriptRunContext" not in record.getMessage()


def _is_more_than_a_farewell(record: logging.LogRecord) -> bool:
    """Pass over that a browser left in the moment in which Streamlit wrote to it: no error."""
    return not (record.exc_info and isinstance(record.exc_info[1], WebSocketDisconnected))


def error(name: str, **fields: object) -> None:
    """Log the exception that is being handled, with the fields of its event."""
    _LOGGER.error(name, exc_info=True, extra={"fields": fields})  # noqa: LOG014 - while one is


def event(name: str, **fields: object) -> None:
    """Log one event with its fields."""
    _LOGGER.info(name, extra={"fields": fields})
