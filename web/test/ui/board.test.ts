import { describe, expect, it } from "vitest";
import { type Board, boardAfter } from "@/features/social/board";

const place = (rank: number, username: string) => ({ rank, username }) as Board["items"][number];
const message = (type: "snapshot" | "delta", items: Board["items"], gone?: readonly string[]) =>
  ({ type, channel: "leaderboard", id: "b", seq: 1, since: null, as_of: "now", items, gone }) as const;
const names = (board: Board | undefined) => board?.items.map((each) => `${each.rank} ${each.username}`);

describe("a leaderboard", () => {
  it("is what the snapshot says, then has the places that change, without those who are gone", () => {
    const first = boardAfter(
      undefined,
      message("snapshot", [place(1, "ada"), place(2, "bob"), place(3, "cid")]),
    );
    expect(names(first)).toEqual(["1 ada", "2 bob", "3 cid"]);
    const next = boardAfter(first, message("delta", [place(2, "ada"), place(1, "cid")], ["bob"]));
    expect(names(next)).toEqual(["1 cid", "2 ada"]);
  });

  it("does not go on from what is not known", () => {
    expect(boardAfter(undefined, message("delta", [place(1, "ada")], []))).toBeUndefined();
  });
});
