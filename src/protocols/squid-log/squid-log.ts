/**
 * Squid's native access-log line, field by field as `logformat squid` has them:
 * `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.
 * Tools such as Calamaris, SARG and lightsquid read it.
 */
export interface SquidLine {
  /** When the exchange ended, milliseconds since 1970. */
  readonly endMs: number;
  readonly elapsedMs: number;
  readonly client: string;
  /** `TCP_MISS`, `TCP_TUNNEL`, `TCP_DENIED`, … */
  readonly resultCode: string;
  /** 0 when no status was sent. */
  readonly status: number;
  /** Bytes sent to the client. */
  readonly bytes: number;
  readonly method: string;
  readonly url: string;
  readonly user: string | undefined;
  /** `HIER_DIRECT`, `HIER_NONE`, `FIRSTUP_PARENT`. */
  readonly hierarchy: string;
  readonly peer: string | undefined;
  readonly mediaType: string | undefined;
}

/** One line with its line end, ASCII only. */
export function squidLine(line: SquidLine): string {
  const ms = Math.max(0, Math.round(line.endMs));
  const seconds = Math.floor(ms / 1000);
  const fraction = String(ms % 1000).padStart(3, '0');
  const elapsed = String(Math.max(0, Math.round(line.elapsedMs))).padStart(6, ' ');
  const status = String(line.status).padStart(3, '0');
  return `${seconds}.${fraction} ${elapsed} ${field(line.client)} ${line.resultCode}/${status} ${line.bytes} ${field(line.method)} ${field(line.url)} ${field(line.user)} ${line.hierarchy}/${field(line.peer)} ${field(line.mediaType)}\n`;
}

const PLAIN = /^[\x21\x22\x24\x26-\x7e]+$/;
const NOT_PLAIN = /[^\x21-\x24\x26-\x7e]/gu;

/** Fields are separated by spaces, so a space, control or non-ASCII character is percent-encoded, as Squid does. */
function field(text: string | undefined): string {
  if (text === undefined || text === '') return '-';
  if (PLAIN.test(text)) return text;
  return text.replace(NOT_PLAIN, (character, at: number) =>
    character === '%' && isEscape(text, at) ? character : percent(character),
  );
}

/** An escape that the client already sent stays as it is: a URL is not encoded twice. */
function isEscape(text: string, at: number): boolean {
  return /^[0-9a-fA-F]{2}$/.test(text.slice(at + 1, at + 3));
}

function percent(character: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(character)) {
    encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
