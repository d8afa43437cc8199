import { readFile } from 'node:fs/promises';
import type { Clock } from '../../kernel/index.ts';
import { readSecretFile } from '../../platform/index.ts';
import { mailText } from '../../protocols/smtp/index.ts';
import type { AlertsConfig } from '../config/index.ts';
import type { Egress } from '../egress/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import type { Notice } from './alarm.ts';
import type { Channel, Delivery, SendFailure } from './deliveries.ts';
import { alertErrors } from './errors.ts';
import { sendMail } from './mail.io.ts';
import { callWebhook } from './webhook.io.ts';
import { documentOf, eventOf, letterOf, subjectOf } from './wording.ts';

export interface ChannelOptions {
  readonly clock: Clock;
  readonly host: string;
  readonly version: string;
  readonly settings: () => AlertsConfig;
  /** The way out of this moment; the caller closes nothing. */
  egress(what: Channel['kind']): Pick<Egress, 'tunnel'>;
  /** Over a log target, whatever its filter says. */
  toTarget(name: string, event: GatewayEvent): SendFailure | Promise<SendFailure>;
  /** What a rule signs its calls with. Throws when it was sealed with another key. */
  secret(rule: string): Promise<string | undefined>;
}

const SECRET_BYTES_MAX = 64 * 1024;

/** Hands notices over, each in bounded time. */
export class Channels {
  readonly #options: ChannelOptions;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  async send({ channel, notice, id }: Delivery): Promise<SendFailure> {
    if (channel.kind === 'target') return this.#options.toTarget(channel.name, eventOf(notice));
    return channel.kind === 'mail' ? this.#mail(channel.to, notice, id) : this.#call(channel.url, notice, id);
  }

  async #mail(to: readonly string[], notice: Notice, id: string): Promise<SendFailure> {
    const { host, settings, egress } = this.#options;
    const { smtp, timeoutMs } = settings();
    if (smtp.host === undefined) return { permanent: true, reason: 'alerts.smtp.host is not set' };
    const password = smtp.passwordFile === undefined ? '' : firstLine(smtp.passwordFile, false);
    if (typeof password !== 'string') {
      return { permanent: false, reason: `alerts.smtp.passwordFile: ${password.problem}` };
    }
    // RFC 2606 §2: where the machine has no domain, nobody else is made the sender.
    const from = smtp.from ?? `sallyport@${host.includes('.') ? host : `${host}.invalid`}`;
    const subject = subjectOf(notice, host);
    const body = letterOf(notice, host);
    const text = mailText({ from, to, subject, text: body, timeMs: notice.atMs, id, host });
    const server = {
      host: smtp.host,
      port: smtp.port,
      ca: await this.#ca(),
      clientName: host,
      security: smtp.security,
      credentials: smtp.user === undefined ? undefined : { user: smtp.user, password },
      timeoutMs,
    };
    return sendMail(egress('mail'), server, { from, to, text });
  }

  async #call(url: string, notice: Notice, id: string): Promise<SendFailure> {
    const { host, version, clock, settings, egress } = this.#options;
    return callWebhook(egress('webhook'), {
      url,
      id,
      body: JSON.stringify(documentOf(notice, { id, host, version })),
      secret: await this.#options.secret(notice.alarm.rule),
      ca: await this.#ca(),
      nowMs: clock.now(),
      timeoutMs: settings().timeoutMs,
      agentName: `Sallyport/${version}`,
    });
  }

  async #ca(): Promise<string | undefined> {
    const { caFile } = this.#options.settings();
    return caFile === undefined ? undefined : readFile(caFile, 'utf8');
  }
}

/** The first line of a file that an operator named for `--secret-file`. Its mode is the operator's business. */
export function readSecretLine(file: string): string {
  const line = firstLine(file, true);
  if (typeof line !== 'string') throw alertErrors.ALERT_SECRET({ file, problem: line.problem });
  if (line === '') throw alertErrors.ALERT_SECRET({ file, problem: 'its first line is empty' });
  return line;
}

function firstLine(file: string, shared: boolean): string | { readonly problem: string } {
  const bytes = readSecretFile(file, SECRET_BYTES_MAX, shared);
  return Buffer.isBuffer(bytes) ? (bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '') : bytes;
}
