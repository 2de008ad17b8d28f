"""Somebody else's app in the stack, and what survives in it: on a stack of each test's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from e2e import foreign_apps as apps
from parity import stack
from parity.adopt import files, service
from parity.cluster.compose import Compose
from parity.errors import ParityError
from parity.host.command import run
from parity.project import ROOT, read_settings
from parity.testing.own_stack import of_its_own, temporary_stack
from parity.verbs.adopt import Wishes, adopt, give_back
from parity.verbs.try_app import Trial, command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parity.project import Settings
    from parity.verbs.adopt import Adopted

pytestmark = [pytest.mark.breaks_replicas, pytest.mark.thorough]


@pytest.fixture
def own_stack() -> Iterator[Settings]:
    """Give a stack of the test's own, and leave nothing of it."""
    own = replace(of_its_own(read_settings()), replicas=3, sticky=True, overrides=())
    own = replace(own, data=files.of(own.project).data)
    try:
        with temporary_stack(own):
            yield own
    finally:
        files.clear(files.of(own.project))


@pytest.fixture
def outcome(own_stack: Settings, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Give a function that adopts an app and tries it; it returns the verdicts by check."""

    def tried(app: Path, *only: str, wishes: Wishes | None = None) -> dict[str, str]:
        adopt(own_stack, str(app), wishes or Wishes())
        told = try_it(own_stack, app, tmp_path / "report", only)
        return {each["check"]: each["verdict"] for each in told["checks"]}

    return tried


def try_it(settings: Settings, app: Path, folder: Path, only: tuple[str, ...]) -> dict[str, Any]:
    """Run the program as `parity test --app --json` does; return what it prints."""
    argv = command(Trial(app.name, str(app), folder, as_json=True))
    argv += [f"--only={name}" for name in only]
    environment = stack.compose_environment(service.as_running(settings))
    done = subprocess.run(
        argv, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == int(told["counts"]["lost"] > 0)
    assert (folder / "report.html").exists()
    return told


def test_ten_lines_of_the_store_make_a_foreign_chatbot_survive(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """The report's own cures, put into an app that without them loses all: see below."""
    app = apps.session_state(tmp_path, ("store",))
    checks = ("refresh", "kill")
    assert outcome(app, *checks) == dict.fromkeys(checks, "survived")


def test_page_without_state_survives_all_that_applies(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """There is nothing to lose but the page."""
    found = outcome(apps.stateless(tmp_path))
    survived = {name for name, verdict in found.items() if verdict == "survived"}
    assert survived == {"opens", "refresh", "hop", "kill", "restart", "cold"}
    assert set(found.values()) == {"survived", "not applicable"}


def test_chatbot_of_session_state_loses_all_but_the_page(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """What it shows is in one replica's memory, for one connection."""
    found = outcome(apps.session_state(tmp_path))
    survived = {name for name, verdict in found.items() if verdict == "survived"}
    assert survived == {"opens", "cold"}
    assert set(found.values()) == {"survived", "lost"}


def test_every_cure_together_leaves_nothing_lost_but_uploads_to_anywhere(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """That one is cured at the load balancer."""
    found = outcome(apps.session_state(tmp_path, ("store", "unanswered", "settings", "upload")))
    assert {name for name, verdict in found.items() if verdict != "survived"} == {"upload-anywhere"}


def test_article_s_way_loses_turns_in_mid_answer_and_with_two_tabs(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """A pickle that each run reads and writes whole, and a component on each replica."""
    wishes = Wishes(environment=apps.ARTICLE_ENVIRONMENT)
    found = outcome(apps.article(tmp_path), wishes=wishes)
    lost = {name for name, verdict in found.items() if verdict == "lost"}
    assert {"refresh-in-answer", "kill-in-answer", "two-tabs", "cold", "widgets"} >= lost
    assert {"refresh-in-answer", "two-tabs", "cold"} <= lost
    assert found["refresh"] == found["hop"] == "survived"


def test_article_s_app_survives_with_the_store_in_it(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """With it goes the component, and so what cold replicas lack."""
    app = apps.article(tmp_path, ("store", "unanswered"))
    checks = ("refresh-in-answer", "kill-in-answer", "two-tabs", "cold")
    found = outcome(app, *checks, wishes=Wishes(environment=apps.ARTICLE_ENVIRONMENT))
    assert found == dict.fromkeys(checks, "survived")


def test_component_registered_at_the_start_is_there_on_cold_replicas(
    outcome: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """The other cure for it, for who keeps local storage."""
    app = apps.article(tmp_path, ("components",))
    wishes = Wishes(entry="server.py", environment=apps.ARTICLE_ENVIRONMENT)
    assert outcome(app, "cold", wishes=wishes) == {"cold": "survived"}


def test_folder_stays_as_it_was_and_what_it_kept_stays_when_the_app_goes(
    own_stack: Settings, tmp_path: Path
) -> None:
    """Read-only for the kit; and each command of the stack works on the app's replicas."""
    app = apps.stateless(tmp_path)
    (app / ".env").write_text("TOKEN=secret")
    before = states(app)
    adopted = adopt(own_stack, str(app), Wishes())
    assert states(app) == before
    cluster = Compose(own_stack)
    assert {target.state for target in cluster.targets()} == {"healthy"}
    cluster.scale(4)
    assert [replica.health for replica in cluster.replicas()] == ["healthy"] * 4
    name = cluster.replicas()[0].name
    inside = ["docker", "exec", name, "cat", "/srv/app/.env"]
    assert run(inside) == "TOKEN=secret"
    image = ["docker", "run", "--rm", adopted.record.image, "ls", "-a", "/srv/app"]
    assert ".env" not in run(image).split()
    run(["docker", "exec", name, "touch", "/mnt/data/kept"])
    kept = give_back(own_stack)
    assert kept is not None
    assert (kept / "kept").exists()
    assert Compose(own_stack).replicas() == []


def states(folder: Path) -> dict[Path, tuple[int, ...]]:
    """Return whether and when each file was changed; that it was read may show, too."""
    found = ((file, file.stat()) for file in folder.rglob("*"))
    return {
        file: (of.st_mode, of.st_uid, of.st_gid, of.st_size, of.st_mtime_ns, of.st_ctime_ns)
        for file, of in found
    }


def test_image_and_own_dockerfile_are_taken_as_they_are(
    own_stack: Settings, tmp_path: Path
) -> None:
    """With the port that the image names; and what runs as another user can write the volume."""
    app = apps.stateless(tmp_path)
    base = adopt(own_stack, str(app), Wishes()).record.image
    own = "ENV STREAMLIT_SERVER_PORT=9000\nEXPOSE 9000\nUSER 4242:4242\n"
    start = 'CMD ["streamlit", "run", "app.py", "--server.headless=true"]\n'
    (app / "Dockerfile").write_text(f"FROM {base}\n{own}{start}")
    tag = f"{own_stack.project}-theirs"
    run(["docker", "build", "--tag", tag, str(app)])
    try:
        assert _serves(adopt(own_stack, tag, Wishes()), own_stack).port == 9000
        (app / "Dockerfile").write_text(f"FROM {tag}\n")
        assert _serves(adopt(own_stack, str(app), Wishes()), own_stack).port == 9000
    finally:
        stack.remove(service.as_running(own_stack))
        run(["docker", "rmi", "--force", tag])


def _serves(adopted: Adopted, settings: Settings) -> files.Record:
    """Return the record of an app that the load balancer finds healthy and that can write."""
    cluster = Compose(settings)
    assert {(each.state, each.port) for each in cluster.targets()} == {
        ("healthy", adopted.record.port)
    }
    run(["docker", "exec", cluster.replicas()[0].name, "touch", "/mnt/data/written"])
    return adopted.record


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("requirements.txt", "no-such-thing==9\n", "could not be installed.*no-such-thing==9"),
        ("app.py", "import streamlit, openai\n", "No module named 'openai'"),
        ("app.py", "import streamlit as st\nst.title(\n", "SyntaxError"),
        (".streamlit/config.toml", "[server\n", "config.toml.*cannot be read"),
    ],
)
def test_app_that_cannot_run_is_one_error_and_nothing_is_replaced(
    own_stack: Settings, tmp_path: Path, file: str, text: str, told: str
) -> None:
    """With what the program itself said last."""
    app = apps.stateless(tmp_path)
    (app / file).parent.mkdir(exist_ok=True)
    (app / file).write_text(text)
    with pytest.raises(ParityError) as no:
        adopt(own_stack, str(app), Wishes())
    assert re.search(told, f"{no.value.what} {no.value.detail}", re.DOTALL)
    assert f"parity adopt {app}" in no.value.hint
    assert Compose(own_stack).replicas() == []
    assert files.read(own_stack.project) is None


def test_app_that_writes_beside_itself_runs_without_a_read_only_root(
    own_stack: Settings, tmp_path: Path
) -> None:
    """And its owner is told what that means."""
    app = apps.stateless(tmp_path)
    (app / "server.py").write_text(
        "from pathlib import Path\nimport streamlit as st\n"
        "Path('/srv/app/log').mkdir()\napp = st.App('app.py')\n"
    )
    adopted = adopt(own_stack, str(app), Wishes(entry="server.py"))
    assert not adopted.record.read_only
    assert "not read-only" in adopted.notes[0]
