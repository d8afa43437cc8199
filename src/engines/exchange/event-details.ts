import type { FileVerdict } from '../../kernel/index.ts';
import type { PolicyDecision, PolicyFacts } from '../policy/index.ts';
import { predictionDetails } from '../scan/index.ts';

/** What an event tells of a request besides its decision. Taken while the head is there, and only where an event may follow. */
export interface RequestNotes {
  readonly agent: string | undefined;
  readonly referrer: string | undefined;
  /** Of the first list that knows the URL, whether or not it decided. */
  readonly category: string | undefined;
  /** 0 (surely good) to 100 (surely bad), of the lists and models of URLs. */
  readonly score: number;
  readonly groups: readonly string[] | undefined;
}

/** An event may follow a decision: what only the head of the request says is taken while it is there. */
export function isTold(
  { decision, monitored, needs }: PolicyDecision,
  allows: 'aggregate' | 'full',
): boolean {
  return decision === 'block' || monitored.length > 0 || needs.length > 0 || allows === 'full';
}

/** Texts of peers in an event, in characters: what identifies a program or a page is in the first of them. */
const TEXT_CHARS_MAX = 300;
const GROUPS_MAX = 20;

export function requestNotes(facts: PolicyFacts): RequestNotes {
  const { score, matches } = facts.verdict();
  return {
    agent: cut(facts.requestField?.('user-agent')),
    referrer: cut(facts.requestField?.('referer')),
    category: matches.find(({ category }) => category !== '')?.category,
    score,
    groups: facts.groups?.slice(0, GROUPS_MAX),
  };
}

/** What a door knows of an exchange that is over. */
export interface ToldExchange {
  readonly decision: PolicyDecision;
  /** The rule that the event is about: of a monitor it is not the one that decided. */
  readonly rule: string;
  readonly id: string;
  readonly method: string;
  /** What the client got; 0: nothing. */
  readonly status: number;
  /** From the client, and to the client. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Address and port that the gateway, or who asks it, connected to. */
  readonly destination: string | undefined;
  readonly notes: RequestNotes | undefined;
  /** The body that was looked at, and its name. */
  readonly file: FileVerdict | undefined;
  readonly fileName: string | undefined;
}

/**
 * The details of its event, by one set of names for all doors: what searches, JSON, CEF, LEEF and OTLP show. What is
 * `undefined` is left out when it is stored.
 */
export function eventDetails(told: ToldExchange): Readonly<Record<string, unknown>> {
  const { decision, notes, file } = told;
  const { match } = decision;
  return {
    rule: told.rule,
    decision: decision.decision,
    feed: match?.feed,
    entry: match?.entry,
    category: match?.category || notes?.category,
    id: told.id,
    method: told.method,
    status: told.status,
    bytesIn: told.bytesIn,
    bytesOut: told.bytesOut,
    destination: told.destination,
    score: file?.score ?? notes?.score,
    agent: notes?.agent,
    referrer: notes?.referrer,
    groups: notes?.groups,
    ...(file === undefined ? undefined : fileDetails(file, told.fileName)),
  };
}

/** What is known of a file, by the names of `eventDetails`. */
export function fileDetails(
  file: FileVerdict,
  name: string | undefined,
): Readonly<Record<string, string | number | undefined>> {
  const [finding] = file.findings;
  return {
    fileName: cut(name),
    fileType: file.type.name,
    bytes: file.bytes,
    sha256: file.sha256 || undefined,
    sha1: file.sha1 || undefined,
    stage: finding?.stage,
    finding: finding?.name,
    path: cut(finding?.path),
    ...predictionDetails(file),
  };
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text.slice(0, TEXT_CHARS_MAX);
}
