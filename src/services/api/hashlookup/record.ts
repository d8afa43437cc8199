import { createHash } from 'node:crypto';
import type { Verdict } from '../../../kernel/index.ts';
import type { Texts } from '../texts.ts';
import type { HashType } from './hash-types.ts';

/** Neutral: hashlookup has no opinion. */
const NEUTRAL_TRUST = 50;

/**
 * 0 to 100, the other way round than our score. Known-good by MD5 or SHA-1 alone is no more than neutral: two files
 * can be made that share one, so it must not save anybody a scan.
 */
export function trustOf(verdict: Verdict, { isWeak }: HashType): number {
  const trust = 100 - verdict.score;
  return isWeak ? Math.min(trust, NEUTRAL_TRUST) : trust;
}

/** The fields that come from memory: what bulk answers have, and single ones before the lists are read. */
export function recordJson(hash: string, verdict: Verdict, type: HashType): string {
  const { matches } = verdict;
  const first = matches[0]!; // a record is made of what is known
  const isBad = verdict.verdict === 'malicious' || verdict.verdict === 'suspicious';
  // Names of feeds and categories may hold anything that a list writes; the rest is ours.
  let text = `{"${type.field}":"${hash.toUpperCase()}"`;
  if (isBad) text += `,"KnownMalicious":${quoted(first.feed)}`;
  text += `,"db":${quoted(first.feed)},"insert-timestamp":"${Date.parse(first.addedAt) / 1000}"`;
  text += `,"hashlookup:trust":${trustOf(verdict, type)}`;
  text += `,"sallyport:verdict":"${verdict.verdict}","sallyport:score":${verdict.score}`;
  if (type.isWeak && first.action === 'allow') text += ',"sallyport:weak":true';
  return `${text},"sallyport:matches":${JSON.stringify(matches)}}`;
}

/** With what the lists say besides: name of the file, reports and packages that hold it. */
export function fullRecordJson(hash: string, verdict: Verdict, type: HashType, texts: Texts): string {
  const told = verdict.matches.map((match) => ({ match, text: texts.of(match) }));
  const entries = told.map(({ match, text }) => ({ match, entry: text === 'busy' ? undefined : text }));
  const references = [...new Set(entries.flatMap(({ entry }) => entry?.reference || []))];
  const named = entries.find(({ entry }) => entry !== undefined && entry.note !== '');
  const extra: Record<string, unknown> = {};
  if (told.some(({ text }) => text === 'busy')) extra['sallyport:brief'] = true;
  // Lists of good files begin their remark with the name; the others say what is bad about it.
  if (named?.match.action === 'allow') extra['FileName'] = named.entry?.note.split(', ', 1)[0];
  if (named !== undefined) extra['sallyport:note'] = named.entry?.note;
  extra['source'] = references[0] ?? verdict.matches[0]?.feed;
  if (references.length > 0) {
    extra['parents'] = references.map((reference) => ({
      'SHA-1': createHash('sha1').update(reference).digest('hex').toUpperCase(),
      source: reference,
    }));
    extra['hashlookup:parent-total'] = references.length;
  }
  return `${recordJson(hash, verdict, type).slice(0, -1)},${JSON.stringify(extra).slice(1)}`;
}

const PLAIN = /^[\w .:-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
