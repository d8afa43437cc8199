import {
  type Finding,
  isRecord,
  percentIn,
  severityIn,
  type Shape,
  timeIn,
  tlpIn,
  UNKNOWN,
  type UpstreamAnswer,
  UNREADABLE,
  wordIn,
} from './answer.ts';

/** More matches than this tell nobody more. */
const FINDINGS_MAX = 16;
const ENTRY_CHARS_MAX = 2048;

/** The look-up of another Sallyport gateway: its lists decide, with their category, severity and licence. */
export const gatewayShape: Shape = {
  target: ({ kind, value }) => `/api/v1/lookup?kind=${kind}&value=${encodeURIComponent(value)}`,
  fields: (token) => (token === undefined ? {} : { Authorization: `Bearer ${token}` }),

  read(_question, status, document): UpstreamAnswer {
    if (status !== 200 || !isRecord(document) || !Array.isArray(document['matches'])) return UNREADABLE;
    const matches: readonly unknown[] = document['matches'];
    const findings: Finding[] = [];
    for (const match of matches.slice(0, FINDINGS_MAX)) {
      const finding = findingIn(match);
      if (finding === undefined) return UNREADABLE;
      findings.push(finding);
    }
    return findings.length === 0 ? UNKNOWN : { kind: 'known', findings };
  },
};

function findingIn(match: unknown): Finding | undefined {
  if (!isRecord(match)) return undefined;
  const action = ACTIONS.find((each) => each === match['action']);
  const kind = KINDS.find((each) => each === match['kind']);
  const entry = wordIn(match['entry'], ENTRY_CHARS_MAX);
  if (action === undefined || kind === undefined || entry === '') return undefined;
  return {
    entry,
    kind,
    action,
    category: wordIn(match['category']),
    severity: severityIn(match['severity']),
    confidence: percentIn(match['confidence']),
    tlp: tlpIn(match['tlp']),
    addedAtMs: timeIn(match['addedAt']),
    licence: wordIn(match['licence']),
  };
}

const ACTIONS = ['allow', 'block', 'label'] as const;
const KINDS = ['host', 'domain', 'url', 'address', 'network', 'hash', 'email'] as const;
