import {
  defineErrors,
  type Decision,
  type DoorName,
  type Explanation,
  type MaybePromise,
  type PortRow,
} from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { PolicyDecision, WebAccess } from '../policy/index.ts';
import { laterOf } from './doors.ts';
import { ExchangeFacts, type UrlVerdicts } from './facts.ts';

export interface ExplainInput {
  readonly url: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly source?: string;
  readonly door?: DoorName;
  /** Milliseconds since 1970; now when absent. */
  readonly nowMs?: number;
}

export interface ExplainEngines {
  readonly access: Pick<WebAccess, 'explain'>;
  readonly verdicts: UrlVerdicts;
  /** Versions of the data that decides, for the answer. */
  versions(): Readonly<Record<string, string>>;
  /** Without it schedules fit only what names its own time. */
  now?(): number;
}

/** The decision, everything that rules want done besides, and every rule that was tried. */
export interface Explained extends Explanation, Partial<Omit<PolicyDecision, keyof Decision>> {}

/** Waits only where others have to be asked about the URL. */
export type Explain = (input: ExplainInput) => MaybePromise<Explained>;

/** Doors whose decisions are made by the policy. */
export const EXPLAINED_DOORS: readonly PortRow['door'][] = ['forward-proxy', 'access-gateway', 'icap'];

export const exchangeErrors = defineErrors({
  EXPLAIN_BAD_URL: {
    kind: 'config',
    message: '{url} is no http or https URL',
    hint: 'write it as a browser would: http://host/path, https://host/ or just the host',
  },
  EXPLAIN_BAD_DOOR: {
    kind: 'config',
    message: 'the door {door} makes no decisions about URLs',
    hint: 'doors that do: {doors}',
  },
});

/**
 * Answers what would happen to a request, by the very rules and lists that the doors ask. An https URL
 * is judged as a proxy sees it: a tunnel to its host. ICAP is shown the URL.
 */
export function createExplain({ access, verdicts, versions, now }: ExplainEngines): Explain {
  return ({ url: text, user, groups, source = '127.0.0.1', door = 'forward-proxy', nowMs = now?.() }) => {
    if (!EXPLAINED_DOORS.includes(door)) {
      throw exchangeErrors.EXPLAIN_BAD_DOOR({ door, doors: EXPLAINED_DOORS.join(', ') });
    }
    const url = canonicalUrl(text);
    if (url === undefined || (url.scheme !== 'http' && url.scheme !== 'https')) {
      throw exchangeErrors.EXPLAIN_BAD_URL({ url: text.slice(0, 200) });
    }
    const tunnel = url.scheme === 'https' && door !== 'icap';
    const facts = new ExchangeFacts({
      door,
      source,
      user,
      groups,
      nowMs: nowMs ?? 0,
      method: tunnel ? 'CONNECT' : 'GET',
      url: tunnel ? (canonicalUrl(`https://${url.host}:${url.port}/`) ?? url) : url,
      fields: undefined,
      verdicts,
      later: laterOf(door, tunnel ? 'CONNECT' : 'GET'),
    });
    const asked = facts.prepare();
    const told = (): Explained => access.explain(facts, versions());
    return asked === undefined ? told() : asked.then(told);
  };
}
