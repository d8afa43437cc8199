import { useState } from 'preact/hooks';
import type { LogTargetStatus } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { pageTitle } from '../../lib/title.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Empty,
  PageHead,
  Panel,
  Table,
  toast,
  useInPassing,
  type Tone,
  View,
  words,
} from '../../ui/index.ts';
import { AddTarget } from './add-target.tsx';
import { texts } from './texts.ts';

type Target = LogTargetStatus;

const TONE: Readonly<Record<string, Tone>> = { ok: 'good', failing: 'bad', idle: 'note' };
const EVERY_MS = 5000;

export function Page() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const targets = useResource('targets', (signal) => gateway.call('GET /api/v1/log-targets', { signal }), {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {isAdmin ? (
          <Button kind="primary" icon="plus" onClick={() => setIsAdding(true)}>
            {t.add}
          </Button>
        ) : null}
      </PageHead>
      <Panel flush>
        <View of={targets}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={t.none}>{t.noneText}</Empty>
            ) : (
              <Rows rows={rows} onLeave={isAdmin ? setLeaving : undefined} />
            )
          }
        </View>
      </Panel>
      {isAdding ? <AddTarget onClose={() => setIsAdding(false)} onDone={targets.reload} /> : null}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeTitle(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/log-targets/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            targets.reload();
          }}
        >
          <p>{t.removeText}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Rows(props: { rows: readonly Target[]; onLeave: ((name: string) => void) | undefined }) {
  const t = texts();
  const { onLeave } = props;
  const run = useInPassing();
  const test = (name: string) =>
    run(async () => {
      await gateway.call('POST /api/v1/log-targets/{name}/test', { params: { name }, body: {} });
      toast(t.tested(name));
    });
  return (
    <Table
      caption={pageTitle.value}
      rows={props.rows}
      keyOf={({ name }) => name}
      columns={[
        {
          title: t.name,
          cell: ({ name, url }) => (
            <>
              <strong>{name}</strong>
              <p class="dim small wrap-anywhere">{url}</p>
            </>
          ),
        },
        {
          title: t.state,
          cell: ({ state, reason }) => (
            <>
              <Badge tone={TONE[state] ?? 'note'}>{state}</Badge>
              <p class="dim small wrap-anywhere">{reason}</p>
            </>
          ),
        },
        { title: t.format, cell: ({ format }) => format.toUpperCase() },
        { title: t.types, cell: ({ types, severity }) => [...types, severity].join(', ') },
        { title: t.sent, right: true, cell: ({ sent }) => formatCount(sent) },
        {
          title: t.waiting,
          right: true,
          cell: ({ waitingBytes, droppedBytes }) => (
            <>
              {formatBytes(waitingBytes)}
              {droppedBytes === 0 ? null : <p class="dim small">{t.lost(formatBytes(droppedBytes))}</p>}
            </>
          ),
        },
        {
          title: words().change,
          quiet: true,
          cell: ({ name }) =>
            onLeave === undefined ? null : (
              <span class="actions">
                <Button small label={`${t.test}: ${name}`} onClick={() => test(name)}>
                  {t.test}
                </Button>
                <Button
                  kind="plain"
                  small
                  icon="trash"
                  label={`${words().remove}: ${name}`}
                  onClick={() => onLeave(name)}
                />
              </span>
            ),
        },
      ]}
    />
  );
}
