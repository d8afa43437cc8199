import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { keyLine, parsePublicKey, string, uint32 } from '../../src/protocols/ssh-keys/index.ts';
import type { Scope } from './scope.ts';

/** A hardware key in software (PROTOCOL.u2f): it signs what a token signs, with the flags that it is told. */
export interface SshToken {
  readonly blob: Buffer;
  readonly line: string;
  /** What a token answers, as an SSH signature. */
  sign(message: Uint8Array, flags?: number): Buffer;
}

/** Somebody touched it; it asked for a PIN. */
export const TOUCHED = 0x01;
export const VERIFIED = 0x04;
const APPLICATION = 'ssh:';

export function makeToken(kind: 'ed25519' | 'ecdsa'): SshToken {
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
  const { publicKey, privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const blob = Buffer.concat([string(type), ...pointOf(publicKey), string(APPLICATION)]);
  let counter = 0;
  return {
    blob,
    line: keyLine(parsePublicKey(blob)!, kind),
    sign(message, flags = TOUCHED) {
      const token = Buffer.concat([Buffer.of(flags), uint32(++counter)]);
      const data = Buffer.concat([sha256(APPLICATION), token, sha256(message)]);
      return Buffer.concat([string(type), string(valueOf(privateKey, data)), token]);
    },
  };
}

/** An agent at a socket that holds one token; `flags` are those of the next signatures. */
export async function startAgent(
  scope: Scope,
  path: string,
  token: SshToken,
  shown: { flags: number; blob?: Buffer },
): Promise<void> {
  const server = createServer((socket) => serve(socket, token, shown));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  scope.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
}

const AGENT = { failure: 5, list: 11, listed: 12, sign: 13, signed: 14 } as const;

/** draft-miller-ssh-agent §3: length, number, content. */
function serve(socket: Socket, token: SshToken, shown: { flags: number; blob?: Buffer }): void {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
      const end = 4 + waiting.readUInt32BE(0);
      socket.write(string(answer(waiting.subarray(4, end), token, shown)));
      waiting = waiting.subarray(end);
    }
  });
}

function answer(
  request: Buffer,
  token: SshToken,
  { flags, blob = token.blob }: { flags: number; blob?: Buffer },
) {
  if (request[0] === AGENT.list)
    return Buffer.concat([Buffer.of(AGENT.listed), uint32(1), string(blob), string('token')]);
  if (request[0] !== AGENT.sign) return Buffer.of(AGENT.failure);
  const at = 5 + request.readUInt32BE(1);
  const message = request.subarray(at + 4, at + 4 + request.readUInt32BE(at));
  return Buffer.concat([Buffer.of(AGENT.signed), string(token.sign(message, flags))]);
}

function pointOf(key: KeyObject): readonly Buffer[] {
  const { x = '', y } = key.export({ format: 'jwk' });
  const bytes = Buffer.from(x, 'base64url');
  if (y === undefined) return [string(bytes)];
  return [string('nistp256'), string(Buffer.concat([Buffer.of(4), bytes, Buffer.from(y, 'base64url')]))];
}

/** Of ECDSA: two `mpint` (RFC 5656 §3.1.2). */
function valueOf(key: KeyObject, data: Uint8Array): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, data, key);
  const both = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([both.subarray(0, 32), both.subarray(32)].map(mpint));
}

function mpint(bytes: Buffer): Buffer {
  const from = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(from);
  return string((digits[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}
