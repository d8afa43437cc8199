import { useState } from 'preact/hooks';
import type { Alert } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatDateTime, formatRelative } from '../../lib/format.ts';
import { pageTitle } from '../../lib/title.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Badge, Button, Empty, PageHead, Panel, Table, Time, View } from '../../ui/index.ts';
import { AddRule } from './add-rule.tsx';
import { alertRules, Rules } from './rules.tsx';
import { texts } from './texts.ts';

const EVERY_MS = 10_000;

export function Page() {
  const t = texts();
  const [isAdding, setIsAdding] = useState(false);
  const rules = useResource('rules', alertRules);
  const alarms = useResource('alarms', (signal) => gateway.call('GET /api/v1/alerts', { signal }), {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {session.value?.role === 'admin' ? (
          <Button kind="primary" icon="plus" onClick={() => setIsAdding(true)}>
            {t.add}
          </Button>
        ) : null}
      </PageHead>
      <div class="stack">
        <Panel title={t.active} flush>
          <View of={alarms}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty icon="check" title={t.none}>
                  {t.noneText}
                </Empty>
              ) : (
                <Alarms rows={rows} />
              )
            }
          </View>
        </Panel>
        <Rules rules={rules} />
      </div>
      {isAdding ? <AddRule onClose={() => setIsAdding(false)} onDone={rules.reload} /> : null}
    </>
  );
}

function Alarms({ rows }: { rows: readonly Alert[] }) {
  const t = texts();
  return (
    <Table
      caption={t.active}
      rows={rows}
      keyOf={({ rule, about }) => `${rule} ${about}`}
      columns={[
        {
          title: t.severity,
          cell: ({ severity }) => (
            <Badge tone={severity === 'error' ? 'bad' : 'warn'}>{t[`severity_${severity}`]}</Badge>
          ),
        },
        { title: t.what, cell: ({ text }) => text },
        { title: t.rule, cell: ({ rule }) => <code class="nowrap">{rule}</code> },
        { title: t.since, cell: ({ since }) => <Time at={since}>{formatDateTime(since)}</Time> },
        {
          title: t.told,
          cell: ({ silent, toldAt }) => (
            <span class="nowrap dim">{silent ? t.silent : formatRelative(toldAt)}</span>
          ),
        },
      ]}
    />
  );
}
