"""The stand-in as it is served: `uvicorn bedrock.server:app`."""

from __future__ import annotations

import os

from bedrock.api import make_app
from bedrock.eventstream import encode
from bedrock.settings import Settings

app = make_app(Settings.from_env(os.environ), encode)
