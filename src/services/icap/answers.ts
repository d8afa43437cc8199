import { answerBody } from '../../protocols/answer-page/index.ts';
import { encodeChunk, LAST_CHUNK, simpleResponse } from '../../protocols/http1/index.ts';
import {
  encodeAnswer,
  encodeOptionsAnswer,
  type FieldLines,
  type IcapAnswer,
} from '../../protocols/icap/index.ts';
import { subjectOf, type PolicyDecision } from '../../engines/policy/index.ts';
import { threatOf } from './threat.ts';
import type { IcapService } from './service-table.ts';
import type { Transaction } from './transaction.ts';

/** What the door itself refuses with, apart from what the codec finds. */
export const REFUSALS = {
  ICAP_SERVICE_UNKNOWN: [404, 'There is no service of this name; see docs/operations/icap.md.'],
  ICAP_METHOD_NOT_FOR_SERVICE: [405, 'The service does not take this method; OPTIONS says which it does.'],
  ICAP_TOO_SLOW: [408, 'The rest of the request did not come in time.'],
  ICAP_BODY_NOT_KEPT: [413, 'The body is larger than what the gateway can keep until its verdict.'],
  ICAP_FAILED: [500, 'The gateway failed; its log says why.'],
  ICAP_BUSY: [503, 'The gateway takes as many bodies as it may; try again.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;
export type RefusalCode = keyof typeof REFUSALS;

/** The same message for both sides of a refusal: code for machines, sentence for people. */
export function refusal(
  tx: Transaction,
  status: number,
  code: string,
  sentence: string,
): readonly Uint8Array[] {
  tx.status = status;
  tx.error ??= code;
  return answer(tx, {
    status,
    fields: [
      ['X-Response-Info', code],
      ['X-Response-Desc', sentence],
      ['Date', new Date(tx.timeMs).toUTCString()],
    ],
  });
}

export function answer(tx: Transaction, what: Omit<IcapAnswer, 'istag' | 'keepAlive'>): Uint8Array[] {
  lastWhenDraining(tx);
  tx.hasAnswered = true;
  return encodeAnswer({ ...what, istag: tx.context.tag.text, keepAlive: tx.keepAlive });
}

/** A newer generation has taken over while the body was read: this answer is the last of its connection. */
function lastWhenDraining(tx: Transaction): void {
  if (tx.context.draining()) tx.keepAlive = false;
}

/** 204: take what you have. */
export function unmodified(tx: Transaction, fields: FieldLines): readonly Uint8Array[] {
  if (tx.status === 0) tx.status = 204;
  lastWhenDraining(tx);
  if (fields.length > 0 || !tx.keepAlive) return answer(tx, { status: 204, fields });
  tx.hasAnswered = true;
  return [tx.context.tag.unmodified];
}

export function optionsAnswer(tx: Transaction, service: IcapService): readonly Uint8Array[] {
  const { config, tag, version } = tx.context;
  const { icap } = config;
  tx.status = 200;
  tx.hasAnswered = true;
  const listed = (names: readonly string[]) => (names.length === 0 ? undefined : names);
  return encodeOptionsAnswer({
    methods: service.methods,
    service: `Sallyport ${version}`,
    serviceId: service.path.slice(1, 33),
    maxConnections: icap.maxConnections,
    ttlS: Math.round(icap.optionsTtlMs / 1000),
    allows204: true,
    allows206: icap.partialContent,
    preview: icap.preview,
    transferPreview: ['*'],
    transferIgnore: listed(icap.transferIgnore),
    transferComplete: listed(icap.transferComplete),
    istag: tag.text,
    fields: [
      ['Date', new Date(tx.timeMs).toUTCString()],
      ['X-Include', 'X-Client-IP, X-Server-IP, X-Authenticated-User, X-Authenticated-Groups'],
    ],
    keepAlive: tx.keepAlive,
  });
}

/** Fields that tell an AV client what was found. */
export function verdictFields(tx: Transaction, decision: PolicyDecision, monitored: boolean): FieldLines {
  const { answerFields } = tx.context.config.icap;
  const { type, name } = threatOf(decision, tx.file);
  const said: FieldLines = [
    ['X-Infection-Found', `Type=${type}; Resolution=${monitored ? 0 : 2}; Threat=${name};`],
    ['X-Virus-ID', name],
    // One violation: name of the file, threat, its number, and what was done. Its lines are folded in older servers.
    ['X-Violations-Found', `1\t${fileWord(tx)}\t${name}\t0\t${monitored ? 0 : 2}`],
    ['X-Response-Info', monitored ? 'Monitored' : 'Blocked'],
    ['X-Blocked-Reason', `${decision.rule}: ${decision.reasons[1] ?? decision.reasons[0] ?? decision.rule}`],
  ];
  const shown = said.filter(([field]) => answerFields.includes(field));
  return [...shown, ['X-ICAP-Verdict-Id', tx.id]];
}

function fileWord({ url }: Transaction): string {
  const path = url.split('?', 1)[0] ?? '';
  return path.slice(path.lastIndexOf('/') + 1).slice(0, 200) || '-';
}

/** The page of a refusal instead of the message that was shown, for the person who waits for it. */
export function blocked(tx: Transaction, decision: PolicyDecision): readonly Uint8Array[] {
  const { match, page } = decision;
  const isWarning = decision.action === 'warn';
  const listed: readonly (readonly [string, string])[] =
    match === undefined
      ? []
      : [
          ['list', match.feed],
          ['entry', match.entry],
          ['category', match.category],
          ['severity', match.severity],
          ['listed since', match.addedAt],
        ];
  const { file } = tx;
  const found: readonly (readonly [string, string])[] =
    file === undefined || file.sha256 === ''
      ? []
      : [
          ['file type', file.type.name],
          ['sha256', file.sha256],
        ];
  return webAnswer(tx, {
    // Scanners' clients look for the very words `403 Forbidden`: another status of a page is for browsers, that is, URLs.
    status: (file === undefined ? page?.status : undefined) ?? 403,
    code: isWarning ? 'DESTINATION_WARNED' : file === undefined ? 'DESTINATION_BLOCKED' : 'BODY_BLOCKED',
    title: page?.title ?? titleOf(decision, file !== undefined),
    detail: page?.text ?? `${decision.reasons[1] ?? decision.rule}.`,
    facts: [['rule', decision.rule], ...listed, ...found],
    http: decision.retryAfterS === undefined ? [] : [['Retry-After', String(decision.retryAfterS)]],
    icap: verdictFields(tx, decision, false),
    link: isWarning ? linkPast(tx, decision) : undefined,
  });
}

function titleOf({ action, match }: PolicyDecision, isBody: boolean): string {
  if (action === 'warn') return 'Think before you go on';
  if (isBody) return 'This file is blocked';
  return match === undefined ? 'This request is not allowed' : 'This site is blocked';
}

function linkPast(tx: Transaction, { rule }: PolicyDecision) {
  const subject = subjectOf(tx.subject);
  const href = tx.context.access.warnings.link({ rule, subject, url: tx.url }, tx.timeMs);
  return href === undefined ? undefined : { href, text: 'Go on; this is remembered for 24 hours' };
}

export interface WebAnswer {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly http: readonly (readonly [string, string])[];
  readonly icap: FieldLines;
  readonly link?: { readonly href: string; readonly text: string } | undefined;
}

const HTTP_REASON: Readonly<Record<number, string>> = {
  303: 'See Other',
  400: 'Bad Request',
  403: 'Forbidden',
  429: 'Too Many Requests',
  451: 'Unavailable For Legal Reasons',
  503: 'Service Unavailable',
};

/** An HTTP answer of our own, encapsulated in place of the message. */
export function webAnswer(tx: Transaction, what: WebAnswer): readonly Uint8Array[] {
  const { blockPage } = tx.context.config;
  tx.status = what.status;
  const { contentType, body } = answerBody(tx.accept, {
    ...what,
    target: tx.context.redactor.url(tx.url),
    contact: blockPage.contact,
    organization: blockPage.organization,
    id: tx.id,
  });
  const head = simpleResponse({
    status: what.status,
    reason: HTTP_REASON[what.status] ?? 'Refused',
    fields: [
      ['Date', new Date(tx.timeMs).toUTCString()],
      ['Via', `ICAP/1.0 ${tx.context.viaName}`],
      ['Content-Type', contentType],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
      ...what.http,
    ],
    body,
    // The connection that this speaks of is none of ours.
    keepAlive: true,
    head: true,
  });
  const isHead = tx.method === 'HEAD';
  const message = answer(tx, {
    status: 200,
    fields: what.icap,
    encapsulated: { response: head, body: isHead ? 'null-body' : 'res-body' },
  });
  return isHead ? message : [...message, ...encodeChunk(body), LAST_CHUNK];
}
