import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openPki, type PkiOptions } from '../../src/engines/pki/index.ts';
import type { LogFields } from '../../src/kernel/index.ts';

export const DAY_MS = 86_400_000;
const MACHINE = {
  hostName: 'gw.corp.example',
  addresses: ['192.0.2.7', '2001:db8::7', 'fe80::1', '127.0.0.1'],
};

export interface PkiSetup extends Partial<PkiOptions> {
  readonly folder: string;
  readonly time?: { now: number };
}

/** An authority of its own, with a clock that the test sets. */
export function pkiLab({
  folder,
  dataDir = join(folder, randomUUID()),
  time = { now: Date.now() },
  ...rest
}: PkiSetup) {
  const logged: [string, LogFields?][] = [];
  const add = (event: string, fields?: LogFields) => void logged.push([event, fields ?? {}]);
  const options: PkiOptions = {
    dataDir,
    tls: () => ({ certificateFile: undefined, keyFile: undefined, names: ['proxy.corp.example'] }),
    clock: { now: () => time.now, monotonic: () => time.now },
    random: randomBytes,
    log: { debug: add, info: add, warn: add, error: add },
    machine: () => MACHINE,
    ...rest,
  };
  return { pki: openPki(options), dataDir, time, logged };
}
