"""The access log is read as AWS documents it, and as nginx writes it."""

from __future__ import annotations

import re

import pytest

from parity import access_log
from parity.project import ROOT

# The documentation's own example of a websocket.
DOCUMENTED = (
    "ws 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.0.140:40914"
    " 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587"
    ' "GET http://10.0.0.30:80/ HTTP/1.1" "-" - -'
    " arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067"
    ' "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 1 2018-07-02T22:22:48.364000Z "forward"'
    ' "-" "-" "10.0.1.192:8010" "101" "-" "-" TID_1234abcd5678ef90'
)


def entry(status: int) -> str:
    """Return an entry of nginx's log of a request that was answered so."""
    return (
        "http 2026-11-27T13:41:05.448000Z app/nginx/0000000000000000 10.0.0.1:39746"
        f" 10.9.0.4:8501 0.000 0.001 0.000 {status} {status} 70 559"
        ' "GET http://localhost:8080/?q=\\x22 HTTP/1.1" "a browser" - -'
        " arn:aws:elasticloadbalancing:local:000000000000:targetgroup/app/0000000000000000"
        ' "Root=1-6b098871-a1a1efa14160acd9c419a357" "-" "-" 0 2026-11-27T13:41:05.447000Z'
        ' "forward" "-" "-" "10.9.0.4:8501" "502" "-" "-" TID_61'
    )


def test_entry_of_the_documentation() -> None:
    """Every field is where its name is."""
    found = access_log.parse(DOCUMENTED)
    assert found is not None
    assert tuple(found) == access_log.FIELDS
    assert found["type"] == "ws"
    assert found["target:port"] == found["target:port_list"] == "10.0.1.192:8010"
    assert found["elb_status_code"] == "101"
    assert found["request"] == "GET http://10.0.0.30:80/ HTTP/1.1"
    assert found["user_agent"] == found["ssl_cipher"] == "-"
    assert found["actions_executed"] == "forward"
    assert found["conn_trace_id"] == "TID_1234abcd5678ef90"


def test_fields_that_aws_adds_later_are_left_out() -> None:
    """As its documentation asks of readers."""
    assert access_log.parse(f'{DOCUMENTED} "-" more') == access_log.parse(DOCUMENTED)


@pytest.mark.parametrize(
    "line",
    ["", "{}", "http", "2026/11/27 06:38:58 [error] 7#7: connect() failed", DOCUMENTED[:-25]],
)
def test_other_lines_are_no_entries(line: str) -> None:
    """A line that broke off is none, either."""
    assert access_log.parse(line) is None


def test_nginx_writes_as_many_fields_in_that_order() -> None:
    """Variables that stand for several fields are counted as such."""
    conf = (ROOT / "nginx" / "access_log.conf").read_text()
    written = re.search(r"log_format alb (.*?);\n", conf, re.DOTALL)
    assert written is not None
    line = "".join(re.findall(r"'([^']*)'", written[1]))
    line = line.replace("$log_times", "0.1 0.2 0.3").replace("$log_type", "http")
    found = access_log.parse(line)
    assert found is not None
    assert len(line.split(" ")) == len(access_log.FIELDS)
    assert found["elb_status_code"] == "$log_status"
    assert found["target_status_code_list"] == found["target_status_code"] == "$log_target_status"
    assert found["trace_id"] == "$trace_id"
    assert found["request_creation_time"] == "$log_created"
