// @vitest-environment happy-dom
import { notifyManager, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Asked } from "../../src/ui/asked";

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

let root: Root;
let place: HTMLElement;
let queries: QueryClient;
let waiting: { answer: (text: string) => void; fail: (error: Error) => void }[];

function Page() {
  const query = useQuery({
    queryKey: ["thing"],
    queryFn: () => new Promise<string>((answer, fail) => waiting.push({ answer, fail })),
  });
  return (
    <Asked query={query} missing={<p>There is no such thing</p>}>
      {(thing) => <p>Here is {thing}</p>}
    </Asked>
  );
}

/** Do something, and let the page be drawn as it is then. */
async function drawn(deed: () => void): Promise<string> {
  await act(async () => {
    deed();
    // What follows from it without any timer is done before the next timer.
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
  return place.textContent ?? "";
}

function next() {
  const first = waiting.shift();
  if (!first) throw new Error("nothing was asked for");
  return first;
}

const askAnew = () => void queries.invalidateQueries();
const alert = () => place.querySelector('[role="alert"]')?.textContent;

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  notifyManager.setScheduler(queueMicrotask);
  waiting = [];
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  place = document.body.appendChild(document.createElement("main"));
  root = createRoot(place);
  await drawn(() =>
    root.render(
      <QueryClientProvider client={queries}>
        <Page />
      </QueryClientProvider>,
    ),
  );
});

afterEach(async () => {
  await drawn(() => root.unmount());
  place.remove();
});

describe("what was asked of the server", () => {
  it("is loading until there is an answer", async () => {
    expect(place.querySelector('[role="status"]')?.getAttribute("aria-label")).toBe("Loading");
    expect(await drawn(() => next().answer("a book"))).toBe("Here is a book");
  });

  it("stays when a later answer fails, and says that it may be old, until there is a new one", async () => {
    await drawn(() => next().answer("a book"));
    await drawn(askAnew);
    await drawn(() => next().fail(new Refusal(500, "The house is out of order.")));
    expect(alert()).toContain("This may be old: The house is out of order.");
    expect(place.textContent).toContain("Here is a book");
    const again = place.querySelector("button");
    await drawn(() => again?.click());
    // While it is asked for again it is still what it was.
    expect(again?.disabled).toBe(true);
    expect(alert()).toContain("This may be old");
    expect(place.textContent).toContain("Here is a book");
    expect(await drawn(() => next().answer("a newer book"))).toBe("Here is a newer book");
  });

  it("gives way to a failure only where there never was an answer", async () => {
    await drawn(() => next().fail(new Refusal(500, "The house is out of order.")));
    expect(alert()).toContain("The house is out of order.");
    expect(alert()).not.toContain("old");
    expect(place.textContent).not.toContain("Here is");
    await drawn(() => place.querySelector("button")?.click());
    expect(await drawn(() => next().answer("a book"))).toBe("Here is a book");
  });

  it("is gone when the server says that there is no such thing any more", async () => {
    await drawn(() => next().answer("a book"));
    await drawn(askAnew);
    expect(await drawn(() => next().fail(new Refusal(404, "Not found.")))).toBe("There is no such thing");
  });
});
