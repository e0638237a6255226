// The search of the handbook without a server: browsers start no worker for a page that was opened
// from a folder, so what would run in one runs in a hidden frame, which speaks to the page as one.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.onmessage = null;
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "Search";
      (document.body || document.documentElement).appendChild(this.frame);
      const inside = this.frame.contentWindow;
      const answer = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        if (this.onmessage) this.onmessage(event);
      };
      const page = inside.document;
      page.open();
      page.write("<!doctype html><title>Search</title><body></body>");
      page.close();
      // The code of a worker answers with postMessage, and loads more with importScripts.
      inside.postMessage = (data) => setTimeout(answer, 0, data);
      inside.importScripts = (...addresses) =>
        addresses.reduce((before, each) => before.then(() => this.load(each)), Promise.resolve());
      this.load(address).then(() => {
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach((data) => this.hand(data));
      });
    }
    load(address) {
      const page = this.frame.contentWindow.document;
      return new Promise((done, failed) => {
        const script = page.createElement("script");
        script.src = new URL(address, document.baseURI);
        script.onload = done;
        script.onerror = failed;
        page.body.appendChild(script);
      });
    }
    hand(data) {
      const inside = this.frame.contentWindow;
      inside.dispatchEvent(new inside.MessageEvent("message", { data }));
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.hand(data);
    }
    terminate() {
      this.frame.remove();
    }
  };
}
