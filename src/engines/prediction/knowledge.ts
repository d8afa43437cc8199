import { Bloom } from './bloom.ts';
import type { DomainKnowledge } from './domain-features.ts';
import { Language, LANGUAGE_BYTES } from './language.ts';
import { isFiniteNumber } from './site-score.ts';
import type { UrlKnowledge } from './url-features.ts';
import { WORD_LENGTH_MAX, Words } from './words.ts';

const WORDS_MAX = 200_000;

/** As it stands in a model file: base64 of bytes, words with a space between. */
export interface UrlKnowledgeData {
  readonly language: string;
  readonly words: string;
  readonly popular: string;
  readonly established: string;
}

export interface DomainKnowledgeData {
  readonly language: string;
  readonly words: string;
  /** Popular domains: what is among them is no generated name, whatever it looks like. */
  readonly popular: string;
  readonly suffixes: readonly (readonly [string, number])[];
}

export function readUrlKnowledge(data: unknown): UrlKnowledge | undefined {
  const fields = strings(data, ['language', 'words', 'popular', 'established']);
  if (fields === undefined) return undefined;
  const language = readLanguage(fields['language']!);
  const words = readWords(fields['words']!);
  if (language === undefined || words === undefined) return undefined;
  return { language, words, popular: bloom(fields['popular']!), established: bloom(fields['established']!) };
}

export function readDomainKnowledge(
  data: unknown,
): (DomainKnowledge & { readonly popular: Bloom }) | undefined {
  const fields = strings(data, ['language', 'words', 'popular']);
  if (fields === undefined) return undefined;
  const language = readLanguage(fields['language']!);
  const words = readWords(fields['words']!);
  // `strings` has seen that it is an object.
  const { suffixes } = data as { readonly suffixes?: unknown };
  if (language === undefined || words === undefined || !isSuffixes(suffixes)) return undefined;
  return { language, words, popular: bloom(fields['popular']!), suffixes: new Map(suffixes) };
}

function isSuffixes(value: unknown): value is readonly (readonly [string, number])[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        Array.isArray(each) && each.length === 2 && typeof each[0] === 'string' && isFiniteNumber(each[1]),
    )
  );
}

function strings(data: unknown, names: readonly string[]): Record<string, string> | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const found: Record<string, string> = {};
  for (const name of names) {
    // The field is looked at before it is used.
    const value = (data as Record<string, unknown>)[name];
    if (typeof value !== 'string') return undefined;
    found[name] = value;
  }
  return found;
}

function readLanguage(text: string): Language | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === LANGUAGE_BYTES ? new Language(bytes) : undefined;
}

function readWords(text: string): Words | undefined {
  const list = text.split(' ').filter(Boolean);
  if (list.length > WORDS_MAX || list.some((word) => word.length > WORD_LENGTH_MAX)) return undefined;
  return new Words(list);
}

function bloom(text: string): Bloom {
  return new Bloom(Buffer.from(text, 'base64'));
}
