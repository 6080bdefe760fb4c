import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Chunk, faultsOf } from "../../scripts/first-load";

const LIMITS = {
  bytesMax: 1000,
  firstPage: "/src/lobby/",
  onDemand: ["/node_modules/charts/", "/src/console/"],
};

function chunk(fileName: string, more: Partial<Chunk>): [string, Chunk] {
  const usual = { code: "", isEntry: false, facadeModuleId: null, imports: [], moduleIds: [] };
  return [fileName, { type: "chunk", fileName, ...usual, ...more }];
}

const heavy = randomBytes(2000).toString("hex");
const lobby = chunk("lobby.js", { facadeModuleId: "/app/src/lobby/page.tsx", imports: ["index.js"] });
const charts = chunk("charts.js", { code: heavy, moduleIds: ["/app/node_modules/charts/main.js"] });

function built(...chunks: [string, Chunk][]) {
  return { ...Object.fromEntries(chunks), "app.css": { type: "asset" as const } };
}

describe("what is loaded before the first page", () => {
  it("may not count what is loaded later", () => {
    const entry = chunk("index.js", { isEntry: true, code: "start()" });
    expect(faultsOf(built(entry, lobby, charts), LIMITS)).toEqual([]);
  });

  it("counts what its chunks import, however far away", () => {
    const entry = chunk("index.js", { isEntry: true, imports: ["between.js"] });
    const between = chunk("between.js", { imports: ["charts.js", "index.js"] });
    const [first, second] = faultsOf(built(entry, lobby, between, charts), LIMITS);
    expect(first).toContain("/app/node_modules/charts/main.js, which is to be loaded on demand");
    expect(second).toMatch(/loads \d{4} bytes .*; 1000 are allowed/);
  });

  it("counts the first page itself", () => {
    const entry = chunk("index.js", { isEntry: true });
    const [name, page] = lobby;
    expect(faultsOf(built(entry, [name, { ...page, code: heavy }]), LIMITS)).toHaveLength(1);
  });

  it("cannot be told where no chunk is the first page", () => {
    expect(faultsOf(built(chunk("index.js", { isEntry: true })), LIMITS)).toEqual([
      "No chunk is the first page, /src/lobby/.",
    ]);
  });
});
