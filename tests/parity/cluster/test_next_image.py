"""The next image is the tested one and what the steps make of it, run as the user it runs as."""

from __future__ import annotations

from parity.cluster.next_image import LABEL, build_command, build_file


def test_image_without_steps_differs_by_a_label() -> None:
    """By another one each time, or the engine would take the same image."""
    first, second = (build_file("p-app", "10001:10001", "") for _ in range(2))
    assert first.splitlines()[0] == "FROM p-app"
    assert [line.split("=")[0] for line in first.splitlines()[1:]] == [f"LABEL {LABEL}"]
    assert first != second


def test_steps_are_root_s_and_what_runs_is_not() -> None:
    """The app's files belong to root; the app runs as the user that owns the volume."""
    lines = build_file("p-app", "10001:10001", "RUN touch /srv/app/new").splitlines()
    assert lines[1:4] == ["USER 0:0", "RUN touch /srv/app/new", "USER 10001:10001"]


def test_steps_may_fetch_behind_a_proxy_that_re_signs_tls() -> None:
    """By a secret, of which no layer keeps anything."""
    argv = build_command("p-app", "/folder")
    assert argv[argv.index("--secret") + 1].startswith("id=ca,src=/")
    assert argv[-1] == "/folder"
