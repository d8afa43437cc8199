import { useState } from 'preact/hooks';
import type { NewAlertRule } from '../../../../client/index.ts';
import { gateway } from '../../lib/api.ts';
import { Dialog, Form, FormEnd, SelectField, TextField, toast, useAction, words } from '../../ui/index.ts';
import type { RuleKind } from './rules.tsx';
import { texts } from './texts.ts';

type Severity = 'warn' | 'error';
type State = 'degraded' | 'down';
type By = '' | 'source' | 'user' | 'door' | 'rule' | 'feed' | 'target';

const EMPTY = {
  name: '',
  kind: 'events' as RuleKind,
  severity: 'warn' as Severity,
  part: '*',
  state: 'degraded' as State,
  days: '21',
  percent: '10',
  count: '100',
  window: '5m',
  type: 'decision.block',
  by: '' as By,
  for: '',
  mail: '',
  webhook: '',
  note: '',
};
type Draft = typeof EMPTY;

export function AddRule({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [rule, setRule] = useState(EMPTY);
  const set = (change: Partial<Draft>) => setRule({ ...rule, ...change });
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/alert-rules', { body: bodyOf(rule) });
    toast(t.added(rule.name));
    onDone();
  };
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <div class="form-row">
          <TextField label={t.name} value={rule.name} onInput={(name) => set({ name })} required />
          <SelectField<Severity>
            label={t.severity}
            value={rule.severity}
            options={[
              ['warn', t.severity_warn],
              ['error', t.severity_error],
            ]}
            onChange={(severity) => set({ severity })}
          />
        </div>
        <SelectField<RuleKind>
          label={t.kind}
          value={rule.kind}
          options={(['events', 'health', 'feed', 'certificate', 'disk', 'bans'] as const).map((kind) => [
            kind,
            t[`kind_${kind}`],
          ])}
          onChange={(kind) => set({ kind })}
        />
        <Condition rule={rule} set={set} />
        <div class="form-row">
          <TextField label={t.mail} hint={t.mailHint} value={rule.mail} onInput={(mail) => set({ mail })} />
          <TextField
            label={t.webhook}
            type="url"
            value={rule.webhook}
            onInput={(webhook) => set({ webhook })}
            mono
          />
        </div>
        <TextField label={words().note} value={rule.note} onInput={(note) => set({ note })} maxLength={500} />
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}

/** The fields of the kind that was chosen. */
function Condition({ rule, set }: { rule: Draft; set: (change: Partial<Draft>) => void }) {
  const t = texts();
  const number = (label: string, key: 'count' | 'days' | 'percent') => (
    <TextField
      label={label}
      type="number"
      value={rule[key]}
      onInput={(value) => set({ [key]: value })}
      required
    />
  );
  const window = (
    <TextField label={t.window} value={rule.window} onInput={(value) => set({ window: value })} required />
  );
  const lasting = (
    <TextField label={t.for} hint={t.forHint} value={rule.for} onInput={(value) => set({ for: value })} />
  );
  switch (rule.kind) {
    case 'events':
      return (
        <div class="form-row">
          <TextField label={t.eventType} value={rule.type} onInput={(type) => set({ type })} mono required />
          {number(t.count, 'count')}
          {window}
          <SelectField<By>
            label={t.by}
            value={rule.by}
            options={(['', 'source', 'user', 'door', 'rule', 'feed', 'target'] as const).map((by) => [
              by,
              by === '' ? t.byNone : by,
            ])}
            onChange={(by) => set({ by })}
          />
        </div>
      );
    case 'bans':
      return (
        <div class="form-row">
          {number(t.count, 'count')}
          {window}
        </div>
      );
    case 'health':
      return (
        <div class="form-row">
          <TextField
            label={t.part}
            hint={t.partHint}
            value={rule.part}
            onInput={(part) => set({ part })}
            required
          />
          <SelectField<State>
            label={t.state}
            value={rule.state}
            options={[
              ['degraded', 'degraded'],
              ['down', 'down'],
            ]}
            onChange={(state) => set({ state })}
          />
          {lasting}
        </div>
      );
    case 'certificate':
      return <div class="form-row">{number(t.days, 'days')}</div>;
    case 'disk':
      return (
        <div class="form-row">
          {number(t.percent, 'percent')}
          {lasting}
        </div>
      );
    case 'feed':
      return <div class="form-row">{lasting}</div>;
  }
}

/** What the kind needs, and whom it tells; what is empty keeps its default. */
function bodyOf(rule: Draft): NewAlertRule {
  const { kind, mail, webhook, note } = rule;
  const wide = kind === 'events' || kind === 'bans';
  const addresses = mail.split(/[\s,]+/).filter((address) => address !== '');
  return {
    name: rule.name,
    when: kind,
    severity: rule.severity,
    ...(wide ? { count: Number(rule.count), window: rule.window } : {}),
    ...(kind === 'events' ? { where: { type: rule.type } } : {}),
    ...(kind === 'events' && rule.by !== '' ? { by: rule.by } : {}),
    ...(kind === 'health' ? { part: rule.part, state: rule.state } : {}),
    ...(kind === 'certificate' ? { days: Number(rule.days) } : {}),
    ...(kind === 'disk' ? { percent: Number(rule.percent) } : {}),
    ...(rule.for !== '' && !wide && kind !== 'certificate' ? { for: rule.for } : {}),
    ...(addresses.length === 0 ? {} : { mail: addresses }),
    ...(webhook === '' ? {} : { webhooks: [webhook] }),
    ...(note === '' ? {} : { note }),
  };
}
