import copy
import pickle
import stat
from collections.abc import MutableMapping, Sequence
from pathlib import Path

import pytest

from app.sessions import (
    Conflict,
    NotJson,
    RecordTooLarge,
    SessionStore,
    mint,
    public_id,
)

from .helpers import say, texts, tree

AWKWARD = [
    "",
    "\0\x01\x1b[31m\r\n\u2028",
    "\ud800 \udfff",
    "</script>`'\"",
    "👩‍👩‍👧 العربية",
    "x" * 2**20,
]


def test_a_conversation_is_restored_as_it_was(store: SessionStore, key: str) -> None:
    """Messages and settings come back, in order and equal, in another process's eyes."""
    session = store.open(key)
    say(session, "one", "two")
    session.settings["model"] = "nova-micro"
    session.settings["limits"] = {"tokens": [1, 2.5, None, True]}
    again = store.open(key)
    assert texts(again) == ["one", "two"]
    assert dict(again.settings) == {
        "model": "nova-micro",
        "limits": {"tokens": [1, 2.5, None, True]},
    }
    assert again.messages == session.messages
    assert again.position == session.position
    assert again.notice is None


def test_opening_an_unknown_key_makes_nothing(store: SessionStore, key: str) -> None:
    """A visitor who writes nothing costs nothing on the volume, not even a folder."""
    session = store.open(key)
    assert not session.exists
    assert not session.refresh()
    assert list(session.messages) == []
    assert tree(store.root) == set()


def test_a_session_exists_once_something_is_saved(store: SessionStore, key: str) -> None:
    """A message or a setting makes the session; another opening sees that."""
    session = store.open(key)
    session.settings["model"] = "x"
    assert session.exists
    assert store.open(key).exists
    assert not store.open(mint()).exists
    assert session.id == public_id(key)


def test_files_and_folders_are_private_and_reveal_no_key(
    store: SessionStore, key: str, path: Path
) -> None:
    """The log is 0600 in folders of 0700, under the hash of its key."""
    say(store.open(key), "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = [store.root / "sessions", path.parent]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 2
    assert len(tree(store.root)) == 3
    assert not any(key in name for name in tree(store.root))


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text)[:16])
def test_any_text_survives(text: str, store: SessionStore, key: str) -> None:
    """Control characters, markup, lone surrogates and a megabyte come back as they were typed."""
    session = store.open(key)
    say(session, text)
    session.settings[text[:100]] = text
    again = store.open(key)
    assert texts(again) == [text]
    assert dict(again.settings) == {text[:100]: text}


def test_messages_read_like_a_list(store: SessionStore, key: str) -> None:
    """Index, slice, iterate, compare, count and search as in a list."""
    session = store.open(key)
    say(session, *"abc")
    messages = session.messages
    assert isinstance(messages, Sequence)
    assert messages[-1] == {"text": "c"}
    assert messages[:2] == [{"text": "a"}, {"text": "b"}]
    assert messages == [{"text": letter} for letter in "abc"]
    assert messages != [{"text": "a"}]
    assert {"text": "b"} in messages
    assert [message["text"] for message in reversed(messages)] == ["c", "b", "a"]
    assert bool(messages)
    with pytest.raises(IndexError):
        messages[3]


def test_what_is_read_cannot_change_the_session(store: SessionStore, key: str) -> None:
    """A page that edits what it got edits its own copy."""
    session = store.open(key)
    message = {"text": "a", "parts": [1]}
    session.messages.append(message)
    message["text"] = "changed"
    session.messages[0]["parts"].append(2)
    assert session.messages == [{"text": "a", "parts": [1]}]


def test_a_changed_list_in_settings_is_saved_when_assigned(store: SessionStore, key: str) -> None:
    """Read, change, assign: the usual steps save, even though the object is the same."""
    session = store.open(key)
    session.settings["tags"] = ["a"]
    tags = session.settings["tags"]
    assert isinstance(tags, list)
    tags.append("b")
    session.settings["tags"] = tags
    assert store.open(key).settings["tags"] == ["a", "b"]


def test_settings_behave_like_a_dictionary(store: SessionStore, key: str) -> None:
    """Set, get, delete, pop and default work, durably."""
    session = store.open(key)
    assert isinstance(session.settings, MutableMapping)
    assert session.settings.get("model") is None
    assert session.settings.setdefault("model", "a") == "a"
    session.settings["old"] = None
    assert "old" in session.settings
    assert session.settings.pop("old") is None
    with pytest.raises(KeyError):
        del session.settings["old"]
    assert dict(store.open(key).settings) == {"model": "a"}


def test_setting_an_equal_value_writes_nothing(store: SessionStore, key: str, path: Path) -> None:
    """A page may set on every run; 1 and True are not equal here."""
    session = store.open(key)
    session.settings["a"] = {"x": 1, "y": 2}
    before = path.stat()
    session.settings["a"] = {"y": 2, "x": 1}
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    session.settings["a"] = {"x": True, "y": 2}
    assert path.stat().st_size > before.st_size


def test_reset_clears_messages_and_keeps_settings(store: SessionStore, key: str) -> None:
    """A reset is a record like any other: durable, and seen by the other replicas."""
    here, there = store.open(key), store.open(key)
    here.settings["model"] = "x"
    say(here, "a", "b")
    here.reset()
    assert there.refresh()
    for session in (here, there, store.open(key)):
        assert list(session.messages) == []
        assert dict(session.settings) == {"model": "x"}
        assert session.exists
    say(here, "c")
    assert texts(store.open(key)) == ["c"]


def test_refresh_tells_whether_there_was_anything_new(store: SessionStore, key: str) -> None:
    """True once for what another replica added, False when nothing came."""
    here, there = store.open(key), store.open(key)
    say(here, "a")
    assert not here.refresh()
    assert there.refresh()
    assert not there.refresh()
    assert texts(there) == ["a"]
    there.settings["x"] = 1
    assert here.refresh()
    assert here.settings["x"] == 1


def test_an_append_first_takes_in_what_others_wrote(store: SessionStore, key: str) -> None:
    """What a session shows is always in the order of the file."""
    here, there = store.open(key), store.open(key)
    say(here, "a")
    say(there, "b")
    say(here, "c")
    assert texts(here) == ["a", "b", "c"]
    assert texts(there) == ["a", "b"]
    assert texts(store.open(key)) == ["a", "b", "c"]


def test_a_prompt_gets_only_one_answer(store: SessionStore, key: str) -> None:
    """Of two tabs that answer the same prompt, the second is told of a conflict."""
    here, there = store.open(key), store.open(key)
    say(here, "prompt")
    there.refresh()
    assert here.position == there.position
    prompt = here.position
    here.messages.append({"text": "answer"}, after=prompt)
    with pytest.raises(Conflict):
        there.messages.append({"text": "another answer"}, after=prompt)
    assert texts(there) == ["prompt", "answer"]
    assert texts(store.open(key)) == ["prompt", "answer"]
    there.messages.append({"text": "next"}, after=there.position)


def test_the_first_message_too_can_be_guarded(store: SessionStore, key: str) -> None:
    """Two tabs that start the same new session do not both get the first word."""
    here, there = store.open(key), store.open(key)
    here.messages.append({"text": "a"}, after=here.position)
    with pytest.raises(Conflict):
        there.messages.append({"text": "b"}, after=there.position)
    assert texts(store.open(key)) == ["a"]


def test_a_reset_elsewhere_conflicts_and_a_setting_does_not(store: SessionStore, key: str) -> None:
    """Switching the model while an answer streams must not cost the answer; a reset must."""
    here, there = store.open(key), store.open(key)
    say(here, "prompt")
    position = here.position
    there.settings["model"] = "other"
    here.messages.append({"text": "answer"}, after=position)
    say(here, "prompt")
    position = here.position
    there.reset()
    with pytest.raises(Conflict):
        here.messages.append({"text": "answer"}, after=position)
    assert list(here.messages) == []


def test_positions_can_be_kept(store: SessionStore, key: str) -> None:
    """A position may be copied, hashed, ordered, and pickled by whoever keeps session state."""
    session = store.open(key)
    start = session.position
    say(session, "a")
    assert start < session.position
    assert len({start, session.position, copy.copy(start)}) == 2
    assert pickle.loads(pickle.dumps(session.position)) == session.position  # noqa: S301


def test_what_cannot_be_saved_changes_nothing(store: SessionStore, key: str, path: Path) -> None:
    """A value that is not JSON, or too large, is refused before the volume is touched."""
    session = store.open(key)
    say(session, "a")
    size = path.stat().st_size
    with pytest.raises(NotJson):
        session.messages.append({"text": object()})
    with pytest.raises(NotJson):
        session.messages.append(["text"])  # type: ignore[arg-type]
    with pytest.raises(NotJson):
        session.settings[1] = "x"  # type: ignore[index]
    with pytest.raises(RecordTooLarge):
        say(session, "x" * 2**24)
    assert path.stat().st_size == size
    assert texts(session) == ["a"]
    assert dict(session.settings) == {}


def test_sessions_do_not_see_each_other(store: SessionStore) -> None:
    """Another key is another conversation."""
    one, two = store.open(mint()), store.open(mint())
    say(one, "mine")
    say(two, "yours")
    assert not one.refresh()
    assert (texts(one), texts(two)) == (["mine"], ["yours"])
