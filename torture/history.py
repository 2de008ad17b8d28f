"""What one client did and saw; all times are seconds since the run began."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Prompt:
    """A prompt that no other resembles.

    acknowledged: when the client saw it in the conversation with its answer under way; from then
    on nothing may take it away. answered: when it saw the whole answer, from that replica. Either
    is None if never. retries: how often it pressed `Try again` for it. left: what the page held
    when the client gave up on it.
    """

    text: str
    sent: float
    acknowledged: float | None = None
    answered: float | None = None
    replica: str = ""
    retries: int = 0
    left: str = ""


@dataclass
class History:
    """All that one client sent, in order: the next only when the one before was answered.

    key: of its session. shown: by replica, the conversation that it drew at the end, as pairs of
    role and text. drops: how often the connection was lost. failed_loads: when the page itself did
    not come, in Unix time. errors: exceptions that the page showed.
    """

    client: int
    key: str = ""
    prompts: list[Prompt] = field(default_factory=list)
    shown: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    drops: int = 0
    failed_loads: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def next_prompt(self, tokens: int, now: float) -> Prompt:
        """Add and return a prompt that is sent now, for an answer of so many tokens."""
        text = f"client {self.client} prompt {len(self.prompts) + 1} [[tokens={tokens}]]"
        self.prompts.append(Prompt(text, now))
        return self.prompts[-1]
