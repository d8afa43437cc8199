import {
  defineErrors,
  type DoorName,
  type Explanation,
  type PortRow,
  type Verdict,
} from '../../kernel/index.ts';
import { canonicalUrl, type CanonicalUrl } from '../../protocols/url/index.ts';
import type { WebAccess } from '../policy/index.ts';

export interface ExplainInput {
  readonly url: string;
  readonly user?: string;
  readonly source?: string;
  readonly door?: DoorName;
}

export interface ExplainEngines {
  readonly access: WebAccess;
  readonly verdicts: { evaluateUrl(url: CanonicalUrl): Verdict };
  /** Versions of the data that decides, for the answer. */
  versions(): Readonly<Record<string, string>>;
}

export type Explain = (input: ExplainInput) => Explanation;

/** Doors whose decisions are made by the web-access rules. */
export const EXPLAINED_DOORS: readonly PortRow['door'][] = ['forward-proxy'];

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
 * is judged as the proxy sees it: a tunnel to its host.
 */
export function createExplain({ access, verdicts, versions }: ExplainEngines): Explain {
  return ({ url: text, user, source = '127.0.0.1', door = 'forward-proxy' }) => {
    if (!EXPLAINED_DOORS.includes(door)) {
      throw exchangeErrors.EXPLAIN_BAD_DOOR({ door, doors: EXPLAINED_DOORS.join(', ') });
    }
    const url = canonicalUrl(text);
    if (url === undefined || (url.scheme !== 'http' && url.scheme !== 'https')) {
      throw exchangeErrors.EXPLAIN_BAD_URL({ url: text.slice(0, 200) });
    }
    const tunnel = url.scheme === 'https';
    const seen = tunnel ? (canonicalUrl(`https://${url.host}:${url.port}/`) ?? url) : url;
    return access.explain(
      {
        source,
        user,
        method: tunnel ? 'CONNECT' : 'GET',
        host: url.host.replace(/^\[|\]$/g, ''),
        port: url.port,
        verdict: () => verdicts.evaluateUrl(seen),
      },
      versions(),
    );
  };
}
