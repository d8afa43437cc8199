import { useState } from 'preact/hooks';
import type { QuarantineItem } from '../../../../client/index.ts';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes, formatDateTime, formatRelative } from '../../lib/format.ts';
import { query } from '../../lib/router.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Empty,
  PageHead,
  Panel,
  Segmented,
  Table,
  TextField,
  Time,
  toast,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

type Item = QuarantineItem;

type State = 'all' | 'kept' | 'released';
const LIMIT = '500';

export function Page() {
  const t = texts();
  const [state, setState] = useState<State>('kept');
  const [asked, setAsked] = useState<{ item: Item; what: 'release' | 'purge' } | undefined>(undefined);
  const items = useResource(`quarantine ${state}`, (signal) =>
    gateway.call('GET /api/v1/quarantine', {
      query: { limit: LIMIT, state: state === 'all' ? undefined : state },
      signal,
    }),
  );
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {items.data === undefined ? null : (
          <span class="dim">{t.stored(formatBytes(items.data.storedBytes))}</span>
        )}
        <Segmented<State>
          label={t.state}
          value={state}
          options={[
            ['kept', t.kept],
            ['released', t.released],
            ['all', t.all],
          ]}
          onChange={setState}
        />
      </PageHead>
      <Panel flush>
        <View of={items}>
          {({ items: rows }) =>
            rows.length === 0 ? (
              <Empty icon="check" title={t.none}>
                {t.noneText}
              </Empty>
            ) : (
              <Items rows={rows} onAsk={(item, what) => setAsked({ item, what })} />
            )
          }
        </View>
      </Panel>
      {asked === undefined ? null : (
        <Question {...asked} onClose={() => setAsked(undefined)} onDone={items.reload} />
      )}
    </>
  );
}

function Items(props: { rows: readonly Item[]; onAsk: (item: Item, what: 'release' | 'purge') => void }) {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  return (
    <Table
      caption={pageTitle.value}
      rows={props.rows}
      keyOf={({ id }) => id}
      isSelected={({ id }) => id === query.value.get('item')}
      columns={[
        {
          title: t.file,
          cell: ({ name, sha256, media }) => (
            <>
              <strong class="wrap-anywhere">{name || sha256.slice(0, 16)}</strong>
              <p class="dim small mono" title={sha256}>
                {sha256.slice(0, 16)}… · {media}
              </p>
            </>
          ),
        },
        {
          title: t.state,
          cell: ({ state }) => <Badge tone={state === 'kept' ? 'warn' : 'good'}>{t[state]}</Badge>,
        },
        { title: t.finding, cell: ({ finding, rule }) => finding?.name ?? rule ?? '' },
        { title: t.bytes, right: true, cell: ({ bytes }) => formatBytes(bytes) },
        { title: t.who, cell: ({ user, source, door }) => `${user ?? source} · ${door}` },
        { title: t.time, cell: ({ keptAt }) => <Time at={keptAt}>{formatDateTime(keptAt)}</Time> },
        {
          title: t.expires,
          cell: ({ expiresAt }) => <span class="nowrap dim">{formatRelative(expiresAt)}</span>,
        },
        {
          title: words().change,
          quiet: true,
          cell: (item) =>
            isAdmin ? (
              <span class="actions">
                {item.state === 'kept' ? (
                  <Button small icon="check" onClick={() => props.onAsk(item, 'release')}>
                    {t.release}
                  </Button>
                ) : null}
                <Button
                  kind="plain"
                  small
                  icon="trash"
                  label={`${t.purge}: ${item.name}`}
                  onClick={() => props.onAsk(item, 'purge')}
                />
              </span>
            ) : null,
        },
      ]}
    />
  );
}

function Question(props: { item: Item; what: 'release' | 'purge'; onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [note, setNote] = useState('');
  const { item, what } = props;
  const name = item.name || item.sha256.slice(0, 16);
  const isRelease = what === 'release';
  return (
    <ConfirmDialog
      title={isRelease ? t.releaseTitle(name) : t.purgeTitle(name)}
      action={isRelease ? t.release : t.purge}
      danger={!isRelease}
      onClose={props.onClose}
      onConfirm={async () => {
        const params = { id: item.id };
        const body = note.trim() === '' ? {} : { note: note.trim() };
        if (isRelease) await gateway.call('POST /api/v1/quarantine/{id}/release', { params, body });
        else await gateway.call('DELETE /api/v1/quarantine/{id}', { params });
        toast(isRelease ? t.releaseDone(name) : t.purgeDone(name));
        props.onDone();
      }}
    >
      <p>{isRelease ? t.releaseText : t.purgeText}</p>
      {isRelease ? <TextField label={words().note} value={note} onInput={setNote} maxLength={500} /> : null}
    </ConfirmDialog>
  );
}
