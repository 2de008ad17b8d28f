"""One line a request in the balancer's access log, as an ALB writes it to S3."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from e2e.load_balancer.bad_requests import SEVERE, written
from e2e.load_balancer.fleet import IDLE_SECONDS, UNUSED, wait_for
from e2e.load_balancer.test_limits import addresses
from e2e.load_balancer.test_timeouts import say_half_a_body
from e2e.load_balancer.wire import WEBSOCKET, Wire, ask
from parity import access_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.load_balancer.fleet import Fleet

NOT_SENT = {
    "target:port": "-",
    "target_status_code": "-",
    "request_processing_time": "-1",
    "target_processing_time": "-1",
    "response_processing_time": "-1",
    "target:port_list": "-",
    "target_status_code_list": "-",
}
PARTS = ("request", "target", "response")  # of a request's time
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SECONDS = re.compile(r"\d+\.\d{3}")
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")


def logged(fleet: Fleet, act: Callable[[], object]) -> dict[str, str]:
    """Return the fields of the one line that the balancer logs when something is done."""
    before = len(fleet.log())
    act()
    [line] = wait_for(lambda: fleet.log()[before:], IDLE_SECONDS + 5, "a line in the log")
    return fields(line)


def fields(line: str) -> dict[str, str]:
    """Return the fields of a line by their names; one that lacks a field is no such line."""
    found = access_log.parse(line)
    assert found is not None, f"no line of an access log: {line}"
    return found


def test_line_of_a_request_tells_who_asked_what_of_whom(fleet: Fleet) -> None:
    """Every field, each in its form."""
    echo: dict[str, Any] = {}

    def act() -> None:
        headers = [("User-Agent", "conformance/1.0"), ("Host", "chat.example.com")]
        answer = ask(fleet.url, "/echo?a=b%20c", headers=headers)
        echo.update(json.loads(answer.body))

    line = logged(fleet, act)
    target = next(each for each in fleet.targets if each.name == echo["target"])
    assert line["type"] == "http"
    assert TIME.fullmatch(line["time"])
    assert line["time"] >= line["request_creation_time"]
    assert TIME.fullmatch(line["request_creation_time"])
    assert re.fullmatch(r"app/[^/]+/[0-9a-f]{16}", line["elb"])
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+:\d+", line["client:port"])
    assert line["target:port"] == line["target:port_list"] == f"{target.address}:8501"
    for name in ("request", "target", "response"):
        assert SECONDS.fullmatch(line[f"{name}_processing_time"])
    assert (line["elb_status_code"], line["target_status_code"]) == ("200", "200")
    assert line["target_status_code_list"] == "200"
    assert int(line["received_bytes"]) > 80
    assert int(line["sent_bytes"]) > 200
    assert re.fullmatch(
        r"GET http://chat\.example\.com:\d+/echo\?a=b%20c HTTP/1\.1", line["request"]
    )
    assert line["user_agent"] == "conformance/1.0"
    assert (line["ssl_cipher"], line["ssl_protocol"]) == ("-", "-")
    assert line["target_group_arn"].startswith("arn:aws:elasticloadbalancing:")
    assert TRACE.fullmatch(line["trace_id"])
    assert ["X-Amzn-Trace-Id".lower(), line["trace_id"]] in [
        [name.lower(), text] for name, text in echo["headers"]
    ]
    assert (line["domain_name"], line["chosen_cert_arn"]) == ("-", "-")
    assert line["matched_rule_priority"] == "0"
    assert line["actions_executed"] == "forward"
    assert (line["redirect_url"], line["error_reason"]) == ("-", "-")
    assert (line["classification"], line["classification_reason"]) == ("-", "-")
    assert line["conn_trace_id"].startswith("TID_")


def test_times_of_a_line_tell_where_the_time_went(fleet: Fleet) -> None:
    """A second that the target took is the target's."""
    line = logged(fleet, lambda: ask(fleet.url, "/slow?seconds=1"))
    taken = {name: float(line[f"{name}_processing_time"]) for name in PARTS}
    assert taken["target"] >= 1
    assert taken["request"] + taken["response"] < taken["target"]
    begun, ended = (
        datetime.fromisoformat(line[name]) for name in ("request_creation_time", "time")
    )
    assert (ended - begun).total_seconds() >= taken["target"]


def test_client_that_does_not_wait_for_the_answer_is_logged_as_460(fleet: Fleet) -> None:
    """With the target that was working for it."""

    def act() -> None:
        with fleet.wire() as wire:
            wire.request("/slow?seconds=1.5")
            wait_for(lambda: any(each.seen().requests for each in fleet.targets), 5, "the request")

    line = logged(fleet, act)
    assert (line["elb_status_code"], line["target_status_code"]) == ("460", "-")
    assert line["target:port"] != "-"


def test_client_that_goes_away_amid_its_body_is_logged_as_400(fleet: Fleet) -> None:
    """It never asked for anything whole."""

    def act() -> None:
        with fleet.wire() as wire:
            say_half_a_body(wire)
            assert wire.ends(within=0.3) is None

    assert logged(fleet, act)["elb_status_code"] == "400"


def test_client_that_falls_silent_amid_its_body_is_logged_as_408(fleet: Fleet) -> None:
    """After the idle timeout."""

    def act() -> None:
        with fleet.wire() as wire:
            say_half_a_body(wire)
            assert wire.ends(within=IDLE_SECONDS + 3) is not None

    assert logged(fleet, act)["elb_status_code"] == "408"


def test_answer_of_a_target_that_is_none_is_logged_as_502(fleet: Fleet) -> None:
    """With the target, which has answered nothing."""
    line = logged(fleet, lambda: ask(fleet.url, "/close"))
    assert (line["elb_status_code"], line["target_status_code"]) == ("502", "-")
    assert line["target:port"].endswith(":8501")


def test_target_that_says_nothing_is_logged_as_504(fleet: Fleet) -> None:
    """With the target, and no times."""
    line = logged(fleet, lambda: ask(fleet.url, "/silent"))
    assert (line["elb_status_code"], line["target_status_code"]) == ("504", "-")
    assert line["target:port"].endswith(":8501")


def test_request_without_a_target_is_logged_as_503(fleet: Fleet) -> None:
    """It was sent to nobody."""
    fleet.modify(deregistration_delay__timeout_seconds=0)
    for each in fleet.targets:
        fleet.deregister(each)
    for each in fleet.targets:
        fleet.wait_state(each, UNUSED)
    line = logged(fleet, lambda: ask(fleet.url, "/echo"))
    assert line["elb_status_code"] == "503"
    assert NOT_SENT.items() <= line.items()


def test_websocket_is_logged_when_it_ends(fleet: Fleet) -> None:
    """Once, as `ws`, with all bytes of both directions."""

    def act() -> None:
        with fleet.wire() as wire:
            before = len(fleet.log())
            wire.request("/stream", headers=WEBSOCKET)
            assert wire.answer() is not None
            wire.read(wire.read(2)[1])
            for _ in range(10):
                wire.send(bytes([0x81, 0x80 | 100, 0, 0, 0, 0]) + b"x" * 100)
                wire.read(102)
            assert len(fleet.log()) == before

    line = logged(fleet, act)
    assert line["type"] == "ws"
    assert (line["elb_status_code"], line["target_status_code"]) == ("101", "101")
    assert int(line["received_bytes"]) > 1_000
    assert int(line["sent_bytes"]) > 1_000


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        ("463", {"headers": [("X-Forwarded-For", addresses(31))]}),
        ("405", {"method": "TRACE"}),
        ("400", {"headers": [("X-One", "x" * 16 * 1024)]}),
    ],
    ids=["too many addresses", "TRACE", "too large a header"],
)
def test_request_that_is_refused_is_logged(
    fleet: Fleet, status: str, request_: dict[str, str]
) -> None:
    """With the status that the client got, and as sent to nobody."""
    line = logged(fleet, lambda: ask(fleet.url, "/echo", **request_))  # type: ignore[arg-type]
    assert line["elb_status_code"] == status
    assert NOT_SENT.items() <= line.items()
    assert line["actions_executed"] in ("-", "forward")


@pytest.mark.parametrize("request_", SEVERE.values(), ids=SEVERE)
def test_severe_request_is_logged(fleet: Fleet, request_: str) -> None:
    """As 400, sent to nobody; what it said of itself cannot break the line."""

    def act() -> None:
        with fleet.wire() as wire:
            wire.send(written(request_, "hidden.example"))
            assert wire.answer() is not None

    line = logged(fleet, act)
    assert line["elb_status_code"] == "400"
    assert NOT_SENT.items() <= line.items()


def test_what_a_client_says_of_itself_cannot_forge_a_line(fleet: Fleet) -> None:
    """Quotes and backslashes stay within their field."""
    agent = '" 200 200 "GET http://forged/ HTTP/1.1" "\\"'
    line = logged(fleet, lambda: ask(fleet.url, "/echo", headers=[("User-Agent", agent)]))
    assert "forged" in line["user_agent"]
    assert line["actions_executed"] == "forward"


def test_requests_of_one_connection_share_its_id(fleet: Fleet) -> None:
    """A line each."""
    before = len(fleet.log())
    with Wire(fleet.url) as wire:
        for _ in range(3):
            wire.request("/echo")
            assert wire.answer() is not None
    ask(fleet.url, "/echo")
    lines = wait_for(lambda: fleet.log()[before:][3:] and fleet.log()[before:], 5, "four lines")
    ids = Counter(fields(line)["conn_trace_id"] for line in lines)
    assert sorted(ids.values()) == [1, 3]
