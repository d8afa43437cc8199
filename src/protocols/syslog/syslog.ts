/** One message of RFC 5424. */
export interface SyslogMessage {
  /** 0 to 23 (RFC 5424 §6.2.1); 16 is local0. */
  readonly facility: number;
  /** 0 emergency to 7 debug. */
  readonly severity: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly hostname: string;
  readonly appName: string;
  readonly procId: string;
  readonly msgId: string;
  /** Registered elements, for example `{ meta: { sequenceId: '1' } }` (RFC 5424 §7). */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly text: string;
}

/** Lengths of RFC 5424 §6. */
const LENGTHS = { hostname: 255, appName: 48, procId: 128, msgId: 32 } as const;

/** The message as text, without framing. Control characters of the text become spaces: a line stays a line. */
export function formatSyslog(message: SyslogMessage): string {
  const { facility, severity, timeMs, data, text } = message;
  const name = (field: keyof typeof LENGTHS): string =>
    printable(message[field]).slice(0, LENGTHS[field]) || '-';
  const elements = Object.entries(data).map(([id, values]) => {
    const parameters = Object.entries(values).map(([key, value]) => ` ${key}="${escapeValue(value)}"`);
    return `[${id}${parameters.join('')}]`;
  });
  const structured = elements.length === 0 ? '-' : elements.join('');
  const head = `<${facility * 8 + severity}>1 ${new Date(timeMs).toISOString()} ${name('hostname')}`;
  return `${head} ${name('appName')} ${name('procId')} ${name('msgId')} ${structured} ${oneLine(text)}`;
}

/** RFC 6587 §3.4.1 and RFC 5425 §4.3: length in octets, a space, the message. */
export function frameOctetCounted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

/** RFC 6587 §3.4.2: a line feed ends the message. */
export function frameLine(message: string): string {
  return `${message}\n`;
}

/** At most so many octets, cut between characters (RFC 5424 §6.1: a receiver may cut, too). */
export function cutOctets(message: string, octetsMax: number): string {
  if (Buffer.byteLength(message) <= octetsMax) return message;
  const bytes = Buffer.from(message).subarray(0, octetsMax);
  return bytes.toString('utf8').replace(/\uFFFD+$/, '');
}

/** Control characters would begin a new line, or hide one: they become spaces. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
}

/** PRINTUSASCII of RFC 5424 §6. */
function printable(text: string): string {
  return text.replace(/[^\u0021-\u007e]/g, '');
}

/** RFC 5424 §6.3.3. */
function escapeValue(text: string): string {
  return oneLine(text).replace(/["\\\]]/g, (sign) => `\\${sign}`);
}
