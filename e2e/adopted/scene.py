"""What a check is given: a browser, the replicas, and a place for pictures."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from e2e.adopted.finding import Look
from e2e.adopted.visitor import Exchange, Kind, NotUsable, Visitor
from parity.faults.all_down import all_down

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from e2e.target import Local

STICKINESS = "stickiness.enabled"
HOPS = 20
SERVED_SECONDS = 10.0
MOST_LINES = 40
WINDOW = {"width": 1100, "height": 760}
SLOW = " [[tokens=320]]"  # to the Bedrock stand-in; to anybody else some signs at the end


@dataclass(frozen=True)
class Usual:
    """The app when nothing is done to it. opening: its lines before anybody did anything.

    kind: None before that is known. answer: how many characters follow a question that asks for a
    long answer. interruptible: whether that takes long enough to do something meanwhile.
    """

    kind: Kind | None
    opening: tuple[str, ...]
    answer: int
    interruptible: bool


class Scene:
    """The stack and the browser; each check has tabs without a past."""

    def __init__(self, target: Local, browser: Browser, pictures: Path, usual: Usual) -> None:
        self.cluster = target.cluster
        self.sticky = target.sticky
        self.usual = usual
        self._target = target
        self._browser = browser
        self._pictures = pictures

    @contextmanager
    def user(self, *, opens: bool = True) -> Iterator[Visitor]:
        """Give a tab of a browser that was never here; gone when the block ends."""
        context = self._browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
        try:
            visitor = Visitor(context.new_page(), self._target.url, self.usual.kind)
            if opens:
                visitor.load()
            yield visitor
        finally:
            context.close()

    def second_tab(self, visitor: Visitor) -> Visitor:
        """Open the app in another tab of the same browser."""
        other = Visitor(visitor.page.context.new_page(), self._target.url, self.usual.kind)
        other.load()
        return other

    def serving(self) -> tuple[str, ...]:
        """Return the host names of the replicas that have a page's websocket open."""
        deadline = time.monotonic() + SERVED_SECONDS
        while True:
            open_now = [each for each in self.cluster.targets() if each.outstanding]
            if open_now or time.monotonic() > deadline:
                return tuple(each.hostname for each in open_now if each.hostname)
            time.sleep(0.2)

    def look(self, visitor: Visitor, name: str, *, lines: tuple[str, ...] = ()) -> Look:
        """Take a picture; say who served the page and what is to be read on it."""
        file = f"{name}.jpg"
        visitor.page.screenshot(path=self._pictures / file, type="jpeg", quality=70)
        return Look((lines or tuple(visitor.lines()))[:MOST_LINES], self.serving(), file)

    def hop(self, visitor: Visitor) -> bool:
        """Load the page until another replica serves it; tell whether one does."""
        before = self.serving()
        for _ in range(HOPS):
            visitor.forget_replica()
            visitor.refresh()
            if self.serving() != before:
                return True
        return False

    def kill(self, visitor: Visitor) -> str:
        """Kill the replica that serves the page, and wait until another one does; return the first.

        Raises NotUsable when the page stays without any.
        """
        (before, *_) = self.serving() or ("",)
        if not before:
            raise NotUsable("no replica has the page's connection")
        self.cluster.kill(before)
        if not visitor.wait_for(lambda: bool(set(self.serving()) - {before})):
            raise NotUsable("the page did not connect to another replica by itself")
        return before

    def restart_replicas(self) -> None:
        """End every replica, start them all, and wait until the load balancer uses them."""
        with all_down(self.cluster, ""):
            self._target.settle()

    @contextmanager
    def without_stickiness(self) -> Iterator[None]:
        """Let each request go to the next replica while the block runs."""
        self.cluster.modify_target_group({STICKINESS: False})
        try:
            yield
        finally:
            self.cluster.modify_target_group({STICKINESS: bool(self.sticky)})

    def mend(self) -> None:
        """Start whatever a check has ended, and wait until nothing of it disturbs the next."""
        self.cluster.mend()
        self._target.settle()


def usual(target: Local, browser: Browser, pictures: Path) -> Usual:
    """Use the app once with nothing done to it. Raises NotUsable when it does not get so far."""
    scene = Scene(target, browser, pictures, Usual(None, (), 0, interruptible=False))
    with scene.user() as visitor:
        kind, opening = visitor.kind(), tuple(visitor.lines())
        started = time.monotonic()
        found: Exchange = visitor.exchange(SLOW if kind is Kind.CHAT else "")
        took = time.monotonic() - started - 1.0  # which `exchange` waits for more
    answer = sum(len(line) for line in found.lines)
    return Usual(kind, opening, answer, interruptible=kind is Kind.CHAT and took > 2.0)
