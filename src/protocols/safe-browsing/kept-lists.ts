import { createHash } from 'node:crypto';
import type { ClientList } from './client.ts';
import { STEP, type Steps } from './steps.ts';

/** A list under the name that its server has for it. */
export interface NamedList extends ClientList {
  readonly name: string;
}

/** Lists of one server as they are kept in a file, with whatever the keeper wants to know of them. */
export interface KeptLists {
  readonly lists: readonly NamedList[];
  /** As JSON has it. */
  readonly about: unknown;
}

/*
 * A line of JSON (names, tokens and counts), then for each list its prefixes as little-endian numbers and its longer
 * ones, each behind a byte with its length, then the SHA-256 of everything before.
 */
const FORMAT = 'sallyport-hash-lists-1';
const DIGEST_BYTES = 32;
const HEAD_BYTES_MAX = 1024 ** 2;
const LINE_FEED = 10;

interface Head {
  readonly format: string;
  readonly about: unknown;
  readonly lists: readonly {
    readonly name: string;
    readonly token: string;
    readonly prefixes: number;
    readonly longer: number;
  }[];
}

export function* keptListsBytes({ lists, about }: KeptLists): Steps<Buffer> {
  const head: Head = {
    format: FORMAT,
    about,
    lists: lists.map(({ name, token, prefixes, longer }) => ({
      name,
      token: Buffer.from(token).toString('base64'),
      prefixes: prefixes.length,
      longer: longer.length,
    })),
  };
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head)}\n`)];
  for (const { prefixes, longer } of lists) {
    // Machines that this runs on are little-endian, as the file is.
    parts.push(Buffer.from(prefixes.buffer, prefixes.byteOffset, prefixes.byteLength));
    for (const each of longer) parts.push(Buffer.from([each.length]), Buffer.from(each));
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, yield* digestSteps(body)]);
}

/** What was written; `undefined`: it is damaged, or something else. */
export function* keptListsOf(bytes: Buffer): Steps<KeptLists | undefined> {
  const end = bytes.length - DIGEST_BYTES;
  const headEnd = bytes.subarray(0, HEAD_BYTES_MAX).indexOf(LINE_FEED);
  if (end < 0 || headEnd < 0 || headEnd >= end) return undefined;
  const body = bytes.subarray(0, end);
  if (!(yield* digestSteps(body)).equals(bytes.subarray(end))) return undefined;
  // Its digest is right, so `keptListsBytes` wrote it; another version may have.
  const head = JSON.parse(body.toString('utf8', 0, headEnd)) as Head;
  if (head.format !== FORMAT) return undefined;
  let at = headEnd + 1;
  const lists: NamedList[] = [];
  for (const { name, token, prefixes: count, longer: longerCount } of head.lists) {
    const prefixes = new Uint32Array(count);
    new Uint8Array(prefixes.buffer).set(body.subarray(at, at + count * 4));
    at += count * 4;
    const longer: Uint8Array[] = [];
    for (let each = 0; each < longerCount; each++) {
      const length = body[at]!;
      longer.push(Uint8Array.from(body.subarray(at + 1, at + 1 + length)));
      at += 1 + length;
    }
    lists.push({ name, token: Buffer.from(token, 'base64'), prefixes, longer });
    yield;
  }
  return { lists, about: head.about };
}

function* digestSteps(bytes: Buffer): Steps<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += STEP * 4) {
    hash.update(bytes.subarray(at, at + STEP * 4));
    yield;
  }
  return hash.digest();
}
