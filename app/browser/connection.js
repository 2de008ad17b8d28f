// Gives up a connection at whose other end nobody is, and nobody says so: a replica that has lost
// its network sends no end. The page asks something at least every two seconds (see
// page/keepalive.py), so the load balancer's idle timeout never comes, and TCP waits for minutes.
{
  const TICK_MS = 1000;
  const SILENT_TICKS = 15;    // ticks, not a time: a page in the background may have stood still
  const STREAM = /\/_stcore\/stream$/;
  const Native = window.WebSocket;

  window.WebSocket = class extends Native {
    #asked = false;
    #silent = 0;

    constructor(url, ...rest) {
      super(url, ...rest);
      if (!STREAM.test(new URL(this.url).pathname)) return;
      this.addEventListener("message", () => { this.#asked = false; });
      const timer = setInterval(() => this.#tick(), TICK_MS);
      this.addEventListener("close", () => clearInterval(timer), { once: true });
    }

    send(data) {
      if (!this.#asked) this.#silent = 0;
      this.#asked = true;
      super.send(data);
    }

    #tick() {
      if (!this.#asked || ++this.#silent < SILENT_TICKS) return;
      this.close();
      // The browser's own event waits for an answer that will not come.
      this.dispatchEvent(new CloseEvent("close", { code: 1006, reason: "no answer" }));
    }
  };
}
