import type { FileVerdict, Match, Verdict } from '../../src/kernel/index.ts';
import { loadReader, type PolicyDocument, type PolicyFacts } from '../../src/engines/policy/index.ts';

/** A checked document; a text with faults throws them. */
export async function policyDocument(text: string): Promise<PolicyDocument> {
  const { readPolicy } = await loadReader();
  const { document, problems } = readPolicy(text);
  if (document === undefined)
    throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return document;
}

/** A document of these rules, one line each. */
export function policyOf(rules: readonly string[], more = 'default: allow'): Promise<PolicyDocument> {
  const lines = rules.map((rule, at) => `  - { name: r${at}, ${rule} }\n`).join('');
  return policyDocument(`version: 1\nrules:${rules.length === 0 ? ' []' : ''}\n${lines}${more}\n`);
}

export const UNKNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };

export function listed(more: Partial<Match> = {}): Verdict {
  const match: Match = {
    feed: 'phish',
    entry: 'evil.test',
    kind: 'domain',
    action: 'block',
    category: 'phishing',
    severity: 'high',
    addedAt: '2026-01-02T03:04:05Z',
    confidence: 100,
    tlp: 'clear',
    ageS: 10,
    expiresAt: undefined,
    licence: 'CC0-1.0',
    ...more,
  };
  return match.action === 'block'
    ? { verdict: 'malicious', score: 90, matches: [match] }
    : { verdict: match.action === 'allow' ? 'clean' : 'unknown', score: 50, matches: [match] };
}

export function scanned(more: Partial<FileVerdict> = {}): FileVerdict {
  return {
    verdict: 'unknown',
    score: 50,
    matches: [],
    sha256: 'a'.repeat(64),
    sha1: 'a'.repeat(40),
    md5: 'a'.repeat(32),
    bytes: 10,
    type: { name: 'zip', media: 'application/zip', family: 'archive' },
    findings: [],
    incomplete: [],
    stages: [],
    version: '1',
    cached: false,
    ...more,
  };
}

/** A plain GET, with what the test says otherwise. */
export function seen(more: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    door: 'forward-proxy',
    source: '10.1.1.1',
    user: undefined,
    method: 'GET',
    scheme: 'http',
    host: 'site.test',
    port: 80,
    path: '/',
    query: '',
    nowMs: Date.parse('2026-01-14T12:00:00Z'),
    verdict: () => UNKNOWN,
    requestField: () => undefined,
    ...more,
  };
}
