"""The conversation that every contestant shows: the same text, whoever keeps it."""

from __future__ import annotations

MODEL = "amazon.nova-micro-v1:0"
USAGE = {"inputTokens": 812, "outputTokens": 64, "totalTokens": 876}

TURNS = tuple(
    (
        f"Question {number}: how do several replicas share what one user wrote?",
        (
            f"**Answer {number}.** They share one volume:\n\n"
            "- the load balancer may send a request to any replica,\n"
            "- the replica reads the conversation from the volume,\n"
            "- and what it adds is there before anybody is told so.\n\n"
            f"`replica-{number}` has no state of its own."
        ),
    )
    for number in range(1, 11)
)

# What the contestants that keep a list of messages keep.
MESSAGES = tuple(
    {"role": role, "content": content}
    for turn in TURNS
    for role, content in zip(("user", "assistant"), turn, strict=True)
)
