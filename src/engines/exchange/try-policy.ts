import type { DoorName, FileVerdict, Match, Verdict } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import { type Phase, type PolicyExplanation, type WebAccess } from '../policy/index.ts';
import { verdictOf } from '../verdict/index.ts';
import { laterOf } from './doors.ts';
import type { Expectation } from './expectations.ts';
import { type ExchangeFacts, factsOf } from './facts.ts';

/** A policy with everything that it asks. */
export interface Trial {
  readonly access: Pick<WebAccess, 'explain'>;
  readonly verdicts: { evaluateUrl(url: CanonicalUrl): Verdict };
  now(): number;
}

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly decision: string;
  readonly rule: string;
  readonly line: number | null;
  /** What is otherwise than expected, one sentence each. */
  readonly differences: readonly string[];
}

/** Runs one expectation: the same facts and the same rules as in the doors, without a connection. */
export function tryExpectation(test: Expectation, trial: Trial): Outcome {
  const facts = factsOfTest(test, trial);
  if (facts === undefined) {
    const differences = [`${test.request.url} is no URL that can be read`];
    return { name: test.name, passed: false, decision: '', rule: '', line: null, differences };
  }
  const found = trial.access.explain(facts, {}, test.phase ?? phaseOf(test));
  const differences = differencesOf(test.expect, found);
  const { action, rule, line } = found;
  return {
    name: test.name,
    passed: differences.length === 0,
    decision: action,
    rule,
    line: line ?? null,
    differences,
  };
}

function phaseOf({ request, response, file }: Expectation): Phase | undefined {
  if (file !== undefined) return response === undefined ? 'request-body' : 'response-body';
  if (response !== undefined) return 'response';
  return request.method === 'CONNECT' ? 'connect' : 'request';
}

function factsOfTest(test: Expectation, trial: Trial): ExchangeFacts | undefined {
  const { request, response, file, indicators } = test;
  const { method = 'GET', fields, time } = request;
  const verdicts =
    indicators === undefined
      ? trial.verdicts
      : { evaluateUrl: (url: CanonicalUrl) => verdictOf(indicators.map((each) => matchOf(each, url))) };
  const facts = factsOf({
    // The schema has checked it against the doors.
    door: request.door as DoorName,
    source: request.source,
    user: request.user,
    groups: request.groups,
    nowMs: time === undefined ? trial.now() : Date.parse(time),
    method,
    url: request.url,
    fields: fieldsOf(fields),
    verdicts,
    bytes: request.bytes,
    later: laterOf(request.door as DoorName, method),
  });
  if (facts === undefined) return undefined;
  if (response !== undefined) facts.answered(response.status, fieldsOf(response.fields), response.bytes);
  if (file !== undefined) facts.scanned({ file: verdictOfTest(file) }, true);
  return facts;
}

function fieldsOf(fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}

function matchOf(given: NonNullable<Expectation['indicators']>[number], url: CanonicalUrl): Match {
  const { feed, entry, action, category, severity } = given;
  return {
    feed,
    entry: entry ?? url.host,
    kind: 'host',
    action,
    category,
    severity,
    confidence: 100,
    tlp: 'clear',
    addedAt: '1970-01-01T00:00:00Z',
    ageS: 0,
    expiresAt: undefined,
    licence: '',
  };
}

const SCORE = { clean: 10, unknown: 50, suspicious: 60, malicious: 100 } as const;

function verdictOfTest(file: NonNullable<Expectation['file']>): FileVerdict {
  const { type, family, verdict, bytes, findings, incomplete } = file;
  return {
    verdict,
    score: SCORE[verdict],
    matches: [],
    sha256: '0'.repeat(64),
    sha1: '0'.repeat(40),
    md5: '0'.repeat(32),
    bytes,
    type: { name: type, media: 'application/octet-stream', family },
    findings: findings.map((each) => ({ ...each, source: 'test', path: '' })),
    incomplete: incomplete.map((reason) => ({ reason, stage: 'test', path: '', detail: '' })),
    stages: [],
    version: 'test',
    cached: false,
  };
}

function differencesOf(expect: Expectation['expect'], found: PolicyExplanation): readonly string[] {
  const seen: Readonly<Record<string, unknown>> = {
    decision: found.action,
    rule: found.rule,
    reason: found.reasons[0],
    scan: found.scan ?? null,
    log: found.log,
    needs: found.needs,
    monitored: found.monitored,
  };
  return Object.entries(expect)
    .filter(([name, wanted]) => JSON.stringify(wanted) !== JSON.stringify(seen[name]))
    .map(([name, wanted]) => `${name} is ${JSON.stringify(seen[name])}, expected ${JSON.stringify(wanted)}`);
}
