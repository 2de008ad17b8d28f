"""Entries of an Application Load Balancer's access log, as nginx/access_log.conf writes them, too.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

from __future__ import annotations

import re

TYPES = ("http", "https", "h2", "grpcs", "ws", "wss")
# Those in quotes are quoted in the log. AWS may add fields at the end, which are left out.
_AS_WRITTEN = (
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
    '"request"',
    '"user_agent"',
    "ssl_cipher",
    "ssl_protocol",
    "target_group_arn",
    '"trace_id"',
    '"domain_name"',
    '"chosen_cert_arn"',
    "matched_rule_priority",
    "request_creation_time",
    '"actions_executed"',
    '"redirect_url"',
    '"error_reason"',
    '"target:port_list"',
    '"target_status_code_list"',
    '"classification"',
    '"classification_reason"',
    "conn_trace_id",
)
FIELDS = tuple(name.strip('"') for name in _AS_WRITTEN)
_QUOTED = r'"([^"]*)"'  # a quote within one is escaped as \x22
_BARE = r'([^\s"]+)'
_LINE = re.compile(" ".join(_QUOTED if name.startswith('"') else _BARE for name in _AS_WRITTEN))


def parse(line: str) -> dict[str, str] | None:
    """Return an entry's fields by their names; None for a line that is no entry."""
    found = _LINE.match(line)
    if found is None or found[1] not in TYPES:
        return None
    return dict(zip(FIELDS, found.groups(), strict=True))
