import type { DoorName } from '../../kernel/index.ts';
import { FACT } from '../policy/index.ts';

const BODY = FACT.size | FACT['file-type'] | FACT['file-verdict'];

/** What a door may still learn when a request has come in, as bits of `FACT`. A tunnel stays closed. */
export function laterOf(door: DoorName, method: string): number {
  if (method === 'CONNECT') return 0;
  return LATER[door] ?? 0;
}

const LATER: Readonly<Partial<Record<DoorName, number>>> = {
  'forward-proxy': FACT['response-head'] | BODY,
  'access-gateway': FACT['response-head'] | BODY,
  icap: FACT['response-head'] | BODY,
  api: BODY,
};

/** What passes through a proxy is scanned where a rule wants it; what is handed to the others, because it is handed to them. */
export function scansOnRequest(door: DoorName): boolean {
  return door === 'forward-proxy';
}

/** What a door may learn of a body. */
export function laterOfBody(bytes: number | undefined): number {
  return bytes === undefined ? BODY : BODY & ~FACT.size;
}
