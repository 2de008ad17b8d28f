"""Estimates agree with what is reckoned by hand, from 1,000 users and the figures of conftest.py.

1,000 users x 3 chats = 3,000 chats a day, 750 of them in the peak hour, 375 in each of six others.
Peak: 750 chats, 1,500 loads, 3,000 turns; 750 x 12 / 60 = 150 open chats.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from parity.errors import UsageError
from parity.plan import model, stores, traffic, volume
from parity.plan.choices import DEFAULTS, Architecture, Choices, Egress, ThroughputMode
from parity.plan.estimate import estimate
from parity.plan.load import Hour, day
from parity.plan.tasks import task_hours, tasks, vcpus

if TYPE_CHECKING:
    from parity.plan.figures import Figures

USERS = 1000


BURSTING = Choices(throughput=ThroughputMode.BURSTING)
ENDPOINTS = Choices(egress=Egress.VPC_ENDPOINTS)
EDGE = Choices(cloudfront=True, waf=True)


def usd(figures: Figures, what: str, choices: Choices = DEFAULTS) -> float:
    """Return one line of the bill for 1,000 users; a line that is missing is an error."""
    (line,) = [each for each in estimate(USERS, figures, choices).lines if each.what == what]
    return line.usd


def test_day_has_its_peak_hour_and_shares_the_rest(figures: Figures) -> None:
    """A quarter of 3,000 chats, and six times an eighth."""
    of_all = day(USERS, figures.profile)
    assert of_all.peak == Hour(chats=750, loads=1500, turns=3000, open_chats=150)
    assert of_all.usual == Hour(chats=375, loads=750, turns=1500, open_chats=75)
    assert (of_all.busy, of_all.chats, of_all.turns) == (6, 3000, 12_000)


def test_day_of_one_busy_hour_has_no_other(figures: Figures) -> None:
    """All in one hour is no division by zero."""
    profile = figures.profile.with_values({"peak_hour_share": 1, "busy_hours": 1}, "test")
    assert day(USERS, profile).chats == day(USERS, profile).peak.chats == 3000


def test_cpu_is_of_loads_turns_and_ticks(figures: Figures) -> None:
    """1,500 x 20 ms + 3,000 x (2 x 10 + 50 x 2) ms in 3,600 s, and 150 pages x 4 ms / 2 s."""
    peak = day(USERS, figures.profile).peak
    assert vcpus(peak, figures) == pytest.approx((30 + 360) / 3600 + 0.3)


def test_tasks_by_each_target(figures: Figures) -> None:
    """0.408 vCPU / 0.15 = 3; 150 x 0.5 MiB / (384 - 84) = 1; 150 / 40 = 4 tasks."""
    needed = tasks(day(USERS, figures.profile).peak, figures)
    assert (needed.cpu, needed.memory, needed.chats, needed.floor) == (3, 1, 4, 2)
    assert (needed.needed, needed.bound_by) == (4, "chats")


@pytest.mark.parametrize(
    ("assumed", "expected"),
    [
        ({"chats_per_task": 1000}, (3, "CPU")),
        ({"chats_per_task": 1000, "task_vcpu": 16, "min_tasks": 1}, (1, "CPU")),
        ({"min_tasks": 9}, (9, "floor")),
    ],
)
def test_what_decides_the_tasks_is_named(
    figures: Figures, assumed: dict[str, float], expected: tuple[int, str]
) -> None:
    """The largest, whichever it is; the floor only where it is more than enough."""
    needed = estimate(USERS, figures.assuming(assumed)).tasks
    assert (needed.needed, needed.bound_by) == expected


def test_memory_decides_where_sessions_are_large(figures: Figures) -> None:
    """150 x 100 MiB / 300 MiB = 50 tasks."""
    large = replace(figures, measured=figures.measured.with_values({"session_mib": 100}, "test"))
    needed = tasks(day(USERS, large.profile).peak, large)
    assert (needed.needed, needed.bound_by) == (50, "memory")


def test_app_that_does_not_fit_its_task_is_an_error(figures: Figures) -> None:
    """84 MiB into 10 % of 512 MiB."""
    with pytest.raises(UsageError, match="84 MiB"):
        estimate(USERS, figures.assuming({"memory_target": 10}))


def test_task_hours_fall_back_to_the_floor_at_night(figures: Figures) -> None:
    """20 days x (4 + 6 x 2), and 2 tasks in the 730 - 140 hours that are left."""
    assert task_hours(day(USERS, figures.profile), figures) == pytest.approx(320 + 590 * 2)


def test_operations_of_the_peak_hour(figures: Figures) -> None:
    """Counted by hand.

    Ticks 150 x 1,800 = 270,000; looks 270,000 + 9,000, and 3,000 x 5 s / 2.5 s = 6,000 of those who
    write: 285,000 of 4 metadata reads. 1,500 restores of 4 + 1. 3,000 / 40 = 75 first records of
    15 + 8 + 1 + 1, and 5,925 of 6 + 1 + 1 + 1. 3,000 answers of 2 + 1, grown 10 times by 1 + 1.
    """
    found = volume.operations(day(USERS, figures.profile).peak, figures)
    assert found.metadata_reads == 285_000 * 4 + 1_500 * 4 + 5_925 * 6 + 75 * 15 + 3_000 * 2
    assert found.metadata_writes == 5_925 + 75 * 8 + 3_000 + 30_000
    assert found.data_reads == 1_500 + 5_925 + 75
    assert found.data_writes == 6_000 + 30_000


def test_every_operation_is_metered_at_its_least(figures: Figures) -> None:
    """Metadata 4 KiB, data 32 KiB: a record of 1 KiB, a piece of an answer, a restore of 40 KiB.

    A turn is 400 tokens x 5 + 48 = 2,048 bytes; a session of 40 is met half grown: 40 KiB.
    """
    found = volume.operations(day(USERS, figures.profile).peak, figures)
    assert volume.turn_bytes(figures) == 2048
    assert found.read_kib == found.metadata_reads * 4 + 1_500 * 40 + 6_000 * 32
    assert found.written_kib == found.metadata_writes * 4 + 36_000 * 32


def test_busiest_second_is_the_mean_times_the_burst(figures: Figures) -> None:
    """Twice an hour's 3,600th."""
    peak = day(USERS, figures.profile).peak
    second, hour = volume.per_second(peak, figures), volume.operations(peak, figures)
    assert second.reads == pytest.approx(hour.reads / 1800)
    assert second.writes == pytest.approx(hour.writes / 1800)


def test_month_is_its_days(figures: Figures) -> None:
    """The peak and six halves of it are four peaks a day, on 20 days."""
    one_day = day(USERS, figures.profile)
    peak = volume.operations(one_day.peak, figures)
    assert volume.month(one_day, figures).reads == pytest.approx(peak.reads * 4 * 20)


def test_storage_keeps_a_session_until_it_was_idle_for_long(figures: Figures) -> None:
    """12,000 turns x 20 days / 40 = 6,000 sessions a month, given up as they are begun.

    In use: 1,000 of 40 + 6 KiB. Given up within half a month: 3,000 of 80 + 6 KiB. Given up in the
    nine and a half months before: 57,000, billed as the 128 KiB that IA asks for.
    """
    half = figures.assuming({"days_to_ia": 365 / 24})
    kept = volume.storage(USERS, day(USERS, figures.profile), half)
    assert kept.standard == pytest.approx((1000 * 46 + 3000 * 86) / 1024**2)
    assert kept.infrequent == pytest.approx(57_000 * 128 / 1024**2)
    assert kept.moved == pytest.approx(6_000 * 128 / 1024**2)


def test_session_that_is_removed_early_never_moves_to_infrequent_access(figures: Figures) -> None:
    """As with the app's own 30 days, and the template's; then a month's sessions are there."""
    for days in (30, 10):
        early = figures.assuming({"idle_days_kept": days, "days_to_ia": 30})
        kept = volume.storage(USERS, day(USERS, figures.profile), early)
        given_up = 6_000 * days * 12 / 365
        assert kept.standard == pytest.approx((1000 * 46 + given_up * 86) / 1024**2)
        assert (kept.infrequent, kept.moved) == (0, 0)


def test_all_four_dimensions_of_an_lcu(figures: Figures) -> None:
    """Reckoned by hand.

    New: 1,500 x 7 / 3,600 / 25. Active: 150 websockets and 1,500 x 6 x 60 / 3,600 = 150 idle ones,
    of 3,000. Bytes: 1,500 x (20,000 + 1,000,000) + 3,000 x (40,000 + 50 x 750) + 270,000 x 1,000.
    Rules: two are free.
    """
    found = traffic.lcus(day(USERS, figures.profile).peak, figures)
    assert found.new_connections == pytest.approx(10_500 / 3600 / 25)
    assert found.active_connections == pytest.approx(300 / 3000)
    assert found.processed_bytes == pytest.approx((1.53e9 + 0.2325e9 + 0.27e9) / 1e9)
    assert found.rule_evaluations == 0
    assert (found.counted, found.dimension) == (found.processed_bytes, "processed bytes")


def test_rules_beyond_the_free_ones_are_evaluated(figures: Figures) -> None:
    """1,500 x (2 + 30) requests x 5 rules of 15, in 3,600 s, of 1,000."""
    busy = figures.assuming({"listener_rules": 15})
    found = traffic.lcus(day(USERS, figures.profile).peak, busy)
    assert found.rule_evaluations == pytest.approx(48_000 * 5 / 3600 / 1000)


def test_open_websockets_count_as_active_connections(figures: Figures) -> None:
    """Chats that are left open all day make that dimension the largest."""
    quiet = replace(
        figures,
        measured=figures.measured.with_values({"tick_bytes": 0, "page_bytes": 0}, "test"),
        profile=figures.profile.with_values({"minutes_open": 6000, "cold_load_share": 0}, "test"),
    )
    found = traffic.lcus(day(USERS, quiet.profile).peak, quiet)
    assert found.dimension == "active connections"
    assert found.counted == pytest.approx((75_000 + 150) / 3000)


def test_tokens_of_a_month(figures: Figures) -> None:
    """240,000 turns; each sends 100, and on average three earlier ones of 400."""
    found = model.tokens(day(USERS, figures.profile), figures)
    assert (found.input, found.output) == (240_000 * 1300, 240_000 * 300)


def test_cost_of_tokens(figures: Figures) -> None:
    """312 M in at 0.035 USD and 72 M out at 0.14 USD a million."""
    prices = {"nova_micro_input_1k": 0.000035, "nova_micro_output_1k": 0.00014}
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    used = model.tokens(day(USERS, priced.profile), priced)
    assert model.cost(used, "nova_micro", priced) == pytest.approx(312 * 0.035 + 72 * 0.14)


@pytest.mark.parametrize(
    ("what", "prices", "expected", "choices"),
    [
        (
            "Fargate tasks",
            {"fargate_x86_vcpu_hour": 0.04, "fargate_x86_gb_hour": 0.004},
            1500 * 0.012,
            DEFAULTS,
        ),
        (
            "Fargate tasks",
            {"fargate_arm_vcpu_hour": 0.03, "fargate_arm_gb_hour": 0.002},
            1500 * 0.0085,
            Choices(Architecture.ARM64),
        ),
        ("ALB, being there", {"alb_hour": 0.02}, 14.6, DEFAULTS),
        ("ALB, LCUs", {"lcu_hour": 0.01}, 2.0325 * 4 * 20 * 0.01, DEFAULTS),
        ("Public IPv4 addresses", {"public_ipv4_hour": 0.01}, 3 * 7.3, DEFAULTS),
        ("Public IPv4 addresses", {"public_ipv4_hour": 0.01}, 2 * 7.3, ENDPOINTS),
        (
            "Public IPv4 addresses",
            {"public_ipv4_hour": 0.01},
            7.3,
            EDGE,
        ),
        (
            "Interface endpoints",
            {"endpoint_hour": 0.01, "endpoint_gb": 0},
            73,
            ENDPOINTS,
        ),
        ("NAT gateway", {"nat_hour": 0.05, "nat_gb": 0}, 36.5, DEFAULTS),
        (
            "Transfer to browsers",
            {"transfer_out_gb": 0.1, "transfer_out_free_gb": 100},
            (2.0325 * 80 - 100) * 0.1,
            DEFAULTS,
        ),
        ("Secrets Manager", {"secret_month": 0.4}, 0.4, DEFAULTS),
        # 6,000 loads x 32 requests on 20 days; 600 B each
        ("ALB access logs in S3", {"s3_gb_month": 1}, 3.84e6 * 600 / 1e9, DEFAULTS),
        (
            "WAF",
            {"waf_acl_month": 5, "waf_rule_month": 1, "waf_million_requests": 0.5},
            8 + 3.84 * 0.5,
            EDGE,
        ),
        (
            "CloudFront, to browsers",
            {"cloudfront_out_gb": 0.1, "cloudfront_out_free_gb": 100},
            (2.0325 * 80 - 100) * 0.1,
            EDGE,
        ),
        (
            "CloudFront requests",
            {"cloudfront_10k_requests": 1, "cloudfront_free_requests": 1e6},
            284,
            EDGE,
        ),
        # 4 peaks a day x 270,000 looks, and 12,000 prompts, of 500 B on 20 days
        (
            "CloudFront, to the load balancer",
            {"cloudfront_origin_gb": 1},
            1_092_000 * 500 * 20 / 1e9,
            EDGE,
        ),
        (
            "Container Insights",
            {"metric_month": 1, "logs_ingested_gb": 1, "logs_kept_gb_month": 0},
            37 + 1500 * 60 * 1600 / 1e9,
            DEFAULTS,
        ),
        ("CloudWatch metric of the app", {"metric_month": 0.3}, 0.3, DEFAULTS),
        ("CloudWatch alarms", {"alarm_month": 0.1}, 1.2, DEFAULTS),
        ("CloudWatch dashboard", {"dashboard_month": 3}, 3, DEFAULTS),
        ("ECR images", {"ecr_gb_month": 0.1}, 0.158, DEFAULTS),
        (
            "CloudWatch logs",
            {"logs_ingested_gb": 1, "logs_kept_gb_month": 0},
            # 6,000 loads x 200 B + 12,000 turns x 300 B on 20 days; 1,500 h x 60 x 400 B
            (4.8e6 * 20 + 36e6) / 1e9,
            DEFAULTS,
        ),
    ],
)
def test_line_of_the_bill(
    figures: Figures, what: str, prices: dict[str, float], expected: float, choices: Choices
) -> None:
    """A quantity reckoned by hand times a price that is set here."""
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    assert usd(priced, what, choices) == pytest.approx(expected)


def test_bill_has_no_line_for_what_is_off(figures: Figures) -> None:
    """CloudFront, WAF and elastic throughput; with CloudFront nothing is sent past it."""
    usual = {line.what for line in estimate(USERS, figures, BURSTING).lines}
    edge = {
        line.what
        for line in estimate(USERS, figures, replace(EDGE, throughput=BURSTING.throughput)).lines
    }
    assert not {what for what in usual if re.match("WAF|CloudFront|EFS elastic", what)}
    assert usual - edge == {"Transfer to browsers"}
    private = Choices(egress=Egress.VPC_ENDPOINTS, cloudfront=True)
    lines = {line.what for line in estimate(USERS, figures, private).lines}
    assert "Public IPv4 addresses" not in lines


def test_what_the_nat_gateway_processes(figures: Figures) -> None:
    """Tokens on the wire and logs, in GB; the image comes by S3's gateway endpoint."""
    prices = {"nat_hour": 0, "nat_gb": 1}
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    expected = 312e6 * 5 / 1e9 + 72e6 * 200 / 1e9 + 0.132
    assert usd(priced, "NAT gateway") == pytest.approx(expected)


def test_efs_throughput_is_billed_by_gibibyte(figures: Figures) -> None:
    """Read and written apart."""
    prices = {"efs_read_gb": 1, "efs_write_gb": 0}
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    month = volume.month(day(USERS, figures.profile), figures)
    read = usd(priced, "EFS elastic throughput, read")
    assert read == pytest.approx(month.read_kib / 1024**2)
    assert usd(priced, "EFS elastic throughput, written") == 0


def test_efs_storage_is_billed_by_class_and_by_what_moves(figures: Figures) -> None:
    """A month moves the 6,000 sessions that were given up a month before."""
    prices = {"efs_standard_gb_month": 1, "efs_ia_gb_month": 0.1, "efs_ia_access_gb": 0.01}
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    kept = volume.storage(USERS, day(USERS, figures.profile), figures)
    expected = kept.standard + kept.infrequent * 0.1 + 6_000 * 128 / 1024**2 * 0.01
    assert usd(priced, "EFS storage") == pytest.approx(expected)


def test_dynamodb_keeps_the_same_sessions(figures: Figures) -> None:
    """1,000 half grown, and 60,000 of 40 turns of 2,048 bytes."""
    prices = dict.fromkeys(("dynamodb_million_reads", "dynamodb_million_writes"), 0.0)
    prices |= {"dynamodb_gb_month": 1, "dynamodb_backup_gb_month": 0}
    priced = replace(figures, prices=figures.prices.with_values(prices, "test"))
    found = stores.dynamodb_usd(USERS, day(USERS, figures.profile), priced)
    assert found == pytest.approx((500 + 60_000) * 40 * 2048 / 1e9)


def test_request_units_of_the_same_chats_on_dynamodb(figures: Figures) -> None:
    """Reckoned by hand.

    Looks 285,000; 1,500 restores of 40 KiB at 4 KiB a unit; 6,000 records of 1 KiB at 1 KiB a unit,
    as many of the item that says how far the log goes, and 30,000 pieces of answers.
    """
    found = stores.units(day(USERS, figures.profile).peak, figures)
    assert (found.reads, found.writes) == (285_000 + 1_500 * 10, 42_000)


def test_more_users_never_need_or_cost_less(figures: Figures) -> None:
    """Over the whole range that is offered."""
    plans = [estimate(users, figures) for users in (1, 2, 10, 99, 100, 5_000, 10**5, 10**7)]
    for smaller, larger in pairwise(plans):
        assert smaller.tasks.needed <= larger.tasks.needed
        assert smaller.usd < larger.usd
        assert smaller.second.reads < larger.second.reads
        assert smaller.lcus.counted < larger.lcus.counted
        assert smaller.models["nova_pro"] < larger.models["nova_pro"]
        assert all(smaller.stores[name] < larger.stores[name] for name in smaller.stores)
        assert {each.name for each in smaller.passed} <= {each.name for each in larger.passed}


@pytest.mark.parametrize(
    "name",
    ["chats_per_user", "turns_per_chat", "minutes_open", "loads_per_chat", "answer_tokens"],
)
def test_busier_users_cost_more(figures: Figures, name: str) -> None:
    """Each figure of the profile counts, and counts upwards."""
    busier = figures.assuming({name: figures.profile[name] * 2})
    assert estimate(5000, busier).usd > estimate(5000, figures).usd


def test_limits_are_passed_one_more_than_they_allow(figures: Figures) -> None:
    """As many as allowed is allowed."""
    for most, expected in ((4, []), (3, ["MaxTasks"])):
        plan = estimate(USERS, figures.assuming({"max_tasks": most}))
        assert [each.name for each in plan.passed] == expected


def test_every_limit_can_be_passed(figures: Figures) -> None:
    """By ten million users who never leave, on small tasks or large ones; each says what to do."""
    crowd = {"minutes_open": 600, "min_tasks": 1, "chats_per_task": 5000}
    large = crowd | {"task_vcpu": 16, "task_memory_gb": 120}
    plans = [estimate(10**7, figures.assuming(each)) for each in (crowd, large)]
    passed = {each.name for plan in plans for each in plan.passed}
    assert {each.name for each in plans[0].limits} == passed
    assert all(each.advice for each in plans[0].limits)


def test_one_task_is_warned_of(figures: Figures) -> None:
    """It is cheaper, and an outage at each replacement."""
    passed = [each.name for each in estimate(1, figures.assuming({"min_tasks": 1})).passed]
    assert passed == ["one-task floor"]


def test_share_of_efs_is_of_its_nearer_limit(figures: Figures) -> None:
    """Reads against reads, writes against writes, in either mode."""
    plan = estimate(USERS, figures, BURSTING)
    assert plan.share_of_efs == max(plan.second.reads / 35_000, plan.second.writes / 7_000)
    plan = estimate(USERS, figures)
    assert plan.share_of_efs == max(plan.second.reads / 250_000, plan.second.writes / 50_000)
    limits = {each.name: each.limit for each in plan.limits}
    assert (limits["EFS read operations"], limits["EFS write operations"]) == (250_000, 50_000)


def test_rollout_needs_the_quota_twice(figures: Figures) -> None:
    """Old and new tasks run side by side: 4 of 0.25 vCPU are 8."""
    found = {each.name: each.got for each in estimate(USERS, figures).limits}
    assert (found["Fargate vCPUs"], found["ALB targets"], found["MaxTasks"]) == (2, 8, 4)


def test_more_tasks_than_the_template_allows_are_told_apart(figures: Figures) -> None:
    """What MaxTasks cannot be raised to needs larger tasks."""
    for users, said in ((100_000, "raise MaxTasks"), (1_000_000, "MaxTasks ends at 1,000")):
        (limit,) = [each for each in estimate(users, figures).limits if each.name == "MaxTasks"]
        assert limit.advice.startswith(said)
