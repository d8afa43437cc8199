import type { Match, Prediction, Verdict } from '../../kernel/index.ts';
import { jsonString } from '../../engines/telemetry/index.ts';

/** What is stored of an entry beyond its match. Times are seconds since 1970. */
export interface Detail {
  readonly note: string;
  readonly reference: string;
  readonly firstSeenS?: number | undefined;
  readonly lastSeenS?: number | undefined;
}

/** Behind the URL, when nothing is known: most answers. */
const UNKNOWN_TAIL = ',"categories":[],"reasons":["no-match"],"matches":[]';

/**
 * `{url, verdict, score, categories, reasons, matches}` as JSON text. Built by hand, because this answer is
 * what clients ask for tens of thousands of times a second; with a line end, so that it reads well in a terminal.
 */
export function verdictJson(url: string, { verdict, score, matches, prediction }: Verdict): string {
  const head = `{"url":${jsonString(url)},"verdict":"${verdict}","score":${score}`;
  const tail = predictionTail(prediction);
  if (matches.length === 0) return head + UNKNOWN_TAIL + tail;
  return `${head}${judgement(matches)},"matches":[${matches.map((match) => `${matchJson(match)}}`).join(',')}]${tail}`;
}

/** The same with what the lists say about their entries. */
export function detailedVerdictJson(
  url: string,
  { verdict, score, matches, prediction }: Verdict,
  details: readonly (Detail | undefined)[],
): string {
  const head = `{"url":${jsonString(url)},"verdict":"${verdict}","score":${score}`;
  const tail = predictionTail(prediction);
  if (matches.length === 0) return head + UNKNOWN_TAIL + tail;
  const detailed = matches.map((match, at) => `${matchJson(match)}${detailJson(details[at])}}`);
  return `${head}${judgement(matches)},"matches":[${detailed.join(',')}]${tail}`;
}

/** What a model says, where one was asked, and the end of the document. */
function predictionTail(prediction: Prediction | undefined): string {
  if (prediction === undefined) return '}\n';
  const { mode, verdict, score, reasons } = prediction;
  const list = reasons.length === 0 ? '' : reasons.map(jsonString).join(',');
  return `,"prediction":{"mode":"${mode}","verdict":"${verdict}","score":${score},"reasons":[${list}]}}\n`;
}

/** Stable code, feed and entry: `feed-block: urlhaus has evil.example/a/`. */
export function reasonOf({ feed, action, entry }: Match): string {
  return `${feed === 'local' ? 'local' : 'feed'}-${action}: ${feed} has ${entry}`;
}

function judgement(matches: readonly Match[]): string {
  const categories = new Set(
    matches.filter(({ category }) => category !== '').map(({ category }) => category),
  );
  const reasons = matches.map((match) => jsonString(reasonOf(match)));
  return `,"categories":[${[...categories].map(jsonString).join(',')}],"reasons":[${reasons.join(',')}]`;
}

/** Without the closing brace. */
function matchJson(match: Match): string {
  const expires = match.expiresAt === undefined ? '' : `,"expiresAt":${jsonString(match.expiresAt)}`;
  return `{"feed":${jsonString(match.feed)},"entry":${jsonString(match.entry)},"kind":"${match.kind}","action":"${match.action}","category":${jsonString(match.category)},"severity":"${match.severity}","confidence":${match.confidence},"tlp":"${match.tlp}","addedAt":${jsonString(match.addedAt)},"ageS":${match.ageS}${expires},"licence":${jsonString(match.licence)}`;
}

function detailJson(detail: Detail | undefined): string {
  if (detail === undefined) return ',"note":"","reference":"","firstSeen":null,"lastSeen":null';
  const seen = (seconds: number | undefined): string =>
    seconds === undefined ? 'null' : jsonString(new Date(seconds * 1000).toISOString());
  return `,"note":${jsonString(detail.note)},"reference":${jsonString(detail.reference)},"firstSeen":${seen(detail.firstSeenS)},"lastSeen":${seen(detail.lastSeenS)}`;
}
