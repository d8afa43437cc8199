import { isMailAddress } from '../../protocols/smtp/index.ts';
import { z } from 'zod';
import { CHECKS, choice, count, duration, optionalText, texts } from './keys.ts';

const address = (text: string) =>
  isMailAddress(text) ? undefined : 'is no mail address such as ops@example.org';

/** Whom alerts are told to, and how; which alerts there are is no setting but state: `alert add`. */
export const alerts = z.strictObject({
  mail: texts([], 'mail addresses', address, {
    about: 'Whom alert rules write to that name no channel of their own, the built-in ones too',
  }),
  smtp: z
    .strictObject({
      host: optionalText('host name or address', {
        about: 'Mail server that takes the letters',
        check: CHECKS.host,
      }),
      port: count(587, [1, 65_535], {
        about: '587 is submission (RFC 6409), 465 submission over TLS, 25 between servers',
      }),
      security: choice(['starttls', 'tls', 'none'], 'starttls', {
        about:
          'starttls: nothing is said before TLS; tls: TLS from the first byte; none: in the open, without a password',
      }),
      user: optionalText('text', { about: 'Name to sign in with; needs passwordFile' }),
      passwordFile: optionalText('path of a file', {
        about: 'File whose first line is the password; only its owner may read it',
      }),
      from: optionalText('mail address', {
        about: 'Sender of the letters',
        shown: 'sallyport@ and the host name of the machine',
        check: address,
      }),
    })
    .prefault({}),
  caFile: optionalText('path of a PEM file', {
    about: 'Authorities that certificates of the mail server and of webhooks may be of',
    shown: 'those that Node.js trusts',
  }),
  check: duration('10s', ['1s', '10m'], { about: 'How often the rules look' }),
  timeout: duration('30s', ['1s', '10m'], {
    about: 'One letter or one call of a webhook, from the connection to the answer',
  }),
  giveUp: duration('1d', ['1m', '30d'], { about: 'How long a notice is tried that cannot be handed over' }),
  waitingMax: count(200, [1, 10_000], {
    about: 'Notices that wait to be handed over; the oldest are given up',
  }),
});
