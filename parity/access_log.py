"""Entries of an Application Load Balancer's access log, as nginx/access_log.conf writes them, too.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

from __future__ import annotations

import re

TYPES = ("http", "https", "h2", "grpcs", "ws", "wss")
FIELDS = (
    "type",
    "time",
    "elb",
    "client:port",
    "target:port",
    "request_processing_time",
    "target_processing_time",
    "response_processing_time",
    "elb_status_code",
    "target_status_code",
    "received_bytes",
    "sent_bytes",
    "request",
    "user_agent",
    "ssl_cipher",
    "ssl_protocol",
    "target_group_arn",
    "trace_id",
    "domain_name",
    "chosen_cert_arn",
    "matched_rule_priority",
    "request_creation_time",
    "actions_executed",
    "redirect_url",
    "error_reason",
    "target:port_list",
    "target_status_code_list",
    "classification",
    "classification_reason",
    "conn_trace_id",
)
_FIELD = re.compile(r'"([^"]*)"|(\S+)')  # a quote within one is escaped as \x22


def parse(line: str) -> dict[str, str] | None:
    """Return an entry's fields by their names; None for a line that is no entry.

    Fields that AWS may add at the end are left out.
    """
    values = [quoted or plain for quoted, plain in _FIELD.findall(line)]
    if len(values) < len(FIELDS) or values[0] not in TYPES:
        return None
    return dict(zip(FIELDS, values, strict=False))
