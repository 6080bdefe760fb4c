/**
 * The HTTP API, typed by the server's own document.
 *
 * The browser sends the session's cookie by itself; the header `X-Evens-App` shows that a request was made by this app and
 * not by a page of somebody else. Whatever changes something carries an `Idempotency-Key` of its own, so that a request
 * can be sent again after any doubt and is done once.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { ApiProblem, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const app: Middleware = {
  onRequest({ request }) {
    request.headers.set("X-Evens-App", "1");
    return request;
  },
};

export const http = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
http.use(app);

/** What `openapi-fetch` comes back with. */
interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** Return what the server answered. Throws {@link ApiProblem} for everything but success, and if nobody answered. */
export async function call<Data>(request: Promise<Answer<Data>>): Promise<Exclude<Data, undefined>> {
  let answer: Answer<Data>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiProblem.unreachable();
  }
  if (!answer.response.ok) throw problemOf(answer.response, answer.error);
  return answer.data as Exclude<Data, undefined>;
}

/** A key for one thing to be done, however often it is sent. */
export function newKey(): string {
  return crypto.randomUUID();
}
