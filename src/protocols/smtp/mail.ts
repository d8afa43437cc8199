export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Left part of the Message-ID; the right one is `host`. */
  readonly id: string;
  readonly host: string;
}

/**
 * A letter of plain text (RFC 5322, RFC 2045). The body goes as base64, so that no line of it is too long and none
 * begins with a dot; the subject as encoded words (RFC 2047), so that nothing in it begins another header field.
 */
export function mailText({ from, to, subject, text, timeMs, id, host }: Mail): string {
  const fields = [
    ['Date', new Date(timeMs).toUTCString().replace('GMT', '+0000')],
    ['From', `<${from}>`],
    ['To', to.map((address) => `<${address}>`).join(',\r\n ')],
    ['Subject', encodedWords(subject)],
    ['Message-ID', `<${id}@${host}>`],
    // RFC 3834: so that no holiday notice answers.
    ['Auto-Submitted', 'auto-generated'],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  const body = Buffer.from(text.replace(/\r?\n/g, '\r\n'))
    .toString('base64')
    .replace(/(.{76})(?=.)/g, '$1\r\n');
  return `${fields.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}\r\n`;
}

/** Bytes of text in one encoded word: 75 characters with its frame (RFC 2047 §2). */
const WORD_BYTES = 45;

function encodedWords(text: string): string {
  if (/^[\x20-\x7e]{0,60}$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  // By characters: none may be cut in two words (§5).
  for (const sign of text.toWellFormed()) {
    if (Buffer.byteLength(word) + Buffer.byteLength(sign) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += sign;
  }
  words.push(word);
  return words.map((each) => `=?utf-8?B?${Buffer.from(each).toString('base64')}?=`).join('\r\n ');
}

/** Mailboxes as most servers take them; nothing that could end a command, and no quoted local parts. */
export function isMailAddress(text: string): boolean {
  return (
    text.length <= 254 &&
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      text,
    )
  );
}
