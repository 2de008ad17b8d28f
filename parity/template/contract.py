"""What a template must agree on with the image and with the rest of the kit.

The image's half is read from app/Dockerfile and app/server.py by the tests, which fail when the
two come apart.
"""

from __future__ import annotations

UID = 10001
USER = f"{UID}:{UID}"
MOUNT = "/mnt/data"
HEALTH_PATH = "/healthz"  # any unknown path answers 200 too, so a wrong one always passes
HEALTH_CHECK = "/srv/app/healthcheck.py"  # in the image; asks HEALTH_PATH, fails unless it is 200
COOKIE_SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"  # noqa: S105 - the variable's name
SESSION_ROOT = "SESSION_ROOT"
MODEL_IDS = "BEDROCK_MODEL_IDS"
METRICS_SERVICE = "METRICS_SERVICE"
STOP_SECONDS = "STOP_SECONDS"  # how long the app has from SIGTERM to SIGKILL
METRIC_NAMESPACE = "ParityKit"
ACTIVE_CHATS = "ActiveChats"
METRIC_DIMENSION = "Service"
WEBSOCKET_PING_SECONDS = 30  # Streamlit's; a connection that is idle for longer must not be cut
IMAGE_PARAMETERS = ("ImageUri", "Receipt")  # the only ones that a deploy of the image changes
OUTPUTS = (
    "Url",
    "ClusterName",
    "ServiceName",
    "TaskDefinitionArn",
    "LoadBalancerArn",
    "TargetGroupArn",
    "FileSystemId",
    "AccessPointId",
    "LogGroupName",
    "Receipt",
    "ImageUri",
)
