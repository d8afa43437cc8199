import { type Log, messageOf, type Metrics } from '../../kernel/index.ts';
import type { EventItem } from '../events/index.ts';
import type { Sealing } from '../identity/index.ts';
import { type JsonObject, putDocument, removeDocument, type State } from '../state/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import { type Alarm, judge, type Notice } from './alarm.ts';
import { type ChannelOptions, Channels } from './channels.io.ts';
import { EventCounts, findingsOf, type Situation } from './conditions.ts';
import { type Channel, Deliveries, type Delivery, type SendFailure } from './deliveries.ts';
import { alertErrors } from './errors.ts';
import { AlertMemory } from './memory.ts';
import {
  type AlertRule,
  alertRulesSection,
  BUILT_IN_RULES,
  isRuleName,
  ruleOf,
  ruleProblems,
} from './rule.ts';
import { eventOf } from './wording.ts';

export interface AlertsOptions extends Omit<ChannelOptions, 'secret'> {
  readonly state: Pick<State, 'sql' | 'read' | 'change' | 'onChange'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly newId: () => string;
  readonly sealing: Sealing;
  /** How the gateway is now. */
  look(): Promise<Omit<Situation, 'nowMs'>>;
  /** Into the event store. */
  event(event: GatewayEvent): void;
}

export interface RuleView extends AlertRule {
  /** It tells nobody until then, milliseconds since 1970. */
  readonly silentUntilMs: number | undefined;
  readonly isSigned: boolean;
}

export interface TestResult {
  readonly channel: Channel;
  readonly failure: SendFailure;
}

/** Rules, what they have found, and who is told. */
export interface Alerts {
  /** Reads what was known before the restart, and begins to look. */
  open(): Promise<void>;
  observe(items: readonly EventItem[]): void;
  /** Looks now. */
  check(): Promise<void>;
  rules(): Promise<readonly RuleView[]>;
  /** Longest first. */
  active(): readonly Alarm[];
  add(name: string, document: JsonObject, secret: string | undefined, by: string): Promise<AlertRule>;
  remove(name: string, by: string): Promise<AlertRule>;
  /** 0: tells again. Returns until when. */
  silence(name: string, forMs: number): Promise<number | undefined>;
  /** Tells over every channel of a rule, now and once. */
  test(name: string): Promise<readonly TestResult[]>;
  /** Channels that fail; empty: all is well. */
  trouble(): readonly string[];
  /** When nothing is being sent any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const LABEL = 'sallyport alert secret';

export function createAlerts(options: AlertsOptions): Alerts {
  return new Watch(options);
}

class Watch implements Alerts {
  readonly #options: AlertsOptions;
  readonly #memory: AlertMemory;
  readonly #counts = new EventCounts();
  readonly #channels: Channels;
  readonly #deliveries: Deliveries;
  #rules: readonly AlertRule[] = BUILT_IN_RULES;
  #alarms: readonly Alarm[] = [];
  #silences: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  /** What is known could not be saved last time. */
  #forgetful = false;

  constructor(options: AlertsOptions) {
    const { metrics, log } = options;
    this.#options = options;
    this.#memory = new AlertMemory((text, parameters) => options.state.sql(text, parameters));
    this.#channels = new Channels({ ...options, secret: (rule) => this.#secret(rule) });
    this.#deliveries = new Deliveries(
      (delivery) => this.#channels.send(delivery),
      () => options.settings(),
      {
        sent: (kind) => metrics.counter('alerts_notices_total', kind).add(),
        failed: (kind) => metrics.counter('alerts_failures_total', kind).add(),
        lost: (kind, reason) => {
          metrics.counter('alerts_lost_total', kind).add();
          log.error('alerts.notice-lost', { channel: kind, reason });
        },
      },
    );
    // From the start at 0: Prometheus sees no increase in a counter that begins at 1.
    for (const kind of ['mail', 'webhook', 'target']) {
      for (const name of ['alerts_notices_total', 'alerts_failures_total', 'alerts_lost_total'])
        metrics.counter(name, kind);
    }
    options.state.onChange(() => this.#readRules());
  }

  async open(): Promise<void> {
    const { alarms, silences, deliveries, counts } = await this.#memory.open();
    this.#alarms = alarms;
    this.#silences = { ...silences };
    this.#deliveries.add(deliveries);
    this.#counts.load(counts);
    await this.#readRules();
    this.#arm();
  }

  observe(items: readonly EventItem[]): void {
    this.#counts.add(this.#rules, items);
  }

  check(): Promise<void> {
    this.#checking ??= this.#checkNow().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async rules(): Promise<readonly RuleView[]> {
    return Promise.all(
      this.#rules.map(async (rule) => ({
        ...rule,
        silentUntilMs: this.#silentUntil(rule.name),
        isSigned: (await this.#memory.secret(rule.name)) !== undefined,
      })),
    );
  }

  active(): readonly Alarm[] {
    return this.#alarms
      .filter(({ raisedAtMs }) => raisedAtMs !== undefined)
      .toSorted((a, b) => a.sinceMs - b.sinceMs);
  }

  async add(name: string, document: JsonObject, secret: string | undefined, by: string): Promise<AlertRule> {
    if (!isRuleName(name)) throw alertErrors.ALERT_NAME({ name });
    const [problem] = ruleProblems(name, document);
    if (problem !== undefined) {
      throw alertErrors.ALERT_VALUE({ path: problem.path.slice(name.length + 1), reason: problem.message });
    }
    const sealed =
      secret === undefined ? undefined : this.#options.sealing.seal(`${LABEL} ${name}`, Buffer.from(secret));
    const change = { author: by, action: 'alert.add', summary: `add alert rule ${name}`, details: { name } };
    await this.#options.state.change(change, async (tx) => {
      if (Object.hasOwn(await alertRulesSection.read(tx), name)) throw alertErrors.ALERT_EXISTS({ name });
      await putDocument(tx, 'alert-rules', name, document);
    });
    await this.#memory.setSecret(name, sealed);
    return ruleOf(name, document);
  }

  async remove(name: string, by: string): Promise<AlertRule> {
    const found = this.#find(name);
    if (found.origin === 'built-in') throw alertErrors.ALERT_BUILT_IN({ name });
    const change = {
      author: by,
      action: 'alert.remove',
      summary: `remove alert rule ${name}`,
      details: { name },
    };
    await this.#options.state.change(change, (tx) => removeDocument(tx, 'alert-rules', name));
    await this.#memory.setSecret(name, undefined);
    return found;
  }

  async silence(name: string, forMs: number): Promise<number | undefined> {
    this.#find(name);
    if (forMs > 0) this.#silences[name] = this.#options.clock.now() + forMs;
    else delete this.#silences[name];
    await this.#save();
    return this.#silentUntil(name);
  }

  async test(name: string): Promise<readonly TestResult[]> {
    const rule = this.#find(name);
    const nowMs = this.#options.clock.now();
    const alarm: Alarm = {
      rule: name,
      key: '',
      severity: rule.severity,
      text: `this is a test of the alert rule ${name}`,
      sinceMs: nowMs,
      raisedAtMs: nowMs,
      toldAtMs: nowMs,
      overSinceMs: undefined,
    };
    const deliveries = this.#deliveriesOf(rule, { kind: 'test', alarm, atMs: nowMs });
    if (deliveries.length === 0) throw alertErrors.ALERT_NOBODY({ name });
    return Promise.all(
      deliveries.map(async (delivery) => ({
        channel: delivery.channel,
        failure: await this.#channels.send(delivery),
      })),
    );
  }

  trouble(): readonly string[] {
    return this.#deliveries.trouble;
  }

  settled(): Promise<void> {
    return this.#deliveries.settled();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#checking;
    await this.settled();
    await this.#remember();
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.check()
        .catch((error: unknown) => this.#options.log.error('alerts.check', { error }))
        .finally(() => this.#arm());
    }, this.#options.settings().checkMs).unref();
  }

  async #checkNow(): Promise<void> {
    const situation: Situation = { ...(await this.#options.look()), nowMs: this.#options.clock.now() };
    const alarms: Alarm[] = [];
    for (const rule of this.#rules) {
      const before = this.#alarms.filter((alarm) => alarm.rule === rule.name);
      const findings = findingsOf(rule, situation, this.#counts);
      if (findings === undefined) {
        alarms.push(...before);
        continue;
      }
      const silent = this.#silentUntil(rule.name) !== undefined;
      const judged = judge(rule, before, findings, { nowMs: situation.nowMs, silent });
      alarms.push(...judged.alarms);
      for (const notice of judged.notices) this.#tell(rule, notice);
    }
    // Alarms of rules that are gone end with them.
    this.#alarms = alarms;
    for (const severity of ['warn', 'error'] as const) {
      const count = this.active().filter((alarm) => alarm.severity === severity).length;
      this.#options.metrics.gauge('alerts_active', severity).set(count);
    }
    this.#deliveries.run(situation.nowMs);
    await this.#remember();
  }

  /** A disk that is full keeps nobody from being told: it costs what must be known after a restart. Said once. */
  async #remember(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#save();
      if (this.#forgetful) log.info('alerts.saved-again', {});
      this.#forgetful = false;
    } catch (error) {
      if (!this.#forgetful) log.warn('alerts.not-saved', { reason: messageOf(error) });
      this.#forgetful = true;
    }
  }

  #tell(rule: AlertRule, notice: Notice): void {
    const { log, event } = this.#options;
    const { rule: name, key, text } = notice.alarm;
    log.warn(`alert.${notice.kind}`, { rule: name, about: key, text });
    event(eventOf(notice));
    this.#deliveries.add(this.#deliveriesOf(rule, notice));
  }

  /** Rules that name no channel tell the mail addresses of the settings. */
  #deliveriesOf(rule: AlertRule, notice: Notice): readonly Delivery[] {
    const isOwn = rule.mail.length + rule.webhooks.length + rule.targets.length > 0;
    const mail = isOwn ? rule.mail : this.#options.settings().mail;
    const channels: Channel[] = [
      ...(mail.length === 0 ? [] : [{ kind: 'mail', to: mail } as const]),
      ...rule.webhooks.map((url) => ({ kind: 'webhook', url }) as const),
      ...rule.targets.map((name) => ({ kind: 'target', name }) as const),
    ];
    return channels.map((channel) => ({
      id: this.#options.newId(),
      channel,
      notice,
      tries: 0,
      nextAtMs: notice.atMs,
    }));
  }

  async #secret(rule: string): Promise<string | undefined> {
    const sealed = await this.#memory.secret(rule);
    if (sealed === undefined) return undefined;
    const secret = this.#options.sealing.unseal(`${LABEL} ${rule}`, sealed);
    if (secret === undefined) throw alertErrors.ALERT_SECRET_SEALED({ name: rule });
    return secret.toString('utf8');
  }

  #find(name: string): AlertRule {
    const found = this.#rules.find((rule) => rule.name === name);
    if (found === undefined) throw alertErrors.ALERT_UNKNOWN({ name });
    return found;
  }

  #silentUntil(name: string): number | undefined {
    const until = this.#silences[name];
    return until !== undefined && until > this.#options.clock.now() ? until : undefined;
  }

  async #readRules(): Promise<void> {
    const document = await this.#options.state.read((tx) => alertRulesSection.read(tx));
    const stored = Object.entries(document).map(([name, body]) => ruleOf(name, body));
    const names = new Set(stored.map(({ name }) => name));
    this.#rules = [...stored, ...BUILT_IN_RULES.filter(({ name }) => !names.has(name))];
  }

  async #save(): Promise<void> {
    const silences = Object.fromEntries(
      Object.keys(this.#silences).flatMap((name) => {
        const until = this.#silentUntil(name);
        return until === undefined ? [] : [[name, until]];
      }),
    );
    await this.#memory.save({
      alarms: this.#alarms,
      silences,
      deliveries: this.#deliveries.waiting,
      counts: this.#counts.dump(this.#rules),
    });
  }
}
