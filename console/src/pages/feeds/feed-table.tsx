import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes, formatCount, formatRelative } from '../../lib/format.ts';
import type { Resource } from '../../lib/use-resource.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Empty,
  Panel,
  stateText,
  Table,
  toast,
  useInPassing,
  View,
  words,
} from '../../ui/index.ts';
import { FEED_TONE, type FeedRow } from './model.ts';
import { texts } from './texts.ts';

export function FeedTable({ feeds }: { feeds: Resource<readonly FeedRow[]> }) {
  const t = texts();
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  return (
    <Panel title={t.feeds} flush>
      <View of={feeds}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.none}>{t.noneText}</Empty>
          ) : (
            <Table
              caption={t.feeds}
              rows={rows}
              keyOf={({ name }) => name}
              columns={[
                { title: t.name, cell: NameCell },
                { title: t.state, cell: StateCell },
                { title: t.action, cell: ({ stored }) => <ActionText action={stored?.action} /> },
                { title: t.category, cell: ({ stored }) => stored?.category ?? '' },
                {
                  title: t.entries,
                  right: true,
                  cell: ({ stored, subscription }) =>
                    formatCount(stored?.entries ?? subscription?.entries ?? 0),
                },
                {
                  title: t.age,
                  right: true,
                  cell: ({ stored, subscription }) =>
                    formatRelative(subscription?.successAt ?? stored?.importedAt),
                },
                {
                  title: t.next,
                  right: true,
                  cell: ({ subscription }) =>
                    subscription?.nextAt ? (
                      <span class="dim">{formatRelative(subscription.nextAt)}</span>
                    ) : null,
                },
                {
                  title: words().change,
                  quiet: true,
                  cell: (row) => (
                    <Actions row={row} onChange={feeds.reload} onRemove={() => setLeaving(row.name)} />
                  ),
                },
              ]}
            />
          )
        }
      </View>
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeFeed(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/feeds/{name}', { params: { name: leaving } });
            toast(t.ended(leaving));
            feeds.reload();
          }}
        >
          <p>{t.removeText}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function NameCell({ name, stored, subscription }: FeedRow) {
  return (
    <div class="name-cell">
      <strong>{name}</strong>
      <p class="dim small wrap-anywhere">{subscription?.url ?? stored?.source ?? ''}</p>
      {stored === undefined ? null : (
        <p class="dim small">
          {stored.format} · {formatBytes(stored.bytes)}
        </p>
      )}
    </div>
  );
}

function StateCell({ stored, subscription }: FeedRow) {
  const t = texts();
  if (subscription === undefined)
    return (
      <>
        <Badge tone="note">{t.importedFeed}</Badge>
        {stored !== undefined && stored.rejected > 0 ? (
          <p class="dim small">{t.rejected(formatCount(stored.rejected))}</p>
        ) : null}
      </>
    );
  const { state, reason, running } = subscription;
  return (
    <>
      <Badge tone={FEED_TONE[state]}>{stateText(state)}</Badge>
      {running ? <p class="dim small">{t.started(subscription.name)}</p> : null}
      {reason === '' || state === 'ok' ? null : <p class="name-cell dim small wrap-anywhere">{reason}</p>}
    </>
  );
}

function ActionText({ action }: { action: string | undefined }) {
  const t = texts();
  if (action === undefined) return null;
  if (action === 'block') return <span class="nowrap">{t.block}</span>;
  return <span class="nowrap">{action === 'allow' ? t.allow : action}</span>;
}

function Actions({ row, onChange, onRemove }: { row: FeedRow; onChange: () => void; onRemove: () => void }) {
  const t = texts();
  const run = useInPassing();
  const { name, subscription } = row;
  if (session.value?.role !== 'admin') return null;
  const params = { name };
  const act = (action: () => Promise<unknown>, text: string) =>
    run(async () => {
      await action();
      toast(text);
      onChange();
    });
  const isOff = subscription?.state === 'disabled';
  return (
    <span class="actions">
      {subscription === undefined ? null : (
        <>
          <Button
            kind="plain"
            small
            icon="refresh"
            label={`${t.sync}: ${name}`}
            onClick={() =>
              act(() => gateway.call('POST /api/v1/feeds/{name}/sync', { params, body: {} }), t.started(name))
            }
          />
          <Button
            kind="plain"
            small
            icon={isOff ? 'play' : 'pause'}
            label={`${isOff ? t.enable : t.disable}: ${name}`}
            onClick={() =>
              act(
                () => gateway.call('PATCH /api/v1/feeds/{name}', { params, body: { enabled: isOff } }),
                isOff ? t.enable : t.disable,
              )
            }
          />
        </>
      )}
      <Button kind="plain" small icon="trash" label={`${words().remove}: ${name}`} onClick={onRemove} />
    </span>
  );
}
