/** The journal's chain of hashes, checked in the browser: a record's hash is that of the bytes that its page shows. */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Schemas } from "@/data";

export type JournalRecord = Schemas["JournalRecord"];

/** Whether the record's hash is that of the hash before, its place, its moment, its id and its payload. */
export function isSound(record: JournalRecord): boolean {
  const parts = [
    bytesOf(record.hash_before),
    numberBytes(BigInt(record.seq)),
    numberBytes(BigInt(record.at_ns)),
    bytesOf(record.command_id),
    Uint8Array.from(atob(record.payload), (each) => each.charCodeAt(0)),
  ];
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return hexOf(hash.digest()) === record.hash;
}

/** What is wrong with each of the records of a list by the places in it; a record's neighbour must follow from it. */
export function brokenIn(records: readonly JournalRecord[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  for (const record of records) {
    const before = bySeq.get(record.seq - 1);
    if (!isSound(record)) found.set(record.seq, "Its hash is not that of its content.");
    else if (before && before.hash !== record.hash_before)
      found.set(record.seq, `It does not follow from record ${before.seq}.`);
  }
  return found;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}

function numberBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}
