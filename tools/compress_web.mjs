// Writes a .br and a .gz beside each file of a folder that gets smaller by it: node tools/compress_web.mjs FOLDER.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXTS = new Set([".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest"]);
const BYTES_MIN = 512;

const [folder] = process.argv.slice(2);
for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !TEXTS.has(extname(entry.name))) continue;
  const plain = await readFile(path);
  if (plain.length < BYTES_MIN) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  for (const [suffix, small] of [[".br", brotliCompressSync(plain, { params })], [".gz", gzipSync(plain, { level: 9 })]]) {
    if (small.length < plain.length) await writeFile(path + suffix, small);
  }
}
