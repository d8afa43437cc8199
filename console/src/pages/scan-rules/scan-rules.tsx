import { useState } from 'preact/hooks';
import type { RuleSet } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { hrefOf } from '../../lib/router.ts';
import { pageTitle } from '../../lib/title.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Button, ConfirmDialog, Empty, PageHead, Panel, Table, toast, View, words } from '../../ui/index.ts';
import { AddSet } from './add-set.tsx';
import { texts } from './texts.ts';

/** The rules of the release: they are always matched. */
const SHIPPED = 'shipped';

export function Page() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const rules = useResource('scan-rules', (signal) => gateway.call('GET /api/v1/scan-rules', { signal }));
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {isAdmin ? (
          <Button kind="primary" icon="plus" onClick={() => setIsAdding(true)}>
            {t.add}
          </Button>
        ) : null}
      </PageHead>
      <Panel
        title={t.sets}
        flush
        actions={
          rules.data === undefined || rules.data.sets.length === 0 ? undefined : (
            <span class="dim small">{t.inForce(rules.data.version.slice(0, 12))}</span>
          )
        }
      >
        <View of={rules}>
          {({ sets }) =>
            sets.length === 0 ? (
              <Empty title={t.none}>{t.noneText}</Empty>
            ) : (
              <Sets rows={sets} onLeave={isAdmin ? setLeaving : undefined} />
            )
          }
        </View>
        <p class="panel-note dim small">
          {t.subscribe} <a href={hrefOf('feeds')}>{t.subscribeLink}</a>
        </p>
      </Panel>
      {isAdding ? <AddSet onClose={() => setIsAdding(false)} onDone={rules.reload} /> : null}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeTitle(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/scan-rules/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            rules.reload();
          }}
        >
          <p>{t.removeText}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Sets(props: { rows: readonly RuleSet[]; onLeave: ((name: string) => void) | undefined }) {
  const t = texts();
  const { onLeave } = props;
  return (
    <Table
      caption={t.sets}
      rows={props.rows}
      keyOf={({ name }) => name}
      columns={[
        {
          title: t.name,
          cell: ({ name }) => (
            <>
              <strong>{name}</strong>
              {name === SHIPPED ? <p class="dim small">{t.shipped}</p> : null}
            </>
          ),
        },
        { title: t.rules, right: true, cell: ({ rules }) => formatCount(rules) },
        { title: t.files, right: true, wide: true, cell: ({ files }) => formatCount(files) },
        { title: t.bytes, right: true, cell: ({ bytes }) => formatBytes(bytes) },
        { title: t.version, wide: true, cell: ({ version }) => <code>{version.slice(0, 12)}</code> },
        {
          title: words().change,
          quiet: true,
          cell: ({ name }) =>
            onLeave === undefined || name === SHIPPED ? null : (
              <span class="actions">
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
