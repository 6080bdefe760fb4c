import { notifyManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { keepFailures } from "../../src/data/failures";

/** A page that asks for something, and what it has shown; each answer is given by hand. */
function asking() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  keepFailures(queries.getQueryCache());
  const waiting: { answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const open = () => {
    const observer = new QueryObserver(queries, {
      queryKey: ["thing"],
      queryFn: () => new Promise<string>((answer, fail) => waiting.push({ answer, fail })),
    });
    const seen: string[] = [];
    // As React does: it is told of several changes at once, and draws what is then so.
    const draw = notifyManager.batchCalls(() => {
      const { status, data, error } = observer.getCurrentResult();
      const shown = status === "error" ? `failed: ${error.message}` : (data ?? "loading");
      if (seen.at(-1) !== shown) seen.push(shown);
    });
    const close = observer.subscribe(draw);
    return { observer, seen, close };
  };
  const next = () => {
    const first = waiting.shift();
    if (!first) throw new Error("nothing was asked for");
    return first;
  };
  return { open, next };
}

/** Let everything happen that is to be told of: each step of it waits for a timer of its own, and they go in turn. */
const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
};

describe("what has failed", () => {
  it("stays told of while it is asked for again, until there is an answer", async () => {
    const { open, next } = asking();
    const page = open();
    next().fail(new Error("out of order"));
    await settled();
    void page.observer.refetch();
    await settled();
    next().fail(new Error("still out of order"));
    await settled();
    void page.observer.refetch();
    await settled();
    next().answer("a thing");
    await settled();
    expect(page.seen).toEqual(["failed: out of order", "failed: still out of order", "a thing"]);
    page.close();
  });

  it("is not told of to whoever comes to the page later: it loads as at first", async () => {
    const { open, next } = asking();
    const before = open();
    next().fail(new Error("out of order"));
    await settled();
    before.close();
    const later = open();
    await settled();
    expect(later.observer.getCurrentResult().status).toBe("pending");
    next().answer("a thing");
    await settled();
    expect(later.seen.at(-1)).toBe("a thing");
    expect(later.seen.join()).not.toContain("failed");
    later.close();
  });

  it("leaves what is known as it is, with the error beside it", async () => {
    const { open, next } = asking();
    const page = open();
    next().answer("a thing");
    await settled();
    void page.observer.refetch();
    await settled();
    next().fail(new Error("out of order"));
    await settled();
    expect(page.observer.getCurrentResult()).toMatchObject({ data: "a thing", status: "error" });
    void page.observer.refetch();
    await settled();
    next().answer("another thing");
    await settled();
    expect(page.observer.getCurrentResult()).toMatchObject({
      data: "another thing",
      status: "success",
      error: null,
    });
    page.close();
  });
});
