/**
 * Values that change often, by key, with one notification of each key per animation frame.
 *
 * A market with 20 runners can change 50 times a second. Each change is written here at once and costs a map entry; whoever
 * shows a key is told at most once a frame, however often it changed, and whoever shows another key is not told at all.
 * `subscribe` and `get` are what React's `useSyncExternalStore` takes.
 */
export type Schedule = (flush: () => void) => void;

const byFrame: Schedule = (flush) => {
  requestAnimationFrame(flush);
};

export class KeyedStore<Value> {
  readonly #values = new Map<string, Value>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #schedule: Schedule;
  #isScheduled = false;

  constructor(schedule: Schedule = byFrame) {
    this.#schedule = schedule;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (Object.is(this.#values.get(key), value)) return;
    this.#values.set(key, value);
    this.#mark(key);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#mark(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  /** Call `listener` after frames in which the key changed; return how to stop that. */
  subscribe(key: string, listener: () => void): () => void {
    let listeners = this.#listeners.get(key);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(key, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  /** Tell now what changed, not with the next frame. */
  flush(): void {
    this.#isScheduled = false;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const key of changed) {
      for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
    }
  }

  #mark(key: string): void {
    this.#changed.add(key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => this.flush());
  }
}
