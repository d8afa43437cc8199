import { useState } from 'preact/hooks';
import type { AlertRule, AlertSilence } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatRelative, formatSpan } from '../../lib/format.ts';
import type { Resource } from '../../lib/use-resource.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Panel,
  Table,
  toast,
  useInPassing,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

export type RuleKind = AlertRule['kind'];

/** A rule with the members of its kind, which the API's document leaves open. */
export interface RuleRow extends AlertRule {
  readonly part: string;
  readonly state: string;
  readonly days: number;
  readonly percent: number;
  readonly count: number;
  readonly where: Readonly<Record<string, string>>;
  readonly by?: string;
}

export async function alertRules(signal: AbortSignal): Promise<readonly RuleRow[]> {
  return (await gateway.call('GET /api/v1/alert-rules', { signal })) as readonly RuleRow[];
}

export function Rules({ rules }: { rules: Resource<readonly RuleRow[]> }) {
  const t = texts();
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  return (
    <Panel title={t.rules} flush>
      <View of={rules}>
        {(rows) => (
          <Table
            caption={t.rules}
            rows={rows}
            keyOf={({ name }) => name}
            columns={[
              {
                title: t.name,
                cell: ({ name, origin, note }) => (
                  <>
                    <strong>{name}</strong>{' '}
                    <span class="dim small">{origin === 'stored' ? t.stored : t.built}</span>
                    <p class="dim small">{note}</p>
                  </>
                ),
              },
              { title: t.what, cell: (rule) => conditionText(rule) },
              {
                title: t.severity,
                cell: ({ severity }) => (
                  <Badge tone={severity === 'error' ? 'bad' : 'warn'}>{t[`severity_${severity}`]}</Badge>
                ),
              },
              {
                title: t.tells,
                cell: ({ mail, webhooks, targets, silentUntil }) => (
                  <>
                    {[...mail, ...webhooks, ...targets].join(', ') || t.tellsDefault}
                    {silentUntil === null ? null : (
                      <p class="dim small">
                        {t.silent}, {formatRelative(silentUntil)}
                      </p>
                    )}
                  </>
                ),
              },
              {
                title: words().change,
                quiet: true,
                cell: (rule) => (
                  <RuleActions rule={rule} onChange={rules.reload} onRemove={() => setLeaving(rule.name)} />
                ),
              },
            ]}
          />
        )}
      </View>
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeTitle(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/alert-rules/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            rules.reload();
          }}
        >
          <p>{t.removeText}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function RuleActions(props: { rule: RuleRow; onChange: () => void; onRemove: () => void }) {
  const t = texts();
  const run = useInPassing();
  const { name, origin, silentUntil } = props.rule;
  if (session.value?.role !== 'admin') return null;
  const params = { name };
  const silence = (body: AlertSilence) =>
    gateway.call('POST /api/v1/alert-rules/{name}/silence', { params, body });
  const act = (action: () => Promise<unknown>, text: string) =>
    run(async () => {
      await action();
      toast(text);
      props.onChange();
    });
  return (
    <span class="actions">
      <Button
        small
        label={`${t.test}: ${name}`}
        onClick={() =>
          act(
            () => gateway.call('POST /api/v1/alert-rules/{name}/test', { params, body: {} }),
            t.tested(name),
          )
        }
      >
        {t.test}
      </Button>
      {silentUntil === null ? (
        <Button small onClick={() => act(() => silence({ for: '2h' }), t.silenced(name))}>
          {t.silence}
        </Button>
      ) : (
        <Button small onClick={() => act(() => silence({ off: true }), t.unsilenced(name))}>
          {t.unsilence}
        </Button>
      )}
      {origin === 'stored' ? (
        <Button
          kind="plain"
          small
          icon="trash"
          label={`${words().remove}: ${name}`}
          onClick={props.onRemove}
        />
      ) : null}
    </span>
  );
}

/** The condition in signs that need no grammar. */
function conditionText(rule: RuleRow): string {
  const t = texts();
  const lasting = rule.forS === 0 ? '' : ` · ${formatSpan(rule.forS)}`;
  const window = `${rule.count} / ${formatSpan(rule.windowS)}`;
  switch (rule.kind) {
    case 'health':
      return `${t.kind_health}: ${rule.part} ≥ ${rule.state}${lasting}`;
    case 'feed':
      return `${t.kind_feed}${lasting}`;
    case 'certificate':
      return `${t.kind_certificate}: ≤ ${rule.days} d`;
    case 'disk':
      return `${t.kind_disk} < ${rule.percent} %${lasting}`;
    case 'bans':
      return `${t.kind_bans}: ${window}`;
    case 'events': {
      const where = Object.entries(rule.where).map(([field, value]) => `${field} = ${value}`);
      return `${where.join(', ')}: ${window}${rule.by === undefined ? '' : ` (${rule.by})`}`;
    }
  }
}
