// What is being typed, kept and put back: see draft.py. Runs once a page, and once more when
// another version of the app has taken the page over.
{
  const install = () => {
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

    keep();
    const timer = setInterval(keep, EVERY_MS);
    window.addEventListener("pagehide", keep);
    return () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", keep);
    };
  };

  const source = String(install);
  if (window.parityDraft?.source !== source) {
    window.parityDraft?.stop();
    window.parityDraft = { source, stop: install() };
  }
}
