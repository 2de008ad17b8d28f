"""The access log of an Application Load Balancer: its fields, in their order.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

from __future__ import annotations

import re

# Those in quotes are quoted in the log. An ALB appends new fields, which a reader has to ignore.
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
_QUOTED = r'"([^"]*)"'
_BARE = r'([^\s"]+)'
_LINE = re.compile(" ".join(_QUOTED if name.startswith('"') else _BARE for name in FIELDS))


def parse(line: str) -> dict[str, str]:
    """Return the fields of a line by their names; one that lacks a field is no such line."""
    found = _LINE.match(line)
    assert found is not None, f"no line of an access log: {line}"
    return dict(zip((name.strip('"') for name in FIELDS), found.groups(), strict=True))
