import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { listsOut } from '../../lib/open-answers.ts';
import { query, setQuery } from '../../lib/router.ts';
import { pageTitle } from '../../lib/title.ts';
import type { ListOut } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Badge, Button, ConfirmDialog, PageHead, Panel, Table, toast, View, words } from '../../ui/index.ts';
import { AddExport } from './add-export.tsx';
import { Addresses } from './addresses.tsx';
import { Collections } from './collections.tsx';
import { texts } from './texts.ts';

export function Page() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const lists = useResource('exports', listsOut);
  const chosen = query.value.get('list') ?? undefined;
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {isAdmin ? (
          <Button kind="primary" icon="plus" onClick={() => setIsAdding(true)}>
            {t.add}
          </Button>
        ) : null}
      </PageHead>
      <div class="stack">
        <Panel title={t.exports} flush>
          <View of={lists}>
            {(rows) => <Lists rows={rows} chosen={chosen} onLeave={isAdmin ? setLeaving : undefined} />}
          </View>
        </Panel>
        {chosen === undefined ? null : (
          <Addresses key={chosen} name={chosen} onClose={() => setQuery({ list: undefined })} />
        )}
        <Collections isAdmin={isAdmin} />
      </div>
      {isAdding ? (
        <AddExport
          onClose={() => setIsAdding(false)}
          onDone={(name) => {
            lists.reload();
            setQuery({ list: name });
          }}
        />
      ) : null}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeTitle(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/exports/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            if (leaving === chosen) setQuery({ list: undefined });
            lists.reload();
          }}
        >
          <p>{t.removeText}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Lists(props: {
  rows: readonly ListOut[];
  chosen: string | undefined;
  onLeave: ((name: string) => void) | undefined;
}) {
  const t = texts();
  const { onLeave, chosen } = props;
  return (
    <Table
      caption={t.exports}
      rows={props.rows}
      keyOf={({ name }) => name}
      isSelected={({ name }) => name === chosen}
      onRow={({ name }) => setQuery({ list: name })}
      columns={[
        {
          title: t.name,
          cell: ({ name, note }) => (
            <>
              <strong>{name}</strong>
              <p class="dim small">{note}</p>
            </>
          ),
        },
        { title: t.what, wide: true, cell: (row) => <span class="small">{contentsOf(row)}</span> },
        {
          title: t.access,
          wide: true,
          cell: (row) => (
            <Badge tone={row.public ? 'good' : 'note'} icon={row.public ? 'check' : 'key'}>
              {row.public ? t.access_public : t.access_token}
            </Badge>
          ),
        },
        {
          title: t.origin,
          wide: true,
          cell: ({ origin }) => <span class="nowrap dim">{t[`origin_${origin}`]}</span>,
        },
        {
          title: words().change,
          quiet: true,
          cell: ({ name, origin }) => (
            <span class="actions">
              <Button
                small
                label={t.addresses(name)}
                expanded={name === chosen}
                onClick={() => setQuery({ list: name })}
              >
                {t.choose}
              </Button>
              {onLeave === undefined || origin !== 'stored' ? null : (
                <Button
                  kind="plain"
                  small
                  icon="trash"
                  label={`${words().remove}: ${name}`}
                  onClick={() => onLeave(name)}
                />
              )}
            </span>
          ),
        },
      ]}
    />
  );
}

/** `urlhaus · address, network · ≥ high · ≤ 30 d · TLP:GREEN` */
function contentsOf({ filter }: ListOut): string {
  const t = texts();
  const { feeds, kinds, categories, severityMin, action, maxAgeS, tlpMax } = filter;
  const actions: Readonly<Record<string, string>> = {
    block: t.action_block,
    allow: t.action_allow,
    label: t.action_label,
  };
  return [
    feeds.length === 0 ? '' : feeds.join(', '),
    kinds.join(', '),
    categories.join(', '),
    actions[action] ?? '',
    severityMin === 'low' ? '' : `≥ ${severityMin}`,
    maxAgeS === undefined ? '' : `≤ ${Math.round(maxAgeS / 86_400)} d`,
    tlpMax === 'amber+strict' ? '' : `TLP:${tlpMax.toUpperCase()}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
