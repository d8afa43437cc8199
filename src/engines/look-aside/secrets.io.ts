import { readFileSync } from 'node:fs';
import { readSecretFile } from '../../platform/index.ts';
import type { LookAsideUpstream } from '../config/index.ts';
import { lookAsideErrors } from './errors.ts';

const TOKEN_BYTES_MAX = 4096;

export interface UpstreamSecrets {
  readonly token: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
}

/** Reads what an upstream needs from its files. Throws when one cannot be used: a start should not hide it. */
export function readUpstreamSecrets({ name, tokenFile, caFile }: LookAsideUpstream): UpstreamSecrets {
  return { token: tokenOf(name, tokenFile), ca: caOf(name, caFile) };
}

function tokenOf(upstream: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const bytes = readSecretFile(file, TOKEN_BYTES_MAX);
  if ('problem' in bytes) throw lookAsideErrors.LOOK_ASIDE_TOKEN_FILE({ upstream, file, why: bytes.problem });
  const token = bytes.toString('utf8').split(/\r?\n/, 1)[0]?.trim() ?? '';
  // It becomes a field value.
  if (!/^[!-~]+$/.test(token)) {
    const why = token === '' ? 'it is empty' : 'it has characters that no key has';
    throw lookAsideErrors.LOOK_ASIDE_TOKEN_FILE({ upstream, file, why });
  }
  return token;
}

function caOf(upstream: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
    throw lookAsideErrors.LOOK_ASIDE_CA_FILE({ upstream, file, why }, { cause });
  }
}
