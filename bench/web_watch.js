// Runs in the page before the app does, and notes what the app cannot change: when messages came over the WebSocket, when
// a marked amount stood on the page, and how long frames took. What costs time is off until the benchmark asks for it.
(() => {
  const PRICE = /\d\.\d\d/;
  const MARK = /"(9\d{3}\.\d\d)"/;
  const watch = { deltas: 0, marks: [], gaps: [], longFrames: [] };
  let isMarking = false;
  let waitedFor;

  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (!data.startsWith('{"type":"delta"')) return;
        watch.deltas += 1;
        const mark = isMarking ? MARK.exec(data)?.[1] : undefined;
        if (mark) waitedFor = { mark, cameAt: performance.now() };
      });
    }
  };

  new PerformanceObserver((list) => {
    for (const frame of list.getEntries()) watch.longFrames.push(frame.duration);
  }).observe({ type: "long-animation-frame" });

  // Resolves with when a place of the page could be used: it is there and has a price. In milliseconds since the page's
  // address was asked for.
  watch.usable = (selector) =>
    new Promise((resolve) => {
      const look = () => {
        const found = document.querySelector(selector);
        if (found && !found.disabled && PRICE.test(found.textContent)) resolve(performance.now());
        else requestAnimationFrame(look);
      };
      look();
    });

  // Compressed bytes of the scripts that were asked for so far.
  watch.scriptBytes = () =>
    performance
      .getEntriesByType("resource")
      .filter((each) => new URL(each.name).pathname.endsWith(".js"))
      .reduce((sum, each) => sum + each.encodedBodySize, 0);

  watch.startMarking = () => {
    isMarking = true;
    const shown = new MutationObserver(() => {
      const best = document.querySelector('table[aria-label="Prices"] tbody tr:last-child [data-cell="back"]');
      if (!waitedFor || !best?.textContent.includes(waitedFor.mark)) return;
      const now = performance.now();
      watch.marks.push({
        mark: waitedFor.mark,
        waitedMs: now - waitedFor.cameAt,
        shownAt: performance.timeOrigin + now,
      });
      waitedFor = undefined;
    });
    const of = { childList: true, characterData: true, subtree: true };
    shown.observe(document.querySelector('table[aria-label="Prices"]'), of);
    watch.stopMarking = () => {
      isMarking = false;
      shown.disconnect();
    };
  };

  watch.startFrames = () => {
    watch.gaps = [];
    watch.longFrames = [];
    let before = performance.now();
    let isOn = true;
    const frame = () => {
      const now = performance.now();
      watch.gaps.push(now - before);
      before = now;
      if (isOn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    watch.stopFrames = () => {
      isOn = false;
    };
  };

  globalThis.watch = watch;
})();
