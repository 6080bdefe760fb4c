/** What a browser has to load before it shows the first page: how much that may be, and what is never part of it. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What is asked of a chunk; Rolldown's have more. */
export interface Chunk {
  readonly type: "chunk";
  readonly code: string;
  readonly fileName: string;
  readonly isEntry: boolean;
  readonly facadeModuleId: string | null;
  readonly imports: readonly string[];
  readonly moduleIds: readonly string[];
}

export interface Limits {
  /** How many bytes it may be, compressed by gzip. */
  readonly bytesMax: number;
  /** Part of the name of the module that the first page is. */
  readonly firstPage: string;
  /** Parts of the names of modules that are loaded when somebody asks for what they show. */
  readonly onDemand: readonly string[];
}

type Bundle = Readonly<Record<string, Chunk | { readonly type: "asset" }>>;

/** Returns what is wrong with a bundle, in sentences; nothing if it keeps within the limits. */
export function faultsOf(bundle: Bundle, limits: Limits): string[] {
  const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
  const isFirstPage = (chunk: Chunk) => chunk.facadeModuleId?.includes(limits.firstPage) ?? false;
  if (!chunks.some(isFirstPage)) return [`No chunk is the first page, ${limits.firstPage}.`];
  const first = withImports(
    chunks.filter((chunk) => chunk.isEntry || isFirstPage(chunk)),
    chunks,
  );
  const modules = first.flatMap((chunk) => chunk.moduleIds);
  const bytes = first.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  return [
    ...limits.onDemand
      .map((part) => modules.find((name) => name.includes(part)))
      .filter((name) => name !== undefined)
      .map((name) => `The first page loads ${name}, which is to be loaded on demand.`),
    ...(bytes > limits.bytesMax
      ? [`The first page loads ${bytes} bytes of compressed JavaScript; ${limits.bytesMax} are allowed.`]
      : []),
  ];
}

function withImports(start: readonly Chunk[], chunks: readonly Chunk[]): Chunk[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set(start);
  // A set visits what is added to it on the way.
  for (const chunk of found) {
    for (const name of chunk.imports) {
      const imported = byName.get(name);
      if (imported) found.add(imported);
    }
  }
  return [...found];
}

/** Fails a build whose first page is too heavy. */
export function firstLoad(limits: Limits): Plugin {
  return {
    name: "evens-first-load",
    apply: "build",
    writeBundle(_, bundle) {
      const faults = faultsOf(bundle, limits);
      if (faults.length > 0) this.error(faults.join("\n"));
    },
  };
}
