import { cliErrors } from './errors.ts';

/** What a shell would act on and we never do: one line is one command. */
const SEPARATORS = /^(?:[;&|<>]+|\d?>+&?\d?)$/;

interface Word {
  readonly text: string;
  /** Some of it stood in quotes: then nothing in it has a meaning. */
  readonly quoted: boolean;
}

interface Split {
  readonly words: readonly Word[];
  /** The quote that is not closed, and where the last word is still open. */
  readonly openQuote: string | undefined;
  /** The line ends inside a word, or right behind one. */
  readonly inWord: boolean;
}

/**
 * The words of a command line. Quotes `'` and `"` keep spaces; in `"…"`, `\"` and `\\` stand for themselves. There
 * are no variables, pipes, redirections or lists of commands: what looks like one is refused, not passed on.
 */
export function wordsOf(line: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  if (/[\u0000-\u0008\u000A-\u001F\u007F]/.test(line)) throw cliErrors.CLI_CONTROL_CHARACTER();
  const { words, openQuote } = split(line);
  if (openQuote !== undefined) throw cliErrors.CLI_QUOTE_OPEN({ quote: openQuote });
  for (const { text, quoted } of words) {
    const sign = quoted ? undefined : shellSign(text);
    if (sign !== undefined) throw cliErrors.CLI_SHELL_SYNTAX({ sign });
  }
  return words.map(({ text }) => text);
}

/** A line that somebody is still typing: the words before the cursor's own, and that one. Never throws. */
export function typedWords(line: string): {
  readonly before: readonly string[];
  readonly current: string;
  readonly quoted: boolean;
} {
  const { words, inWord, openQuote } = split(line);
  const texts = words.map(({ text }) => text);
  const current = inWord ? (texts.at(-1) ?? '') : '';
  return { before: inWord ? texts.slice(0, -1) : texts, current, quoted: openQuote !== undefined };
}

function split(line: string): Split {
  const words: Word[] = [];
  let text = '';
  let inWord = false;
  let quoted = false;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const sign = line[at]!;
    if (quote !== undefined) {
      const next = line[at + 1];
      if (sign === quote) quote = undefined;
      else if (sign === '\\' && quote === '"' && (next === '"' || next === '\\')) {
        text += next;
        at++;
      } else text += sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      inWord = true;
      quoted = true;
    } else if (sign === ' ' || sign === '\t') {
      if (inWord) words.push({ text, quoted });
      text = '';
      inWord = false;
      quoted = false;
    } else {
      text += sign;
      inWord = true;
    }
  }
  if (inWord) words.push({ text, quoted });
  return { words, openQuote: quote, inWord };
}

/** Signs inside a word are text: `http://x/?a=1&b=2;c`. */
function shellSign(word: string): string | undefined {
  if (SEPARATORS.test(word)) return word;
  if (word.endsWith(';')) return ';';
  if (word.includes('`')) return '`';
  return word.includes('$(') ? '$(' : undefined;
}
