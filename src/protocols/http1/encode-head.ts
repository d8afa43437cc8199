import { FIELD, FIELD_STRIDE } from '../fields/index.ts';
import { RequestRecord, ResponseRecord } from './head.ts';
import type { RequestFraming, RequestHead, ResponseFraming, ResponseHead } from './head.ts';

export interface RequestHeadOptions {
  /** `absolute` for a parent proxy, `origin` else. CONNECT always gets its authority. */
  readonly form: 'origin' | 'absolute';
  /** Name of this gateway in Via: `Via: 1.1 name`. Empty: no Via. */
  readonly via: string;
  /** Lower-case names to leave out, besides those that never pass a hop. */
  readonly drop: ReadonlySet<string>;
  /** More field lines, each `Name: value\r\n`. */
  readonly add: string;
  /** False: `Connection: close`. */
  readonly keepAlive: boolean;
  /** Written instead of the request's own target; the caller vouches for it. */
  readonly target?: string;
  /** Of the body that the caller will send; the request's own when absent. */
  readonly framing?: RequestFraming;
  /** False: an Upgrade is not passed on. */
  readonly upgrade?: boolean;
}

export interface ResponseHeadOptions {
  readonly via: string;
  readonly drop: ReadonlySet<string>;
  readonly add: string;
  readonly keepAlive: boolean;
  /** Of the body that the caller will send; the response's own when absent. */
  readonly framing?: ResponseFraming;
  /**
   * Version of the client. For 0, chunked becomes `until-close` (RFC 9112 §6.1: no Transfer-Encoding to such a
   * client), and a kept connection is said aloud.
   */
  readonly minorOfClient: 0 | 1;
}

/** RFC 9110 §7.6.1: fields of one hop, and those that we write ourselves. */
const DROPPED_ALWAYS =
  bit(FIELD.CONTENT_LENGTH) |
  bit(FIELD.TRANSFER_ENCODING) |
  bit(FIELD.CONNECTION) |
  bit(FIELD.UPGRADE) |
  bit(FIELD.KEEP_ALIVE) |
  bit(FIELD.PROXY_CONNECTION) |
  bit(FIELD.PROXY_AUTHORIZATION) |
  bit(FIELD.PROXY_AUTHENTICATE) |
  bit(FIELD.PROXY_AUTHENTICATION_INFO) |
  bit(FIELD.TE) |
  bit(FIELD.HTTP2_SETTINGS);

/**
 * The head as it goes to the next server: the kept field lines are copied as runs of bytes, framing, Via and
 * Connection are written anew, each once.
 */
export function encodeRequestHead(head: RequestHead, options: RequestHeadOptions): Uint8Array {
  if (!(head instanceof RequestRecord)) throw new TypeError('the head does not come from a RequestDecoder');
  const framing = options.framing ?? head.framing;
  let dropped = DROPPED_ALWAYS;
  if (!head.expectContinue) dropped |= bit(FIELD.EXPECT);
  if (framing.kind !== 'chunked') dropped |= bit(FIELD.TRAILER);
  let hostLine = '';
  if (!head.hostIsAuthority) {
    dropped |= bit(FIELD.HOST);
    // RFC 9110 §7.2: HTTP/1.1 always has the field; empty when no host is known.
    hostLine = `Host: ${head.authority}\r\n`;
  }
  const upgrade = options.upgrade === false ? undefined : head.upgrade;
  const tail =
    viaLine(options.via, head.minor) +
    framingLine(framing) +
    (upgrade === undefined ? (options.keepAlive ? '' : 'Connection: close\r\n') : upgradeLines(upgrade)) +
    options.add;
  if (options.form === 'origin' && options.target === undefined && head.pathStart >= 0) {
    return encodeInPlace(head, hostLine, tail, dropped, options.drop);
  }
  const target = options.target ?? (options.form === 'origin' ? originTarget(head) : absoluteTarget(head));
  const front = `${head.method} ${target} HTTP/1.1\r\n${hostLine}`;
  return assemble(
    head,
    front,
    tail,
    keptRuns(head, head.fieldsStart, dropped, options.drop, head.connectionNames),
  );
}

/** The head as it goes to the client. The version is always ours, 1.1 (RFC 9110 §2.5). */
export function encodeResponseHead(head: ResponseHead, options: ResponseHeadOptions): Uint8Array {
  if (!(head instanceof ResponseRecord)) throw new TypeError('the head does not come from a ResponseDecoder');
  let framing = options.framing ?? head.framing;
  if (framing.kind === 'chunked' && options.minorOfClient === 0) framing = { kind: 'until-close' };
  const dropped = framing.kind === 'chunked' ? DROPPED_ALWAYS : DROPPED_ALWAYS | bit(FIELD.TRAILER);
  const tail =
    viaLine(options.via, head.minor) +
    (framing.kind === 'none' ? lengthWithoutBody(head) : framingLine(framing)) +
    responseConnection(head, options, framing) +
    options.add;
  if (!head.lineIsCanonical) {
    const front = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
    return assemble(
      head,
      front,
      tail,
      keptRuns(head, head.fieldsStart, dropped, options.drop, head.connectionNames),
    );
  }
  const bytes = assemble(head, '', tail, keptRuns(head, 0, dropped, options.drop, head.connectionNames));
  bytes[VERSION_DIGIT] = 0x31;
  return bytes;
}

export interface HeadEdit {
  /** Without its CRLF, written instead of the head's own; the caller vouches for it. */
  readonly startLine?: string;
  /** Lower-case names to leave out. */
  readonly drop: ReadonlySet<string>;
  /** More field lines, each `Name: value\r\n`. */
  readonly add: string;
}

/**
 * A head of the same meaning to the hop, for a protocol that carries it inside (ICAP): every line byte for byte but for
 * what is dropped and added. Framing and Connection stay as they are.
 */
export function editHead(head: RequestHead | ResponseHead, edit: HeadEdit): Uint8Array {
  if (!(head instanceof RequestRecord || head instanceof ResponseRecord)) {
    throw new TypeError('the head does not come from a decoder');
  }
  const from = edit.startLine === undefined ? 0 : head.fieldsStart;
  const front = edit.startLine === undefined ? '' : `${edit.startLine}\r\n`;
  return assemble(head, front, edit.add, keptRuns(head, from, 0, edit.drop, undefined));
}

/** Of the minor version in `HTTP/1.x`. */
const VERSION_DIGIT = 7;

/** Method and path stand in the head as they are to be written: copied, with the version digit set. */
function encodeInPlace(
  head: RequestRecord,
  hostLine: string,
  tail: string,
  dropped: number,
  drop: ReadonlySet<string>,
): Uint8Array {
  const direct = head.pathStart === head.targetStart;
  let runs: number[];
  if (hostLine === '')
    runs = keptRuns(head, direct ? 0 : head.pathStart, dropped, drop, head.connectionNames);
  else {
    // RFC 9110 §7.2: Host first.
    const front = `${head.method} ${head.path} HTTP/1.1\r\n${hostLine}`;
    runs = keptRuns(head, head.fieldsStart, dropped, drop, head.connectionNames);
    return assemble(head, front, tail, runs);
  }
  const bytes = assemble(head, direct ? '' : `${head.method} `, tail, runs);
  if (head.minor === 0)
    bytes[head.targetStart + (head.targetEnd - head.pathStart) + 1 + VERSION_DIGIT] = 0x31;
  return bytes;
}

/**
 * Offsets of the runs of lines that stay, two numbers each. The first run starts at `from`, which is a start line or
 * the first field line; `names` are those that Connection lists. A message whose dropped lines stand together needs two copies, whatever its size.
 */
function keptRuns(
  head: RequestRecord | ResponseRecord,
  from: number,
  dropped: number,
  drop: ReadonlySet<string>,
  names: ReadonlySet<string> | undefined,
): number[] {
  const { offsets } = head.fields;
  const lengths = drop.size === 0 && names === undefined ? 0 : lengthBits(drop, names);
  const blockEnd = head.length - 2;
  const runs: number[] = [];
  let runStart = from;
  for (let at = 0; at < offsets.length; at += FIELD_STRIDE) {
    const lineStart = offsets[at]!;
    let out = (dropped & (1 << offsets[at + 4]!)) !== 0;
    if (!out && lengths !== 0 && (lengths & lengthBit(offsets[at + 1]! - lineStart)) !== 0) {
      const name = head.fields.name(at / FIELD_STRIDE);
      out = drop.has(name) || (names !== undefined && names.has(name));
    }
    if (!out) continue;
    if (lineStart > runStart) runs.push(runStart, lineStart);
    runStart = at + FIELD_STRIDE < offsets.length ? offsets[at + FIELD_STRIDE]! : blockEnd;
  }
  if (runStart < blockEnd) runs.push(runStart, blockEnd);
  return runs;
}

/** One buffer: front, runs, tail, blank line. The texts are ASCII, or Latin-1 from the head itself. */
function assemble(head: RequestRecord | ResponseRecord, front: string, tail: string, runs: number[]): Buffer {
  let size = front.length + tail.length + 2;
  for (let at = 0; at < runs.length; at += 2) size += runs[at + 1]! - runs[at]!;
  const bytes = Buffer.allocUnsafe(size);
  let position = front === '' ? 0 : bytes.write(front, 0, 'latin1');
  const { source, base } = head;
  for (let at = 0; at < runs.length; at += 2) {
    const from = runs[at]!;
    const to = runs[at + 1]!;
    source.copy(bytes, position, base + from, base + to);
    position += to - from;
  }
  position += bytes.write(tail, position, 'latin1');
  bytes[position] = 0x0d;
  bytes[position + 1] = 0x0a;
  return bytes;
}

/** Lengths of the names to leave out: only fields of such a length need their name looked up. */
function lengthBits(drop: ReadonlySet<string>, names: ReadonlySet<string> | undefined): number {
  let bits = 0;
  for (const name of drop) bits |= lengthBit(name.length);
  if (names !== undefined) for (const name of names) bits |= lengthBit(name.length);
  return bits;
}

function lengthBit(length: number): number {
  return 1 << (length & 31);
}

function originTarget(head: RequestRecord): string {
  return head.method === 'CONNECT' ? head.authority : head.path;
}

function absoluteTarget(head: RequestRecord): string {
  if (head.method === 'CONNECT') return head.authority;
  // RFC 9112 §3.2.4: OPTIONS on the server itself goes to a proxy with an empty path.
  return `${head.scheme ?? 'http'}://${head.authority}${head.path === '*' ? '' : head.path}`;
}

function viaLine(via: string, minor: 0 | 1): string {
  // RFC 9110 §7.6.3: the version is that of the message as it was received.
  return via === '' ? '' : minor === 1 ? `Via: 1.1 ${via}\r\n` : `Via: 1.0 ${via}\r\n`;
}

function framingLine(framing: ResponseFraming): string {
  if (framing.kind === 'length') return `Content-Length: ${framing.length}\r\n`;
  return framing.kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}

/** RFC 9110 §8.6: an answer to HEAD and a 304 may say how long the body would be; 1xx and 204 may not, nor 2xx to CONNECT. */
function lengthWithoutBody(head: ResponseRecord): string {
  if (head.contentLength === undefined || head.isSwitch || head.status < 200 || head.status === 204)
    return '';
  return `Content-Length: ${head.contentLength}\r\n`;
}

function responseConnection(
  head: ResponseRecord,
  options: ResponseHeadOptions,
  framing: ResponseFraming,
): string {
  if (head.upgrade !== undefined && (head.status === 101 || head.status === 426))
    return upgradeLines(head.upgrade);
  if (head.status < 200 || head.isSwitch) return '';
  if (!options.keepAlive || framing.kind === 'until-close') return 'Connection: close\r\n';
  return options.minorOfClient === 0 ? 'Connection: keep-alive\r\n' : '';
}

function upgradeLines(upgrade: string): string {
  return `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
}

function bit(field: number): number {
  return 1 << field;
}
