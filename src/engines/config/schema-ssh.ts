import { z } from 'zod';
import { isMark } from '../../protocols/ssh-keys/index.ts';
import { choice, count, duration, flag, size, line, texts } from './keys.ts';

/** A `.pub` line, without options; the engine of accounts looks at the key itself. */
const keyLine = (text: string) =>
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/.test(
    text,
  )
    ? undefined
    : 'is no public key; give the line of a file such as user_ca.pub';

const revoked = (text: string) =>
  isMark(text)
    ? undefined
    : 'expected SHA256:… of a key, serial:NUMBER or id:NAME of a certificate, or one of these behind SHA256:…/';

/** The command line over SSH. */
export const ssh = z.strictObject({
  passwords: flag(true, {
    about: 'Whether a password signs in; keys and certificates always do. false stops guessing altogether',
  }),
  authorities: texts([], 'public keys', keyLine, {
    about: 'Authorities that sign user certificates; a certificate signs in the users it names as principals',
  }),
  revoked: texts([], 'keys and certificates', revoked, {
    about:
      'Keys (SHA256:…) and certificates (SHA256:…/serial:42, SHA256:…/id:alice of that authority; without it of all) that no longer sign in, authorities too; besides those of `ssh revocation list`',
  }),
  banner: line('', { about: 'Shown before the sign-in, such as a legal notice', max: 1000 }),
  loginGrace: duration('60s', ['1s', '10m'], { about: 'From the connection to the end of the sign-in' }),
  attemptsMax: count(6, [1, 100], {
    about: 'Refused passwords, codes and keys of one connection; then it is closed. OpenSSH has the same 6',
  }),
  unauthenticatedMax: count(50, [1, 10_000], {
    about:
      'Connections that have not signed in, at once; further ones are closed, so that a flood of them keeps nobody out for longer than ssh.loginGrace',
  }),
  unauthenticatedPerSourceMax: count(10, [1, 10_000], {
    about: 'The same from one source address; what a flood from one machine can take',
  }),
  idle: duration('15m', ['10s', '1d'], { about: 'Silence at the prompt after which a session ends' }),
  life: duration('12h', ['1m', '30d'], { about: 'Longest life of a session' }),
  channelsMax: count(10, [1, 100], {
    about: 'Sessions inside one connection, as clients that share it open them',
  }),
  lineBytesMax: size('64KiB', ['1KiB', '1MiB'], {
    about: 'Longest command line; a longer one is refused whole',
  }),
  historyMax: count(500, [0, 10_000], { about: 'Lines that a session remembers' }),
  commandTime: duration('30m', ['10s', '1d'], {
    about: 'How long a session waits for a command; the command itself goes on',
  }),
  color: choice(['auto', 'never'], 'auto', { about: 'auto: where the terminal of the client has colors' }),
});
