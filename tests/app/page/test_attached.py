"""What is attached is drawn without being read, and shows no more than its name says."""

from __future__ import annotations

import pytest

from app.page.attached import _plain, _size, _width
from tests.pages import run_body


def page(url: str | None, *, mirrored: bool) -> None:
    """Draw a picture and a document, as a browser at that address sees them."""
    from unittest import mock  # noqa: PLC0415 - AppTest runs the body alone

    import streamlit as st  # noqa: PLC0415

    from app.browser.identity import Identity, Origin  # noqa: PLC0415
    from app.page import attached  # noqa: PLC0415

    me = Identity("k", Origin.RESTORED, mirrored=mirrored)
    files = [
        {"sha256": "a" * 64, "name": "view & sea.png", "type": "image/png", "size": 9},
        {"sha256": "b" * 64, "name": "plan.pdf", "type": "application/pdf", "size": 2048},
    ]
    with mock.patch.object(type(st.context), "url", url):
        attached.show(files, "0123abcd", me)  # type: ignore[arg-type]


@pytest.mark.parametrize("base", ["https://chat.example/", "https://chat.example/base/"])
def test_pictures_and_links_lead_to_the_page_s_own_place(base: str) -> None:
    """Also below a base path; the name is a part of the address's query only."""
    app = run_body(page, url=base, mirrored=True)
    assert not app.exception
    [picture] = app.get("image")
    assert picture.proto.imgs[0].url == (
        f"{base}attachments/0123abcd/{'a' * 64}?name=view+%26+sea.png"
    )
    [link] = app.get("link_button")
    assert link.proto.url == f"{base}attachments/0123abcd/{'b' * 64}?name=plan.pdf"
    assert link.proto.label == r"plan\.pdf (2 KB)"


@pytest.mark.parametrize(("url", "mirrored"), [(None, True), ("https://chat.example/", False)])
def test_names_stand_for_what_the_browser_could_not_fetch_yet(
    url: str | None,
    mirrored: bool,  # noqa: FBT001
) -> None:
    """Without its cookie it would be refused, and not ask again."""
    app = run_body(page, url=url, mirrored=mirrored)
    assert not app.get("image")
    assert "plan" in app.caption[0].value


def test_names_are_shown_as_they_are() -> None:
    """No Markdown, no directive, no letters that turn round what follows, and not too long."""
    assert _plain("![x](http://e)") == r"\!\[x\]\(http\:\/\/e\)"
    assert _plain(":red[x] $y$ `z`") == r"\:red\[x\] \$y\$ \`z\`"
    assert _plain("gpj.exe\u202etxt") == r"gpj\.exetxt"
    assert _plain("報告.pdf") == r"報告\.pdf"
    assert _plain("x" * 100 + ".pdf") == "x" * 15 + "…" + "x" * 11 + r"\.pdf"


def test_size_is_told_in_a_unit_that_fits() -> None:
    """Of the three that there are."""
    assert [_size(n) for n in (5, 2048, 1_500_000)] == ["5 bytes", "2 KB", "1.4 MB"]


@pytest.mark.parametrize(
    ("pixels", "wide"),
    [
        ([1600, 1000], 240),
        ([600, 1400], 77),
        ([20, 20], 80),
        ([100, 20], 100),
        ([1, 8000], 1),
        (None, 240),
    ],
)
def test_picture_is_drawn_neither_too_wide_nor_too_high(
    pixels: list[int] | None, wide: int
) -> None:
    """And a small one not so small that its name would not fit below it."""
    assert _width({"pixels": pixels} if pixels else {}) == wide  # type: ignore[typeddict-item]
