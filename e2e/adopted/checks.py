"""What is done to an app, one function a check; each says what was seen before and what after."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from e2e.adopted.finding import Finding, Look, Verdict
from e2e.adopted.reading import appeared, is_whole, missing
from e2e.adopted.scene import SLOW
from e2e.adopted.visitor import LATE, Kind, NotUsable, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from e2e.adopted.scene import Scene
    from e2e.adopted.visitor import Exchange

COLD_VISITS = 3
COLD_SECONDS = 25.0
UPLOADS = 4  # without stickiness: one may meet the replica that has its page by chance
ANSWER_SECONDS = 10.0  # without a change, after which nothing more is to come
GROWN = 60  # characters of an answer that is under way


@dataclass(frozen=True)
class Check:
    """One check. name: as --only has it. done: for the report. cure: its name in cures.py.

    needs: what the app must have. breaks: whether replicas have to be mended afterwards.
    """

    name: str
    title: str
    done: str
    cure: str
    run: Callable[[Scene, Check], Finding]
    breaks: bool = False

    def finding(self, verdict: Verdict, reason: str, **rest: object) -> Finding:
        """Return a finding of this check; only a loss has a cure."""
        cure = self.cure if verdict is Verdict.LOST else ""
        made = Finding(self.name, self.title, self.done, verdict, reason, cure=cure)
        return replace(made, **rest)  # type: ignore[arg-type]

    def without(self, why: str) -> Finding:
        """Return the finding that there is nothing to check."""
        return self.finding(Verdict.NOT_APPLICABLE, why)


def carry_out(check: Check, scene: Scene) -> Finding:
    """Run a check, and mend what it broke; a page that cannot be used any more is a loss."""
    started = time.monotonic()
    try:
        found = check.run(scene, check)
    except NotUsable as error:
        found = check.finding(Verdict.LOST, str(error))
    finally:
        if check.breaks:
            scene.mend()
    return replace(found, seconds=round(time.monotonic() - started, 1))


def _opens(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        look = scene.look(visitor, check.name)
        if said := visitor.exception():
            return check.finding(Verdict.LOST, f"the page shows an exception: {said}", after=look)
    return check.finding(Verdict.SURVIVED, "the page opens without an exception", after=look)


def _refresh(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        seen = visitor.exchange()
        before = scene.look(visitor, f"{check.name}-before", lines=seen.lines)
        visitor.refresh()
        return _compared(scene, check, visitor, before, seen)


def _hop(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        seen = visitor.exchange()
        before = scene.look(visitor, f"{check.name}-before", lines=seen.lines)
        if not scene.hop(visitor):
            return check.without("there is only one replica: parity adopt --replicas 3")
        return _compared(scene, check, visitor, before, seen)


def _kill(scene: Scene, check: Check) -> Finding:
    """After a hop the browser shows what it had, until the script runs there; so it is made to."""
    with scene.user() as visitor:
        seen = visitor.exchange()
        before = scene.look(visitor, f"{check.name}-before", lines=seen.lines)
        killed = scene.kill(visitor)
        visitor.wait_idle()
        if scene.usual.kind is Kind.PAGE:
            visitor.refresh()
        else:
            visitor.exchange()
        found = _compared(scene, check, visitor, before, seen)
        return replace(found, before=replace(found.before, replicas=(killed,)))


def _restart(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        seen = visitor.exchange()
        before = scene.look(visitor, f"{check.name}-before", lines=seen.lines)
        scene.restart_replicas()
        visitor.refresh()
        return _compared(scene, check, visitor, before, seen)


def _refresh_in_mid_answer(scene: Scene, check: Check) -> Finding:
    return _in_mid_answer(scene, check, Visitor.refresh)


def _kill_in_mid_answer(scene: Scene, check: Check) -> Finding:
    return _in_mid_answer(scene, check, scene.kill)


def _in_mid_answer(scene: Scene, check: Check, do: Callable[[Visitor], object]) -> Finding:
    if not scene.usual.interruptible:
        why = "an answer is there at once: there is no moment in the middle of it"
        return check.without(why if scene.usual.kind is Kind.CHAT else "the app is no chat")
    with scene.user() as visitor:
        opening = visitor.lines()
        typed = visitor.begin(SLOW)

        def is_under_way() -> bool:
            said = appeared(opening, visitor.lines())
            answer = sum(len(line) for line in said if typed not in line)
            return answer > GROWN and visitor.is_running()

        if not visitor.wait_for(is_under_way):
            return check.without("no answer was seen to grow")
        before = scene.look(visitor, f"{check.name}-before")
        before = replace(before, lines=appeared(opening, before.lines))
        do(visitor)
        _wait_for_answer(scene, visitor, opening, typed)
        after = scene.look(visitor, f"{check.name}-after")
        said = appeared(opening, visitor.lines())
    looks = {"before": before, "after": replace(after, lines=said[:40])}
    if not any(typed in line for line in said):
        gone = missing(before.lines, said, typed)
        return check.finding(Verdict.LOST, "the question is gone", missing=gone, **looks)
    if not is_whole(said, scene.usual.answer):
        return check.finding(Verdict.LOST, "the question is left without a whole answer", **looks)
    return check.finding(Verdict.SURVIVED, "question and whole answer are there", **looks)


def _wait_for_answer(scene: Scene, visitor: Visitor, opening: list[str], typed: str) -> None:
    """Wait until the question has its answer; press F5 once where none comes, as a user would."""

    def is_there() -> bool:
        said = appeared(opening, visitor.lines())
        return any(typed in line for line in said) and is_whole(said, scene.usual.answer)

    if not _comes(visitor, is_there):
        visitor.refresh()
        _comes(visitor, is_there)
    visitor.wait_idle()


def _comes(visitor: Visitor, is_there: Callable[[], bool]) -> bool:
    """Wait for it as long as the page changes, and some seconds more; tell whether it came."""
    deadline, last = time.monotonic() + ANSWER_SECONDS, visitor.lines()
    while not is_there():
        if (now := visitor.lines()) != last:
            deadline, last = time.monotonic() + ANSWER_SECONDS, now
        if time.monotonic() > deadline:
            return False
        visitor.page.wait_for_timeout(100)
    return True


def _two_tabs(scene: Scene, check: Check) -> Finding:
    if scene.usual.kind is not Kind.CHAT:
        return check.without("the app is no chat")
    with scene.user() as first:
        seen = first.exchange()
        second = scene.second_tab(first)
        typed = [first.begin(SLOW), second.begin(SLOW)]
        for tab, words in zip((first, second), typed, strict=True):
            tab.wait_for(lambda tab=tab, words=words: _shows(tab.lines(), words))  # type: ignore[misc]
            tab.wait_idle()
        before = scene.look(first, f"{check.name}-before", lines=seen.lines)
        second.refresh()
        sent = (seen.typed, *typed)
        second.wait_for(lambda: all(_shows(second.lines(), words) for words in sent), LATE)
        lines = second.lines()
        after = scene.look(second, f"{check.name}-after")
    gone = tuple(words for words in sent if not _shows(lines, words))
    if gone:
        told = f"after both had sent, the second tab lacks {_listed(gone)}"
        return check.finding(Verdict.LOST, told, before=before, after=after, missing=gone)
    reason = "both tabs show one conversation, with what either sent"
    return check.finding(Verdict.SURVIVED, reason, before=before, after=after)


def _cold(scene: Scene, check: Check) -> Finding:
    """Visit replicas that have run no script yet, each request going to the next one."""
    good, look, why = 0, Look(), ""
    with scene.without_stickiness():
        for number in range(1, COLD_VISITS + 1):
            scene.restart_replicas()
            with scene.user(opens=False) as visitor:
                try:
                    visitor.load(COLD_SECONDS)
                    good += 1
                except NotUsable as error:
                    why = str(error)
                if why or number == COLD_VISITS:
                    look = scene.look(visitor, check.name)
                if why:
                    break
    if why:
        return check.finding(Verdict.LOST, f"visit {good + 1}: {why}", after=look)
    reason = f"{good} of {COLD_VISITS} first visits got a page that can be used"
    return check.finding(Verdict.SURVIVED, reason, after=look)


def _widgets(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        opening = visitor.widgets()
        if not visitor.change_a_widget():
            return check.without("there is no select box, tick, radio button or slider")
        visitor.wait_idle()
        changed = appeared(opening, visitor.widgets())
        if not changed:
            return check.without("no value changed where one was to change")
        before = scene.look(visitor, f"{check.name}-before", lines=changed)
        visitor.refresh()
        visitor.wait_for(lambda: not appeared(visitor.widgets(), changed), LATE)
        gone = appeared(visitor.widgets(), changed)
        after = scene.look(visitor, f"{check.name}-after", lines=tuple(visitor.widgets()))
    looks = {"before": before, "after": after}
    if gone:
        return check.finding(Verdict.LOST, f"gone: {_listed(gone)}", missing=gone, **looks)
    return check.finding(Verdict.SURVIVED, f"still {_listed(changed)}", **looks)


def _upload(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        if not visitor.can_upload():
            return check.without("there is no file uploader")
        name, opening = _upload_a_file(visitor), scene.usual.opening
        seen = tuple(line for line in appeared(opening, visitor.lines()) if name in line)
        before = scene.look(visitor, f"{check.name}-before", lines=seen)
        visitor.refresh()
        visitor.wait_for(lambda: _shows(visitor.lines(), name), LATE)
        now = visitor.lines()
        after = scene.look(visitor, f"{check.name}-after", lines=appeared(opening, now))
    looks = {"before": before, "after": after}
    if visitor.refused or not seen:
        why = visitor.refused[0] if visitor.refused else "the page never showed its name"
        return check.finding(Verdict.LOST, f"the upload failed: {why}", **looks)
    if not _shows(now, name):
        reason = f"the page knows of '{name}' no more"
        return check.finding(Verdict.LOST, reason, missing=seen, **looks)
    return check.finding(Verdict.SURVIVED, f"the page still shows '{name}'", **looks)


def _upload_anywhere(scene: Scene, check: Check) -> Finding:
    with scene.user() as visitor:
        if not visitor.can_upload():
            return check.without("there is no file uploader")
    with scene.without_stickiness(), scene.user() as visitor:
        for turn in range(UPLOADS):
            visitor.pass_turns(turn)
            name = _upload_a_file(visitor)
            if visitor.refused:
                break
        look = scene.look(visitor, check.name)
    if visitor.refused:
        return check.finding(Verdict.LOST, f"refused: {visitor.refused[0]}", after=look)
    return check.finding(Verdict.SURVIVED, f"'{name}' was taken", after=look)


def _upload_a_file(visitor: Visitor) -> str:
    name = f"notes-{secrets.token_hex(3)}.txt"
    visitor.upload(name, b"Nothing of importance.\n")
    return name


def _compared(
    scene: Scene, check: Check, visitor: Visitor, before: Look, seen: Exchange
) -> Finding:
    """Return whether what was seen of an exchange is there now."""
    # What a page restores may come some time after the page.
    visitor.wait_for(lambda: not missing(seen.lines, visitor.lines(), seen.typed), LATE)
    now = visitor.lines()
    after = scene.look(visitor, f"{check.name}-after", lines=appeared(scene.usual.opening, now))
    looks = {"before": before, "after": after}
    if gone := missing(seen.lines, now, seen.typed):
        what = "what was typed and what came of it" if seen.typed else "what was seen"
        whole = len(gone) == len(seen.lines)
        reason = f"{what} is gone" if whole else f"of {what}, {len(gone)} lines are gone"
        return check.finding(Verdict.LOST, reason, missing=gone, **looks)
    return check.finding(Verdict.SURVIVED, "all that was seen is there", **looks)


def _shows(lines: Sequence[str], words: str) -> bool:
    return any(words in line for line in lines)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


CHECKS = (
    Check("opens", "Opens", "Opened it in a browser that was never there.", "exception", _opens),
    Check("refresh", "Refresh", "Used it once, then pressed F5.", "store", _refresh),
    Check(
        "hop",
        "Hop to another replica",
        "Used it once, then loaded it again until another replica served it.",
        "store",
        _hop,
    ),
    Check(
        "kill",
        "Replica killed",
        "Used it once, killed the replica that served it (kill -9), let the page find another one"
        " by itself, and used it again there.",
        "store",
        _kill,
        breaks=True,
    ),
    Check(
        "restart",
        "Every replica restarted",
        "Used it once, ended and started all replicas, as a deploy does, then pressed F5.",
        "store",
        _restart,
        breaks=True,
    ),
    Check(
        "refresh-in-answer",
        "Refresh in mid-answer",
        "Asked for a long answer, and pressed F5 while it grew.",
        "unanswered",
        _refresh_in_mid_answer,
    ),
    Check(
        "kill-in-answer",
        "Replica killed in mid-answer",
        "Asked for a long answer, and killed the replica that wrote it (kill -9).",
        "unanswered",
        _kill_in_mid_answer,
        breaks=True,
    ),
    Check(
        "two-tabs",
        "Two tabs",
        "Used it in one tab, opened a second one, sent from both at the same time, then pressed F5"
        " in the second.",
        "store",
        _two_tabs,
    ),
    Check(
        "cold",
        "First visit to cold replicas",
        "Switched stickiness off; three times started all replicas anew, and visited it with a new"
        " browser.",
        "components",
        _cold,
        breaks=True,
    ),
    Check("widgets", "Settings", "Changed a setting, then pressed F5.", "settings", _widgets),
    Check("upload", "Uploaded file", "Uploaded a file, then pressed F5.", "upload", _upload),
    Check(
        "upload-anywhere",
        "Upload without stickiness",
        "Switched stickiness off, and uploaded a file: its request may reach any replica.",
        "stickiness",
        _upload_anywhere,
    ),
)
