import {
  countIn,
  findingOf,
  isRecord,
  type Shape,
  UNKNOWN,
  type UpstreamAnswer,
  UNREADABLE,
  wordIn,
} from './answer.ts';
import type { Question } from './question.ts';

/** From so many engines on a thing is as bad as it gets. */
const CRITICAL_FROM = 10;

/** VirusTotal API v3: https://docs.virustotal.com/reference. */
export const virusTotalShape: Shape = {
  target: (question) => `/api/v3/${COLLECTION[question.kind]}/${idOf(question)}`,
  fields: (token) => (token === undefined ? {} : { 'x-apikey': token }),

  read(question, status, document, { detectionsMin }): UpstreamAnswer {
    if (!isRecord(document)) return UNREADABLE;
    if (status === 404) return isRecord(document['error']) ? UNKNOWN : UNREADABLE;
    const { data } = document;
    const attributes = isRecord(data) ? data['attributes'] : undefined;
    if (!isRecord(attributes) || !isRecord(attributes['last_analysis_stats'])) return UNREADABLE;
    const stats = attributes['last_analysis_stats'];
    const malicious = countIn(stats['malicious']);
    const suspicious = countIn(stats['suspicious']);
    const engines = malicious + suspicious + countIn(stats['harmless']) + countIn(stats['undetected']);
    const seconds = countIn(attributes['last_analysis_date']);
    const said = {
      confidence: Math.round((100 * (malicious + suspicious)) / Math.max(engines, 1)),
      addedAtMs: seconds === 0 ? undefined : Math.min(seconds, 8.64e12) * 1000,
    };
    if (malicious >= detectionsMin) {
      // Few engines know a new thing: the number of those that do says more than their share.
      const severity = malicious >= CRITICAL_FROM ? 'critical' : 'high';
      const confidence = Math.max(said.confidence, 75);
      const category = categoryOf(attributes);
      const finding = findingOf(question, { ...said, action: 'block', category, severity, confidence });
      return { kind: 'known', findings: [finding] };
    }
    if (malicious + suspicious > 0) {
      const category = categoryOf(attributes);
      const finding = findingOf(question, { ...said, action: 'block', category, severity: 'low' });
      return { kind: 'known', findings: [finding] };
    }
    const trusted = attributes['trusted_verdict'];
    if (isRecord(trusted) && trusted['verdict'] === 'goodware') {
      const good = { action: 'allow', category: 'known-good', severity: 'low', confidence: 100 } as const;
      return { kind: 'known', findings: [findingOf(question, { ...said, ...good })] };
    }
    // That nobody has found anything says little of a file or site that few have seen.
    return UNKNOWN;
  },
};

const COLLECTION: Readonly<Record<Question['kind'], string>> = {
  file: 'files',
  url: 'urls',
  domain: 'domains',
  ip: 'ip_addresses',
};

/** URLs are named by their unpadded base64 (URL alphabet). */
function idOf({ kind, value }: Question): string {
  return kind === 'url' ? Buffer.from(value).toString('base64url') : encodeURIComponent(value);
}

function categoryOf(attributes: Readonly<Record<string, unknown>>): string {
  const threat = attributes['popular_threat_classification'];
  const label = isRecord(threat) ? wordIn(threat['suggested_threat_label']) : '';
  return label === '' ? 'malware' : label;
}
