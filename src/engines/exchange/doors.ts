import type { DoorName } from '../../kernel/index.ts';
import { FACT } from '../policy/index.ts';

const BODY = FACT.size | FACT['file-type'] | FACT['file-verdict'];

/** What a door may still learn when a request has come in, as bits of `FACT`. A tunnel stays closed. */
export function laterOf(door: DoorName, method: string): number {
  if (method === 'CONNECT') return 0;
  return LATER[door] ?? 0;
}

/** The forward proxy passes bodies on unread; the others scan them. */
const LATER: Readonly<Partial<Record<DoorName, number>>> = {
  'forward-proxy': FACT['response-head'] | FACT.size,
  'access-gateway': FACT['response-head'] | BODY,
  icap: FACT['response-head'] | BODY,
  api: BODY,
};
