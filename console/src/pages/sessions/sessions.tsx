import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDateTime, formatRelative } from '../../lib/format.ts';
import { defineTexts } from '../../lib/language.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Empty,
  PageHead,
  Panel,
  Table,
  Time,
  toast,
  View,
} from '../../ui/index.ts';

const texts = defineTexts(
  {
    close: 'End',
    closed: (user: string) => `The session of ${user} is over`,
    closeText: 'It is over at once, everywhere. What was not saved there is lost.',
    closeTitle: (user: string) => `End the session of ${user}?`,
    console: 'Console',
    kind: 'Way in',
    lead: 'Who is signed in, by the console or by SSH.',
    none: 'Nobody is signed in',
    role: 'Role',
    seen: 'Last seen',
    since: 'Since',
    source: 'From',
    this: 'this one',
    user: 'User',
  },
  {
    close: 'Beenden',
    closed: (user) => `Die Sitzung von ${user} ist beendet`,
    closeText: 'Sie ist sofort und überall vorbei. Was dort nicht gespeichert war, ist verloren.',
    closeTitle: (user) => `Die Sitzung von ${user} beenden?`,
    console: 'Konsole',
    kind: 'Zugang',
    lead: 'Wer angemeldet ist, über die Konsole oder über SSH.',
    none: 'Niemand ist angemeldet',
    role: 'Rolle',
    seen: 'Zuletzt',
    since: 'Seit',
    source: 'Von',
    this: 'diese',
    user: 'Benutzer',
  },
);

interface SessionRow {
  readonly id: string;
  readonly kind: 'console' | 'ssh';
  readonly user: string;
  readonly role: string;
  readonly source: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  readonly current?: boolean;
}

const EVERY_MS = 10_000;

export function Page() {
  const t = texts();
  const [leaving, setLeaving] = useState<SessionRow | undefined>(undefined);
  const sessions = useResource('sessions', (signal) => gateway.call('GET /api/v1/sessions', { signal }), {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <Panel flush>
        <View of={sessions}>
          {(rows) =>
            rows.length === 0 ? <Empty title={t.none} /> : <Rows rows={rows} onLeave={setLeaving} />
          }
        </View>
      </Panel>
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.closeTitle(leaving.user)}
          action={t.close}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/sessions/{id}', { params: { id: leaving.id } });
            toast(t.closed(leaving.user));
            sessions.reload();
          }}
        >
          <p>{t.closeText}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Rows({ rows, onLeave }: { rows: readonly SessionRow[]; onLeave: (row: SessionRow) => void }) {
  const t = texts();
  return (
    <Table
      caption={pageTitle.value}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: t.user,
          cell: ({ user, current }) => (
            <span class="nowrap">
              <strong>{user}</strong> {current === true ? <Badge tone="good">{t.this}</Badge> : null}
            </span>
          ),
        },
        { title: t.kind, cell: ({ kind }) => (kind === 'ssh' ? 'SSH' : t.console) },
        { title: t.role, cell: ({ role }) => role },
        { title: t.source, cell: ({ source }) => <code>{source}</code> },
        { title: t.since, cell: ({ startedAt }) => <Time at={startedAt}>{formatDateTime(startedAt)}</Time> },
        {
          title: t.seen,
          cell: ({ lastSeenAt }) => <span class="nowrap dim">{formatRelative(lastSeenAt)}</span>,
        },
        {
          title: t.close,
          quiet: true,
          cell: (row) =>
            session.value?.role === 'admin' ? (
              <span class="actions">
                <Button small kind="danger" label={`${t.close}: ${row.user}`} onClick={() => onLeave(row)}>
                  {t.close}
                </Button>
              </span>
            ) : null,
        },
      ]}
    />
  );
}
