// What was sent, and is not known to be stored: see outbox.py. Runs once a page, and once more when
// another version of the app has taken the page over; what was noted goes on to that one.
{
  const install = (outbox) => {
    const ITEM = "parity_outbox";
    const STORED = "parity_stored";   // what this tab was told last, also by the page before
    const INPUT = '[data-testid="stChatInputTextArea"]';
    const PATIENCE_MS = 3000;   // a run begins within a fraction of that
    const AGAIN_MS = 2000;
    const CLOCKS_MS = 200;      // two replicas' clocks agree by far better than that
    const SUBMIT = '[data-testid="stChatInputSubmitButton"]';
    // What the input shows of chosen files, but those of which it says that they failed.
    const FILES = '[data-testid="stChatInput"] [data-testid="stFileChip"]:not([aria-invalid])' +
      ' [data-testid="stFileChipName"]';
    const UPLOAD = /\/_stcore\/upload_file\/[^/]+\/([0-9a-zA-Z-]+)$/;
    const read = () => JSON.parse(sessionStorage.getItem(ITEM) || "[]");
    const write = (sent) => sessionStorage.setItem(ITEM, JSON.stringify(sent));
    const sumOf = (id) => id.split("-")[1];

    function crc32(text) {
      let crc = -1;
      for (const byte of new TextEncoder().encode(text)) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
      }
      return (~crc >>> 0).toString(16).padStart(8, "0");
    }

    // What the input has uploaded, and not taken back, goes with the next message.
    function watchUploads() {
      outbox.files = [];
      const { open, send } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.open = function (method, url, ...rest) {
        this.parityUpload = { method: method.toUpperCase(), id: UPLOAD.exec(url)?.[1] };
        return open.call(this, method, url, ...rest);
      };
      XMLHttpRequest.prototype.send = function (body) {
        const { method, id } = this.parityUpload ?? {};
        const file = body instanceof FormData && [...body.values()].find((each) => each.name);
        if (id && method === "DELETE") {
          outbox.files = outbox.files.filter((each) => each.id !== id);
        } else if (id && method === "PUT" && file) {
          const upload = { id, name: file.name, done: false };
          outbox.files.push(upload);
          this.addEventListener("load", () => { upload.done = this.status < 300; });
        }
        return send.call(this, body);
      };
    }

    function note() {
      const typed = document.querySelector(INPUT)?.value ?? "";
      const text = typed.toWellFormed?.() ?? typed;   // as it can be sent
      const shown = [...document.querySelectorAll(FILES)].map((chip) => chip.title);
      if (!text.trim() && !shown.length) return;
      if (document.querySelector(SUBMIT)?.disabled) return;   // an upload is under way
      // The latest of those names: what was chosen in an input that is gone is not sent.
      const uploads = outbox.files.splice(0).filter((each) => each.done).reverse();
      const files = shown.reverse().map((name) => {
        const at = uploads.findIndex((each) => each.name === name);
        return at < 0 ? null : uploads.splice(at, 1)[0];
      }).reverse();
      if (files.includes(null)) return;   // one was not seen: no id would be the server's
      const sum = crc32([text, ...files.map((each) => each.id).sort()].join("\0"));
      const name = `${outbox.page}-${sum}`;
      outbox.times[name] = (outbox.times[name] ?? 0) + 1;
      const id = `${name}-${outbox.times[name]}`;
      const before = outbox.stored ?? JSON.parse(sessionStorage.getItem(STORED) || "[]");
      write([...read(), { id, text, files, before, early: !outbox.stored, at: Date.now() }]);
    }

    // Forget what is stored: what has its id, or what is new since it was sent and has its text and
    // files. Each that is stored is one that was sent: the same text may have been sent twice.
    function settle() {
      const { stored, ages } = outbox;
      const noted = read();
      const own = new Set(noted.map((sent) => sent.id));
      const found = stored.filter((id) => own.has(id));
      const left = noted.filter((sent) => {
        if (stored.includes(sent.id)) return false;
        if (sent.early) {   // the page knew of nothing that came since: what is older is another one
          const age = Date.now() - sent.at + CLOCKS_MS;
          sent.before.push(...stored.filter((_, i) => 1000 * ages[i] > age));
        }
        const same = stored.find((id) =>
          sumOf(id) === sumOf(sent.id) && ![...own, ...found, ...sent.before].includes(id));
        if (same) found.push(same);
        return !same;
      });
      write(left.map((sent) => ({ ...sent, early: false, before: [...sent.before, ...found] })));
    }

    // What another server-side session was sent; and what this one was, and does not tell of.
    function isLost({ id, at }) {
      const { page, queued } = outbox;
      return !id.startsWith(page) || (Date.now() - at > PATIENCE_MS && !queued.includes(id));
    }

    // What the server says of itself, whenever it does; send: tells it what got lost.
    outbox.take = ({ page, stored, ages, queued, taken }, send) => {
      Object.assign(outbox, { page, stored, ages, queued });
      sessionStorage.setItem(STORED, JSON.stringify(stored));
      for (const [sum, times] of taken) {
        const name = `${page}-${sum}`;
        outbox.times[name] = Math.max(outbox.times[name] ?? 0, times);
      }
      settle();
      const sendLost = () => {
        const lost = read().filter(isLost);
        if (lost.length) send(lost);
      };
      // Until it is stored: a run that ends early may not have seen it.
      clearInterval(outbox.timer);
      outbox.timer = setInterval(sendLost, AGAIN_MS);
      sendLost();
      return () => clearInterval(outbox.timer);
    };

    outbox.listening?.abort();
    outbox.listening = new AbortController();
    const options = { capture: true, signal: outbox.listening.signal };
    document.addEventListener("keydown", (event) => {
      const held = event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing;
      const sends = (event.key === "Enter" || [10, 13].includes(event.keyCode)) && !held;
      if (sends && event.target.matches?.(INPUT)) note();
    }, options);
    document.addEventListener("click", (event) => {
      if (event.target.closest?.(SUBMIT)) note();
    }, options);
    if (!outbox.files) watchUploads();
  };

  // Until the server has told its session's name, the page goes by one of its own.
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  const page = random.toString(16).padStart(8, "0");
  const outbox = (window.parityOutbox ??= { page, stored: null, queued: [], times: {} });
  const source = String(install);
  if (outbox.source !== source) {
    install(outbox);
    outbox.source = source;
  }
}
