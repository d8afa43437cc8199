import type { Match, Verdict } from '../../kernel/index.ts';
import { jsonString } from '../../engines/telemetry/index.ts';

/**
 * `{url, verdict, score, categories, reasons, matches}` as JSON text. Built by hand, because this answer is
 * what clients ask for tens of thousands of times a second; with a line end, so that it reads well in a terminal.
 */
export function verdictJson(url: string, { verdict, score, matches }: Verdict): string {
  const head = `{"url":${jsonString(url)},"verdict":"${verdict}","score":${score}`;
  if (matches.length === 0) return `${head},"categories":[],"reasons":["no-match"],"matches":[]}\n`;
  const categories = new Set(
    matches.filter(({ category }) => category !== '').map(({ category }) => category),
  );
  const categoriesText = [...categories].map(jsonString).join(',');
  const reasons = matches.map((match) => jsonString(reasonOf(match))).join(',');
  return `${head},"categories":[${categoriesText}],"reasons":[${reasons}],"matches":[${matches.map(matchJson).join(',')}]}\n`;
}

/** Stable code, feed and entry: `feed-block: urlhaus has evil.example/a/`. */
export function reasonOf({ feed, action, entry }: Match): string {
  return `${feed === 'local' ? 'local' : 'feed'}-${action}: ${feed} has ${entry}`;
}

function matchJson(match: Match): string {
  return `{"feed":${jsonString(match.feed)},"entry":${jsonString(match.entry)},"kind":"${match.kind}","action":"${match.action}","category":${jsonString(match.category)},"severity":"${match.severity}","addedAt":${jsonString(match.addedAt)},"ageS":${match.ageS},"licence":${jsonString(match.licence)}}`;
}
