import type { SmtpReply } from './replies.ts';

export interface SmtpOptions {
  /** Name that we greet with: the host name of the gateway. */
  readonly clientName: string;
  /** `starttls`: the connection becomes TLS before anything is told, or the letter is not sent. */
  readonly security: 'none' | 'starttls' | 'tls';
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
}

export interface SmtpLetter {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body with CRLF line ends, as `mailText` writes it. */
  readonly text: string;
}

/** What to do next: send these bytes and wait for a reply, only wait, or begin TLS and go on without waiting. */
export type SmtpStep =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'wait' }
  | { readonly do: 'start-tls' };

export type SmtpOutcome =
  | { readonly sent: true; readonly refused: readonly string[] }
  | {
      readonly sent: false;
      /** False: the same letter may be taken later (RFC 5321 §4.2.1: 4yz). */
      readonly permanent: boolean;
      readonly reason: string;
    };

/**
 * One letter to one server (RFC 5321, STARTTLS of RFC 3207, AUTH of RFC 4954). Yields what to do and is given the
 * reply; returns how it ended. Holds no socket.
 */
export function* smtpDialogue(
  options: SmtpOptions,
  letter: SmtpLetter,
): Generator<SmtpStep, SmtpOutcome, SmtpReply> {
  let reply = yield { do: 'wait' };
  if (reply.code !== 220) return failure('greeting', reply);
  reply = yield send(`EHLO ${options.clientName}`);
  if (reply.code !== 250) return failure('EHLO', reply);
  if (options.security === 'starttls') {
    if (!offers(reply, 'STARTTLS')) {
      return { sent: false, permanent: true, reason: 'the server does not offer STARTTLS' };
    }
    reply = yield send('STARTTLS');
    if (reply.code !== 220) return failure('STARTTLS', reply);
    yield { do: 'start-tls' };
    // What was said before TLS is forgotten (RFC 3207 §4.2).
    reply = yield send(`EHLO ${options.clientName}`);
    if (reply.code !== 250) return failure('EHLO', reply);
  }
  if (options.credentials !== undefined) {
    const refused = yield* signIn(options, reply);
    if (refused !== undefined) return refused;
  }
  return yield* handOver(letter);
}

function* signIn(
  { credentials, security }: SmtpOptions,
  greeting: SmtpReply,
): Generator<SmtpStep, SmtpOutcome | undefined, SmtpReply> {
  const { user = '', password = '' } = credentials ?? {};
  if (security === 'none') {
    return { sent: false, permanent: true, reason: 'a password is not sent without TLS' };
  }
  const ways =
    greeting.lines
      .find((line) => /^AUTH[ =]/i.test(line))
      ?.toUpperCase()
      .split(/[ =]/) ?? [];
  let reply: SmtpReply;
  if (ways.includes('PLAIN')) {
    reply = yield send(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
  } else if (ways.includes('LOGIN')) {
    reply = yield send('AUTH LOGIN');
    if (reply.code === 334) reply = yield send(base64(user));
    if (reply.code === 334) reply = yield send(base64(password));
  } else {
    return { sent: false, permanent: true, reason: 'the server offers neither AUTH PLAIN nor AUTH LOGIN' };
  }
  return reply.code === 235 ? undefined : failure('AUTH', reply);
}

function* handOver(letter: SmtpLetter): Generator<SmtpStep, SmtpOutcome, SmtpReply> {
  let reply = yield send(`MAIL FROM:<${letter.from}>`);
  if (reply.code !== 250) return failure('MAIL', reply);
  const refused: string[] = [];
  let last: SmtpReply | undefined;
  for (const to of letter.to) {
    reply = yield send(`RCPT TO:<${to}>`);
    if (reply.code === 250 || reply.code === 251) continue;
    refused.push(to);
    last = reply;
  }
  if (refused.length === letter.to.length) return failure('RCPT', last ?? reply);
  reply = yield send('DATA');
  if (reply.code !== 354) return failure('DATA', reply);
  // A line of one dot ends the letter: every dot at the start of a line is doubled (§4.5.2).
  const body = letter.text.replace(/^\./gm, '..');
  reply = yield { do: 'send', text: `${body.endsWith('\r\n') ? body : `${body}\r\n`}.\r\n` };
  if (reply.code !== 250) return failure('the letter', reply);
  yield send('QUIT');
  return { sent: true, refused };
}

function send(command: string): SmtpStep {
  return { do: 'send', text: `${command}\r\n` };
}

function offers(reply: SmtpReply, keyword: string): boolean {
  return reply.lines.some((line) => line.toUpperCase().split(' ')[0] === keyword);
}

/** The text of the server is for the log: one printable line. */
function failure(what: string, { code, lines }: SmtpReply): SmtpOutcome {
  const said = lines
    .join(' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
  return { sent: false, permanent: code >= 500, reason: `${what} was answered with ${code} ${said}`.trim() };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
