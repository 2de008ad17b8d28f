"""Images and documents go with a message to the model, and stay with it whatever happens.

The stand-in proves by their SHA-256 that it got each file whole. No test arms a fault for the
model that is used here.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.breaking import drop_first, freeze
from e2e.chat import Chat
from parity.cluster.protocol import Ability
from parity.efs.faults import Kind
from tests.pictures import picture, png

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext, Page

    from e2e.model import Model
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

SEES = "amazon.nova-pro-v1:0"
READS_TEXT_ONLY = "amazon.nova-micro-v1:0"
PICTURE = png(600, 400)
OTHER_PICTURE = picture("jpeg", 300, 900, "coral")
NOTES = b"Nineveh was the capital of Assyria.\n"
STALL_SECONDS = 10
MUCH = pytest.mark.thorough  # to upload, one file after the other


@pytest.fixture
def chat(chat: Chat) -> Chat:
    """Give the chat with a model that takes images and documents."""
    chat.choose_model(SEES)
    return chat


def attached(volume: Volume, key: str) -> list[list[str]]:
    """Return the names of what is attached to each stored prompt, oldest first."""
    return [[each["name"] for each in turn.attachments] for turn in volume.turns(key)]


def test_image_and_document_reach_the_model_and_are_shown(
    chat: Chat, model: Model, volume: Volume
) -> None:
    """Whole; the picture as a picture, the document as a link to just that file."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    model.check(chat.ask("What is this?"), quoting="What is this?", attached=[PICTURE, NOTES])
    chat.wait_attachments(pictures=1, documents=1)
    expect(chat.chosen_files).to_have_count(0)
    expect(chat.documents).to_contain_text("notes.txt (36 bytes)")
    assert chat.fetch(chat.pictures).body() == PICTURE
    with chat.page.expect_download() as download:
        chat.documents.click()
    assert download.value.suggested_filename == "notes.txt"
    assert download.value.path().read_bytes() == NOTES
    key = chat.wait_kept()
    assert attached(volume, key) == [["view.png", "notes.txt"]]
    names = {path.name for path in volume.files()}
    assert {each["sha256"] for turn in volume.turns(key) for each in turn.attachments} <= names


@pytest.mark.smoke
def test_attachments_survive_refresh_hop_and_second_tab(
    chat: Chat, model: Model, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """Shown on every replica; and the model is shown them again with the next question."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    chat.ask("Look at this")
    for load in (chat.refresh, lambda: chat.hop_to(chat.replica.__ne__)):
        load()
        chat.wait_attachments(pictures=1, documents=1)
    other = open_chat(chat.page.context)
    other.wait_attachments(pictures=1, documents=1)
    model.check(other.ask("And now?"), attached=[], earlier=[PICTURE, NOTES])


@pytest.mark.every_fault
def test_attachments_are_shown_to_a_browser_that_has_lost_its_cookie(chat: Chat) -> None:
    """As soon as local storage has restored it, without another load of the page."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    chat.ask("Look at this")
    chat.wait_kept()
    chat.forget(cookie=True)
    chat.refresh()
    chat.wait_attachments(pictures=1, documents=1)


@pytest.mark.every_fault
def test_files_alone_are_a_message(chat: Chat, model: Model, volume: Volume) -> None:
    """Sent twice they are two."""
    for expected in (2, 4):
        chat.choose_files(("view.png", PICTURE))
        chat.input.press("Enter")
        model.check(chat.wait_answer(expected), attached=[PICTURE])
    assert attached(volume, chat.wait_kept()) == [["view.png"], ["view.png"]]
    assert volume.prompts(chat.wait_kept()) == ["", ""]


@pytest.mark.every_fault
def test_file_that_is_taken_back_is_not_sent(chat: Chat, model: Model) -> None:
    """Of two chosen, one stays."""
    chat.choose_files(("view.png", PICTURE), ("other.jpg", OTHER_PICTURE))
    chat.page.get_by_role("button", name="Remove view.png").click()
    expect(chat.chosen_files).to_have_count(1)
    model.check(chat.ask("Just one"), attached=[OTHER_PICTURE])


@pytest.mark.every_fault
def test_edited_message_keeps_its_files_and_regenerate_sends_them(
    chat: Chat, model: Model, volume: Volume
) -> None:
    """Only the words are others."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    chat.ask("first words")
    chat.page.get_by_role("button", name="Regenerate").click()
    expect(chat.page.get_by_role("button", name="Stop")).to_be_visible()
    model.check(chat.wait_answer(2), quoting="first words", attached=[PICTURE, NOTES])
    chat.page.get_by_role("button", name="Edit").click()
    chat.page.get_by_label("Your message").fill("other words")
    chat.page.get_by_role("button", name="Send", exact=True).click()
    expect(chat.messages.last).to_contain_text("other words")
    model.check(chat.wait_answer(2), quoting="other words", attached=[PICTURE, NOTES])
    assert attached(volume, chat.wait_kept()) == [["view.png", "notes.txt"]]


@pytest.mark.every_fault
@pytest.mark.usefixtures("bedrock")  # whose models take what the real ones do
def test_model_that_takes_no_images_says_so_and_another_one_answers(
    chat: Chat, model: Model, volume: Volume
) -> None:
    """In plain words, and nothing has to be attached again.

    With later questions it is not shown them, and that is said, too.
    """
    chat.choose_model(READS_TEXT_ONLY)
    chat.choose_files(("view.png", PICTURE))
    chat.send("What is this?")
    expect(chat.messages.last.get_by_role("alert")).to_contain_text("this model takes no images")
    chat.choose_model(SEES)
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.messages.last).to_contain_text("Attached")
    model.check(chat.wait_answer(2), by=SEES, attached=[PICTURE])

    chat.choose_model(READS_TEXT_ONLY)
    model.check(chat.ask("And in words?"), by=READS_TEXT_ONLY, attached=[], earlier=[])
    expect(chat.messages.last).to_contain_text("One file of an earlier message was not shown")
    assert attached(volume, chat.wait_kept()) == [["view.png"], []]


@pytest.mark.every_fault
@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("wide.png", png(8001, 1))], "more than 8,000 pixels wide or high"),
        ([("view.png", png() + bytes(4 * 2**20))], "The model takes images of up to 3.75 MB"),
        ([("no.png", b"words")], "its content is no png"),
        ([(f"{n}.txt", b"x") for n in range(6)], "These are 6 documents"),
        pytest.param([(f"{n}.png", png()) for n in range(21)], "These are 21 images", marks=MUCH),
        pytest.param(
            [(f"{n}.txt", bytes(4 * 2**20)) for n in range(4)],
            "These files have 16 MB together",
            marks=MUCH,
        ),
    ],
)
def test_files_beyond_the_limits_are_refused_in_one_sentence(
    chat: Chat, model: Model, volume: Volume, files: list[tuple[str, bytes]], sentence: str
) -> None:
    """The message stays in sight, and the user says whether its text goes alone."""
    chat.choose_files(*files)
    chat.send("Look at all these")
    expect(chat.page.get_by_role("alert")).to_contain_text(sentence)
    expect(chat.messages).to_contain_text("Look at all these")
    assert volume.prompts(chat.wait_kept()) == []
    chat.page.get_by_role("button", name="Send the text alone").click()
    model.check(chat.wait_answer(2), quoting="Look at all these", attached=[])


@pytest.mark.every_fault
def test_message_that_is_given_up_does_not_come_back(chat: Chat, volume: Volume) -> None:
    """Neither by itself nor with the next load of the page."""
    chat.choose_files(("no.png", b"words"))
    chat.send("Never mind")
    chat.page.get_by_role("button", name="Go on without the new message").click()
    expect(chat.messages).to_have_count(0)
    chat.ask("the only one")
    chat.refresh()
    expect(chat.messages).to_have_count(2)
    assert volume.prompts(chat.wait_kept()) == ["the only one"]


@pytest.mark.every_fault
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.svg", b"<svg/>", "files are not allowed"),
        ("long.txt", bytes(6 * 2**20), "File must be 5.0MB or smaller"),
    ],
)
def test_input_itself_refuses_what_it_can_tell(
    chat: Chat, name: str, content: bytes, sentence: str
) -> None:
    """Before anything is uploaded, and the next message goes without."""
    chat.begin_upload((name, content))
    expect(chat.chosen_files).to_have_attribute("aria-invalid", "true")
    expect(chat.page.get_by_text(re.compile(sentence)).first).to_be_attached()


@pytest.mark.every_fault
def test_name_that_looks_like_a_path_is_a_name(chat: Chat, model: Model, volume: Volume) -> None:
    """It leads nowhere: not on the volume, not in the address, not on the model's side."""
    before = {path.parent for path in volume.files()}
    chat.choose_files(("../../../tmp/evil.txt", NOTES), ("a\u202egpj.txt", b"turned"))
    answer = chat.ask("Look")
    model.check(answer, attached=[NOTES, b"turned"])
    assert "evil" not in answer
    chat.wait_attachments(pictures=0, documents=2)
    expect(chat.documents.first).to_contain_text(re.compile(r"(?<!/)evil\.txt"))
    made = {path.parent for path in volume.files()} - before
    assert all(path.parts[0] in {"sessions", "uploads"} for path in made)


@pytest.mark.every_fault
def test_page_that_is_attached_is_not_run(chat: Chat) -> None:
    """It is saved, and where a browser shows it all the same, its scripts are not run."""
    chat.choose_files(("page.html", b"<html><script>document.title='owned'</script></html>"))
    chat.ask("A page")
    chat.wait_attachments(pictures=0, documents=1)
    headers = chat.fetch(chat.documents).headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")


@pytest.mark.every_fault
def test_another_browser_gets_nothing_of_it(
    chat: Chat, browser: Browser, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """Though it knows the address; on any replica."""
    chat.choose_files(("view.png", PICTURE))
    chat.ask("Mine")
    chat.wait_attachments(pictures=1, documents=0)
    with closing(browser.new_context()) as context:
        stranger = open_chat(context)
        for _ in range(4):
            address = chat.pictures.get_attribute("src") or ""
            assert stranger.page.request.get(address).status == 404
            forged = address.replace(chat.session, stranger.session)
            assert stranger.page.request.get(forged).status == 404


@pytest.mark.every_fault
def test_message_with_files_that_is_lost_on_its_way_is_sent_again(
    page: Page, base_url: str, model: Model, volume: Volume
) -> None:
    """As a text alone is: the files are on the volume, and the browser knows which."""
    dropped = drop_first(page, "lost with")
    chat = Chat(page, base_url)
    chat.load()
    chat.choose_model(SEES)
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    model.check(chat.ask("lost with its files"), attached=[PICTURE, NOTES])
    assert len(dropped) == 1
    assert attached(volume, chat.wait_kept()) == [["view.png", "notes.txt"]]


@pytest.mark.every_fault
def test_files_chosen_before_their_replica_died_are_sent_to_another(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """They stay in the input while the page moves, and arrive."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    killed = cluster.serving(chat.replica)
    cluster.kill(killed.number)
    assert cluster.serving(killed.hostname).state == "exited"
    chat.wait_for_other_replica(killed.hostname)
    expect(chat.chosen_files).to_have_count(2)
    model.check(chat.ask("after the kill"), attached=[PICTURE, NOTES])
    assert attached(volume, chat.wait_kept()) == [["view.png", "notes.txt"]]


@pytest.mark.every_fault
def test_message_with_files_sent_as_the_replica_dies_is_delivered(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """Enter and kill -9 at once: stored whole and answered, here or elsewhere, once."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    killed = cluster.serving(chat.replica)
    chat.send("sent as it died")
    cluster.kill(killed.number)
    assert cluster.serving(killed.hostname).state == "exited"
    chat.wait_for_other_replica(killed.hostname)
    model.check(chat.wait_answer(2), attached=[PICTURE, NOTES])
    chat.wait_attachments(pictures=1, documents=1)
    key = chat.wait_kept()
    assert attached(volume, key) == [["view.png", "notes.txt"]]
    assert volume.prompts(key) == ["sent as it died"]


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.PAUSE)
def test_message_with_files_sent_into_a_frozen_replica_that_dies_is_delivered(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """The websocket took it, nobody read it; another replica attaches, stores and answers it."""
    chat.choose_files(("view.png", PICTURE))
    frozen = freeze(cluster, chat.replica)
    chat.input.press("Enter")
    expect(chat.chosen_files).to_have_count(0)
    assert attached(volume, chat.wait_kept()) == []
    cluster.kill(frozen.number)
    chat.wait_for_other_replica(frozen.hostname)
    model.check(chat.wait_answer(2), attached=[PICTURE])
    assert attached(volume, chat.wait_kept()) == [["view.png"]]


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.PAUSE)
def test_message_with_files_sent_into_a_frozen_replica_that_wakes_up_is_there_once(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """The woken replica finds its files attached already, and says nothing."""
    chat.choose_files(("view.png", PICTURE))
    frozen = freeze(cluster, chat.replica)
    chat.send("sent to a sleeper")
    expect(chat.chosen_files).to_have_count(0)
    cluster.wait_out_of_rotation(frozen.number)
    chat.refresh()
    assert chat.replica != frozen.hostname
    model.check(chat.wait_answer(2), attached=[PICTURE])
    cluster.unpause(frozen.number)
    cluster.wait_healthy()
    chat.refresh()
    expect(chat.messages).to_have_count(2)
    assert attached(volume, chat.wait_kept()) == [["view.png"]]


@pytest.mark.every_fault
@pytest.mark.needs(Ability.VOLUME)
@pytest.mark.parametrize("kind", [Kind.ENOSPC, pytest.param(Kind.EIO, marks=pytest.mark.thorough)])
def test_message_with_files_waits_while_the_volume_fails(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume, kind: Kind
) -> None:
    """One sentence says why; message and files are stored whole as soon as that works."""
    chat.choose_files(("view.png", PICTURE), ("notes.txt", NOTES))
    broken = chat.replica
    cluster.break_volume(broken, kind, 120)
    chat.send("during the fault")
    expect(chat.page.get_by_text("Your message is not stored yet.")).to_be_visible()
    assert attached(volume, chat.wait_kept()) == []
    cluster.mend_volume(broken)
    model.check(chat.wait_answer(2), attached=[PICTURE, NOTES])
    assert attached(volume, chat.wait_kept()) == [["view.png", "notes.txt"]]


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.VOLUME)
def test_message_with_files_waits_out_a_stall_and_says_so(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """Also while its uploads are being read."""
    chat.choose_files(("view.png", PICTURE))
    cluster.break_volume(chat.replica, Kind.STALL, STALL_SECONDS)
    chat.send("during the stall")
    expect(chat.page.get_by_text("does not answer at the moment")).to_be_visible()
    expect(chat.messages.last).to_contain_text("during the stall")
    model.check(chat.wait_answer(2), attached=[PICTURE])
    assert attached(volume, chat.wait_kept()) == [["view.png"]]
