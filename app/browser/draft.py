"""What the user is typing: kept by the browser's tab, so that a reload of the page leaves it there.

A page that hops to a replica with another version of Streamlit reloads by itself. On one with
another version of this app it does not, but its text field may be made anew, and then is empty.
"""

from __future__ import annotations

import streamlit as st

_DRAFT = """
const ITEM = "parity_draft";
const INPUT = '[data-testid="stChatInputTextArea"]';
const EVERY_MS = 250;
const nothing = { value: "", start: 0, end: 0, focused: false };
const same = (one, other) => Object.keys(nothing).every((name) => one[name] === other[name]);
let field;    // the text field as it was seen last
let enabled;  // whether it then took text; it does not while the page has no connection
let kept = JSON.parse(sessionStorage.getItem(ITEM)) ?? nothing;

// What was typed into a new field before it was noticed belongs behind what there was before.
function restore(area) {
  if (!kept.value || area.value.startsWith(kept.value)) return;
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  set.call(area, kept.value + area.value);  // React hears only of what it did not set itself
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function focus(area) {
  area.focus();
  if (area.value === kept.value) area.setSelectionRange(kept.start, kept.end);
}

function keep() {
  const area = document.querySelector(INPUT);
  if (!area || (area !== field && area.disabled)) return;
  if (area !== field) restore(area);
  if (kept.focused && !area.disabled && (area !== field || !enabled)) focus(area);
  field = area;
  enabled = !area.disabled;
  const { value, selectionStart: start, selectionEnd: end } = area;
  const focused = enabled ? document.activeElement === area : kept.focused;
  if (same(kept, { value, start, end, focused })) return;
  kept = { value, start, end, focused };
  sessionStorage.setItem(ITEM, JSON.stringify(kept));
}

export default function () {
  keep();
  const timer = setInterval(keep, EVERY_MS);
  window.addEventListener("pagehide", keep);
  return () => {
    clearInterval(timer);
    window.removeEventListener("pagehide", keep);
  };
}
"""

_component = st.components.v2.component("draft", js=_DRAFT)


def keep() -> None:
    """Have the browser keep what stands in the chat input, and put it back where it is gone."""
    _component(key="draft")
