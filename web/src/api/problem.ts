/** What the server says when it does not do something: `application/problem+json` with a stable `code`. */
import type { components } from "./schema";

type Problem = components["schemas"]["Problem"];

export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  /** What is wrong with which field of the request. */
  readonly fields: Readonly<Record<string, string>>;
  /** The members that some codes have besides: `available`, `limit`, `legs`, … */
  readonly more: Partial<Problem>;

  constructor(status: number, code: string, detail: string, more: Partial<Problem> = {}) {
    super(detail);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.more = more;
    this.fields = Object.fromEntries((more.errors ?? []).map((each) => [each.field, each.message]));
  }

  static unreachable(): ApiProblem {
    return new ApiProblem(
      0,
      "unreachable",
      "The server cannot be reached. Whatever was under way can be sent again.",
    );
  }

  /** Whether the same request may succeed a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

export function problemOf(response: Response, body: unknown): ApiProblem {
  if (typeof body === "object" && body !== null && "code" in body) {
    const problem = body as Problem;
    return new ApiProblem(response.status, problem.code, problem.detail, problem);
  }
  return new ApiProblem(response.status, "unknown", `The server answered ${response.status}.`);
}
