import type { Alarm } from './alarm.ts';
import type { RuleCounts } from './conditions.ts';
import type { Delivery } from './deliveries.ts';

/** What alerts must still know after a restart. */
export interface Remembered {
  readonly alarms: readonly Alarm[];
  /** Rule → milliseconds since 1970 until which it tells nobody. */
  readonly silences: Readonly<Record<string, number>>;
  readonly deliveries: readonly Delivery[];
  readonly counts: Readonly<Record<string, RuleCounts>>;
}

export const NOTHING: Remembered = { alarms: [], silences: {}, deliveries: [], counts: {} };

/** The part of the state store that alerts need: `State.sql`. */
export type Sql = (
  text: string,
  parameters: readonly (string | number | null)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A table of its own, with one row for what alerts remember and one for each sealed secret. */
export class AlertMemory {
  readonly #sql: Sql;
  #written = '';

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async open(): Promise<Remembered> {
    await this.#sql(
      'create table if not exists alert_memory (name text primary key, value text not null)',
      [],
    );
    const text = await this.#get('now');
    if (text === undefined) return NOTHING;
    this.#written = text;
    try {
      // Only `save` writes it.
      return { ...NOTHING, ...(JSON.parse(text) as Remembered) };
    } catch {
      // A row that somebody else has changed: begin anew, the next save mends it.
      return NOTHING;
    }
  }

  /** Writes when something has changed. */
  async save(now: Remembered): Promise<void> {
    const text = JSON.stringify(now);
    if (text === this.#written) return;
    await this.#put('now', text);
    this.#written = text;
  }

  secret(rule: string): Promise<string | undefined> {
    return this.#get(`secret:${rule}`);
  }

  async setSecret(rule: string, sealed: string | undefined): Promise<void> {
    if (sealed !== undefined) await this.#put(`secret:${rule}`, sealed);
    else await this.#sql('delete from alert_memory where name = ?', [`secret:${rule}`]);
  }

  async #get(name: string): Promise<string | undefined> {
    const [row] = await this.#sql('select value from alert_memory where name = ?', [name]);
    return typeof row?.['value'] === 'string' ? row['value'] : undefined;
  }

  async #put(name: string, value: string): Promise<void> {
    await this.#sql(
      'insert into alert_memory (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      [name, value],
    );
  }
}
