"""The rehearsal's story: one stack from its first deploy to its end, each step held to its promise.

Each scenario is a function of the stage that raises Broken, or whatever `deploy` raised, where it
does not come out so; they build on one another in this order.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from parity.deploy import destroy
from parity.deploy.carry_out import service_of
from parity.deploy.promote import existing_repository
from parity.deploy.registry import find_image
from parity.deploy.roll_back import roll_back
from parity.deploy.tasks import read_tasks, reasons
from parity.deploy.template import parse_template
from parity.errors import ParityError
from parity.facts.check import check, differences
from parity.facts.live import read_live
from parity.facts.local import load_local
from parity.project import ROOT
from parity.rehearsal.known_gaps import closed
from parity.rehearsal.read_back import gaps, look_for, still_there
from parity.rehearsal.readers.found import Wanted
from parity.rehearsal.stage import STACK, Stage, expect
from parity.rehearsal.variants import VARIANTS
from parity.rehearsal.workshop import BAD_EXIT_CODE, RegistryWorkshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parity.deploy.receipt import Receipt
    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template
    from parity.rehearsal.variants import Variant

COMPOSE = ROOT / "compose.yaml"
IMAGE_ONLY = ["Service", "TaskDefinition"]
IDLE_TIMEOUT = "idle_timeout.timeout_seconds"
LONGER = "120"  # seconds; any other than the template's


@dataclass(frozen=True)
class Proof:
    """What a scenario has shown, in words, and how many fields were as in the template."""

    what: str
    fields: int = 0


@dataclass
class Story:
    """What one scenario hands to the next."""

    stage: Stage
    receipts: dict[str, Receipt] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def make(self, name: str, *, starts: bool = True) -> Receipt:
        """Make an image and return its receipt."""
        self.receipts[name] = self.stage.workshop.make(name, starts=starts)
        return self.receipts[name]

    def remember(self, name: str) -> None:
        """Note the one digest that runs now under a receipt's name."""
        running = self.stage.running()
        expect(len(running) == 1, f"tasks run {sorted(running)} instead of one image")
        self.digests[name] = running.pop()


def first_deploy(story: Story) -> Proof:
    """Nothing is there; afterwards the tested image runs in a stack as the template says."""
    stage = story.stage
    stage.deploy(story.make("first"), smoke=True)
    expect(stage.state.status == "CREATE_COMPLETE", f"the stack is in {stage.state.status}")
    story.remember("first")
    least = int(stage.state.parameters["MinTasks"])
    expect(len(stage.tasks()) == least, f"{len(stage.tasks())} tasks run instead of {least}")
    return _proven(stage, stage.look_into_tasks(story.receipts["first"]))


def no_change(story: Story) -> Proof:
    """The same once more asks nothing, changes nothing and starts no task."""
    stage = story.stage
    asked, tasks, moment = len(stage.shown), stage.tasks(), _last_event(stage)
    stage.deploy(story.receipts["first"])
    expect(len(stage.shown) == asked, "it asked for a change")
    expect(_last_event(stage) == moment, "CloudFormation was at work")
    expect(stage.tasks() == tasks, "tasks were replaced")
    return _proven(stage, "nothing asked, nothing done")


def live_check(story: Story) -> Proof:
    """What is deployed is like the local stack; what is changed by hand is named, then undone."""
    stage = story.stage
    machine = stage.state.parameters["Architecture"]  # of the images made here, tiny ones too
    local = replace(load_local([COMPOSE], environment={}), machine=machine)
    results = check(local, read_live(stage.stack, stage.account))
    differing = [each.fact.name for each in differences(results)]
    expect(not differing, f"the deployed stack differs: {', '.join(differing)}")
    with _changed_by_hand(stage, IDLE_TIMEOUT, LONGER):
        found = differences(check(local, read_live(stage.stack, stage.account)))
    names = [each.fact.name for each in found]
    expect(names == ["idle-timeout"], f"after a change by hand it names {names}")
    same = sum(each.verdict == "same" for each in results)
    return _proven(stage, f"{same} facts are the same; a change by hand is seen")


def image_update(story: Story) -> Proof:
    """A new image touches the task definition and the service, and nothing else."""
    stage = story.stage
    stage.deploy(story.make("second"))
    story.remember("second")
    expect(story.digests["second"] != story.digests["first"], "the old image still runs")
    expect(stage.shown[-1] == IMAGE_ONLY, f"the change set names {', '.join(stage.shown[-1])}")
    return _proven(stage, "task definition and service only")


def template_update(story: Story) -> Proof:
    """A change of the template alone touches what it says, pushes nothing and starts no task."""
    stage, tasks = story.stage, story.stage.tasks()
    stage.template = with_longer_idle_timeout(stage.template)
    stage.deploy(story.receipts["second"])
    expect("LoadBalancer" in stage.shown[-1], f"the change set: {', '.join(stage.shown[-1])}")
    expect(not {*IMAGE_ONLY} & {*stage.shown[-1]}, "the service is changed, too")
    expect(stage.tasks() == tasks, "tasks were replaced")
    return _proven(stage, "load balancer only, no task replaced")


def bad_image(story: Story) -> Proof:
    """An image that does not start is rolled back; the one before runs on, untouched."""
    stage, tasks = story.stage, story.stage.tasks()
    refused = _refusal(lambda: stage.deploy(story.make("bad", starts=False)))
    expect(refused is not None, "deploy said that all is well")
    reason = _stop_reason(stage)
    if stage.workshop.runs:
        expect(f"exit code {BAD_EXIT_CODE}" in reason, f"the task has ended otherwise: {reason}")
    status = stage.state.status
    expect(status == "UPDATE_ROLLBACK_COMPLETE", f"the stack is in {status}")
    story.remember("after the bad one")
    expect(story.digests["after the bad one"] == story.digests["second"], "another image runs")
    expect(tasks <= stage.tasks(), "tasks that worked were stopped")
    return _proven(stage, f"rolled back: {reason}")


def rollback(story: Story) -> Proof:
    """`parity rollback` brings the first image back, through CloudFormation, template untouched."""
    stage = story.stage
    roll_back(stage.account, stage.stack, story.receipts["first"].id, stage.manner(smoke=False))
    story.remember("rolled back")
    expect(story.digests["rolled back"] == story.digests["first"], "it is not the first image")
    expect(stage.shown[-1] == IMAGE_ONLY, f"the change set names {', '.join(stage.shown[-1])}")
    return _proven(stage, "the first image runs again")


def taken_tag(story: Story) -> Proof:
    """Another image under a tag that is taken is refused before anything is pushed or changed."""
    stage, moment = story.stage, _last_event(story.stage)
    first, second = story.receipts["first"], story.receipts["second"]
    refused = _refusal(lambda: stage.deploy(replace(second, id=first.id)))
    expect(refused is not None, "deploy said that all is well")
    expect(refused and "is not the image of receipt" in refused.what, f"refused for: {refused}")
    expect(_last_event(stage) == moment, "CloudFormation was at work")
    repository = existing_repository(stage.account, stage.stack)
    there = find_image(repository, first.id, first.config_digest)
    expect(there and there.digest == story.digests["first"], "the tag names another image now")
    return _proven(stage, "refused before the push")


def bad_first_deploy(story: Story) -> Proof:
    """A first deploy that fails leaves a stack that `deploy` refuses and `destroy` clears away.

    What the template retains stays even then, and `destroy` names it.
    """
    stage = story.stage.other(f"{STACK}-bad", story.stage.template)
    elsewhere = _for_another_stack(story, stage)
    refused = _refusal(lambda: stage.deploy(elsewhere.make("bad-first", starts=False)))
    expect(refused is not None, "deploy said that all is well")
    expect(stage.state.status == "ROLLBACK_COMPLETE", f"the stack is in {stage.state.status}")
    again = _refusal(lambda: stage.deploy(elsewhere.make("good-first")))
    expect(again is not None and "destroy" in again.hint, "it did not say that destroy comes next")
    kept = {
        name
        for name, resource in stage.template.resources.items()
        if resource.get("DeletionPolicy") == "Retain"  # RetainExceptOnCreate goes with a rollback
    }
    retained = set(_destroy(stage))
    expect(retained == kept, f"told as retained: {sorted(retained)}, instead of {sorted(kept)}")
    return Proof(f"rolled back, refused, cleared away but for {', '.join(sorted(retained))}")


def variant(story: Story, each: Variant) -> Proof:
    """Another stack with other parameters is made as the template says, and goes again.

    Its tasks are records: the image that is run is proven with the first stack.
    """
    stage = story.stage.other(f"{STACK}-{each.suffix}", story.stage.template)
    stage.workshop = RegistryWorkshop(stage.registry, stage.stack, each.architecture)
    # One that the template does not declare is refused, as from any user of `deploy`.
    stage.deploy(stage.workshop.make(each.suffix), each.make(stage.account))
    proof = _proven(stage, "made, read back, destroyed")
    _destroy(stage)
    return proof


def destroyed(story: Story) -> Proof:
    """`parity destroy` takes all but what the template retains: that is still there afterwards."""
    stage = story.stage
    retained = _destroy(stage)
    expect("FileSystem" in retained, "the sessions would be lost: the file system is not retained")
    return Proof(f"retained: {', '.join(sorted(retained))}")


def known_gaps(story: Story) -> Proof:
    """What was known not to be said still is not: each reading was held to no more than that."""
    said = [f"{each.logical_id}.{each.path}" for each in closed(story.stage.readings)]
    expect(not said, f"said after all, so no gap any more (known_gaps.py): {', '.join(said)}")
    return Proof(f"{len(gaps(story.stage.readings))} properties, each for a reason that is known")


STORY: tuple[tuple[str, Callable[[Story], Proof]], ...] = (
    ("first deploy", first_deploy),
    ("no change", no_change),
    ("parity check --live", live_check),
    ("image update", image_update),
    ("template update", template_update),
    ("bad image", bad_image),
    ("rollback", rollback),
    ("another image under a taken tag", taken_tag),
    ("first deploy of a bad image", bad_first_deploy),
    *((each.title, partial(variant, each=each)) for each in VARIANTS),
    ("destroy", destroyed),
    ("what no emulator says", known_gaps),
)


def with_longer_idle_timeout(template: Template) -> Template:
    """Return the template with another idle timeout of the load balancer."""
    document: dict[str, Any] = json.loads(json.dumps(template.parsed.document))
    attributes = document["Resources"]["LoadBalancer"]["Properties"]["LoadBalancerAttributes"]
    for attribute in attributes:
        if attribute["Key"] == IDLE_TIMEOUT:
            attribute["Value"] = LONGER
    return parse_template(json.dumps(document, separators=(",", ":")))


@contextmanager
def _changed_by_hand(stage: Stage, attribute: str, value: str) -> Iterator[None]:
    """Change an attribute of the load balancer behind CloudFormation's back, and change it back."""
    elb, arn = stage.account.client("elbv2"), stage.state.outputs["LoadBalancerArn"]
    entries = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    before = [each for each in entries if each["Key"] == attribute]
    change = [{"Key": attribute, "Value": value}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=change)
    try:
        yield
    finally:
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=before)


def _for_another_stack(story: Story, stage: Stage) -> Story:
    """Images go into the repository of their stack, so another stack needs its own."""
    workshop = story.stage.workshop.for_stack(stage.stack)
    stage.workshop = workshop
    return replace(story, stage=stage)


def _proven(stage: Stage, what: str) -> Proof:
    return Proof(what, stage.hold_to_template())


def _destroy(stage: Stage) -> dict[str, str]:
    """Destroy the stack; return what is retained, physical by logical ids, which is all that is."""
    state = destroy.read_own_stack(stage.account, stage.stack)
    members = destroy.read_members(stage.account, state)
    retained = {each.logical_id: each.physical_id for each in members if each.retained}
    wanted = look_for(stage.account, stage.stack, stage.resolved()) if _whole(state) else {}
    wanted |= {
        each.logical_id: (each.type, Wanted(each.physical_id, {}))
        for each in members
        if each.retained
    }
    destroy.delete(stage.account, state)
    expect(not stage.state.exists, f"the stack is in {stage.state.status}")
    left = still_there(stage.account, wanted)
    expect(left <= set(retained), f"still there: {', '.join(sorted(left - set(retained)))}")
    expect(set(retained) <= left, "what was to be retained is gone")
    return retained


def _stop_reason(stage: Stage) -> str:
    """Return why the last task that failed has ended, as ECS tells it."""
    service = service_of(stage.state)
    stopped = read_tasks(stage.account, service.cluster, service.name, "STOPPED")
    failed = [task for task in stopped if task.failed]
    expect(failed, "no task has failed")
    return reasons(failed[-1])


def _whole(state: StackState) -> bool:
    """Tell whether a stack has all that its template makes."""
    return state.status.startswith(("CREATE_COMPLETE", "UPDATE_"))


def _refusal(act: Callable[[], object]) -> ParityError | None:
    try:
        act()
    except ParityError as error:
        return error
    return None


def _last_event(stage: Stage) -> str:
    client = stage.account.client("cloudformation")
    events = client.describe_stack_events(StackName=stage.stack)["StackEvents"]
    return str(events[0]["EventId"])
