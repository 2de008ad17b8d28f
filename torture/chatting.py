"""How one client lives: it asks, waits to see its prompt kept, then its answer, and asks again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from torture.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from e2e.target import Local
    from torture.browser import BrowserClient, Seen
    from torture.history import History, Prompt
    from torture.page import Message, Page

# The balancer gives a target that is cut off up to 60 s, and a frozen one may sleep for 30.
PATIENCE_SECONDS = 180.0
THINKING_SECONDS = (0.0, 2.0)
TOKENS = (10, 300)  # of an answer: up to 4 s long
REFRESHING = 0.1  # of all prompts are sent after a refresh, and as many have one in mid-answer
TRY_AGAIN = "Try again"
LOOKS = 10  # for each replica there is, before giving up to come to all
NEVER_USABLE = "the page never became usable"


@dataclass
class Budget:
    """How many turns are left to begin, for all clients together, and until when."""

    turns: int
    ends: float

    def take(self, now: float) -> bool:
        """Take one turn; False if there is none left, or no time."""
        if self.turns <= 0 or now >= self.ends:
            return False
        self.turns -= 1
        return True


async def chat(
    client: Client | BrowserClient,
    history: History,
    budget: Budget,
    random: Random,
    clock: Callable[[], float],
) -> None:
    """Chat until the budget is used up, or an answer never comes; it is all in the history."""
    async with client:
        while await _usable(client, history) and budget.take(clock()):
            await asyncio.sleep(random.uniform(*THINKING_SECONDS))
            if random.random() < REFRESHING:
                await client.refresh(hop=random.random() < REFRESHING)
            if not await _usable(client, history):
                break
            prompt = history.next_prompt(random.randint(*TOKENS), clock())
            await client.send(prompt.text)
            await _follow(client, prompt, random, clock)
            if prompt.answered is None:
                prompt.left = await client.left()
                break
        history.drops += client.drops
        history.failed_loads.extend(client.failed_loads)
        history.errors.extend(client.errors)


async def _usable(client: Client | BrowserClient, history: History) -> bool:
    """Wait until one can type, and the browser holds the session's key."""
    if await client.until(lambda: client.ready and bool(client.key), PATIENCE_SECONDS):
        history.key = client.key
        return True
    history.errors.append(NEVER_USABLE)
    return False


async def _follow(
    client: Client | BrowserClient, prompt: Prompt, random: Random, clock: Callable[[], float]
) -> None:
    """Wait for the answer; press F5 in its middle now and then, and `Try again` if it fails."""
    patient_until = clock() + PATIENCE_SECONDS

    def seen() -> Message | None:
        return answer_to(client.page, prompt.text)

    async def until(holds: Callable[[], bool]) -> bool:
        return await client.until(holds, patient_until - clock())

    if not await until(lambda: seen() is not None):
        return
    prompt.acknowledged = clock()
    if random.random() < REFRESHING:
        await client.refresh(hop=random.random() < 1 / 2)

    def ended() -> bool:
        # Only when the page is at rest: a warning is drawn after the text that it is about.
        answer = seen()
        return client.ready and answer is not None and (answer.warned or whole(answer))

    while await until(ended):
        answer = seen()
        if answer is None or not answer.warned:
            prompt.answered, prompt.replica = clock(), client.page.place("Replica")
            return
        prompt.retries += await client.press(TRY_AGAIN)
        await client.until(lambda: not ((now := seen()) and now.warned), 5)


def answer_to(page: Page | Seen, text: str) -> Message | None:
    """Return what stands below a prompt, which is then known to be kept: the app draws it so."""
    messages = page.messages
    for prompt, answer in pairwise(messages):
        if prompt.text == text and (prompt.role, answer.role) == ("user", "assistant"):
            return answer
    return None


def whole(answer: Message) -> bool:
    """Tell whether an answer is drawn and grows no more."""
    return bool(answer.text) and not answer.pending


async def look(target: Local, history: History, replicas: set[str]) -> None:
    """Let each replica show the conversation, as to a browser that has its key."""
    async with Client(target.url, key=history.key, tls=target.tls) as client:
        for _ in range(LOOKS * len(replicas)):
            if not await _usable(client, history):
                return
            shown = [(message.role, message.text) for message in client.page.messages]
            history.shown[client.page.place("Replica")] = shown
            history.errors.extend(client.errors)
            client.errors.clear()
            if replicas <= set(history.shown):
                return
            await client.refresh(hop=True)
    history.errors.append(f"never came to {', '.join(sorted(replicas - set(history.shown)))}")
