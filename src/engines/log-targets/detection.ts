import type { EventItem } from '../events/index.ts';

/**
 * What a decision was made by, as collectors of commercial gateways number it in `detectionType`. Numbers for causes
 * that this gateway does not have (2 untrusted server certificate, 60 application control, 100 data loss …) are never
 * sent.
 */
export const DETECTION = {
  none: 0,
  inspectionFailed: 5,
  allowedUrl: 9,
  deniedUrl: 10,
  privateAddress: 15,
  reputation: 20,
  urlFilter: 21,
  fileType: 30,
  malware: 40,
  prediction: 45,
  botnet: 50,
  suspiciousObject: 90,
  ransomware: 110,
} as const;

/**
 * What kind of bad thing it was. Collectors know the key `malwareType`, but no list of its numbers is public: these
 * are ours.
 */
export const MALWARE = { other: 1, ransomware: 2, botnet: 3, phishing: 4, predicted: 5 } as const;

const KINDS: readonly (readonly [RegExp, keyof typeof MALWARE])[] = [
  [/ransom/i, 'ransomware'],
  [/botnet|\bc2\b|\bcc\b|command.and.control/i, 'botnet'],
  [/phish/i, 'phishing'],
];
const MALICIOUS = /malware|malicious|virus|trojan|exploit/i;
/** Stages of a scan that read the file; the others know it by its hash. */
const PREDICTING = 'prediction';
const HASHES = 'hashes';

/** Of decisions and files; `undefined`: nothing was decided about. */
export function detectionTypeOf(item: EventItem): number | undefined {
  if (!isDecision(item)) return undefined;
  const { details, reason, rule } = item;
  const kind = malwareKindOf(item);
  if (kind === 'ransomware') return DETECTION.ransomware;
  if (reason === 'predicted' || details['stage'] === PREDICTING) return DETECTION.prediction;
  if (isText(details['finding']))
    return details['stage'] === HASHES ? DETECTION.suspiciousObject : DETECTION.malware;
  if (reason === 'file-malicious' || reason === 'hash-listed') return DETECTION.suspiciousObject;
  if (reason === 'indicator-match') return listedBy(rule, kind);
  if (reason === 'special-address' || reason === 'own-socket') return DETECTION.privateAddress;
  if (reason === 'not-on-allow-list') return DETECTION.deniedUrl;
  if (rule === 'file-incomplete') return DETECTION.inspectionFailed;
  if (reason === 'policy-rule' || reason === 'policy-warn' || reason === 'policy-monitor') {
    return isText(details['fileType']) ? DETECTION.fileType : DETECTION.urlFilter;
  }
  return DETECTION.none;
}

function listedBy(rule: string | undefined, kind: keyof typeof MALWARE | undefined): number {
  if (rule === 'local-allow' || rule === 'feed-allow') return DETECTION.allowedUrl;
  if (rule === 'local-block') return DETECTION.deniedUrl;
  return kind === 'botnet' ? DETECTION.botnet : DETECTION.reputation;
}

/** `undefined`: it was not for something bad. */
export function malwareTypeOf(item: EventItem): number | undefined {
  const kind = isDecision(item) ? malwareKindOf(item) : undefined;
  return kind === undefined ? undefined : MALWARE[kind];
}

function malwareKindOf({ details, reason, rule }: EventItem): keyof typeof MALWARE | undefined {
  if (rule === 'local-allow' || rule === 'feed-allow') return undefined;
  const words = [details['finding'], details['category']].filter(isText).join(' ');
  const known = KINDS.find(([pattern]) => pattern.test(words));
  if (known !== undefined) return known[1];
  if (reason === 'predicted' || details['stage'] === PREDICTING) return 'predicted';
  const isBad = isText(details['finding']) || reason === 'file-malicious' || reason === 'hash-listed';
  return isBad || MALICIOUS.test(words) ? 'other' : undefined;
}

function isDecision({ type }: EventItem): boolean {
  return type.startsWith('decision.') || type.startsWith('file.');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
