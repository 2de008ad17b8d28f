from __future__ import annotations

import asyncio

from bedrock.exchange import _while_there


def test_a_client_that_leaves_takes_the_work_with_it() -> None:
    """The work is cancelled where it waits, and no task is left over."""
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("work")

    async def receive() -> dict[str, str]:
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def scene() -> int:
        await _while_there(receive, work())
        return len(asyncio.all_tasks())

    assert (asyncio.run(scene()), ended) == (1, ["work"])
