import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatDateTime } from '../../lib/format.ts';
import { defineTexts } from '../../lib/language.ts';
import { query, setQuery } from '../../lib/router.ts';
import { usePages } from '../../lib/use-pages.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  Empty,
  ErrorNotice,
  Form,
  Loading,
  PageHead,
  Panel,
  Table,
  TextField,
  Time,
  words,
} from '../../ui/index.ts';

const texts = defineTexts(
  {
    action: 'Action',
    actionHint: 'Whole, or a beginning with a dot: token.',
    actor: 'Who',
    details: 'Details',
    done: 'done',
    failed: 'failed',
    filter: 'Show',
    lead: 'Every change to this gateway, by whom and from where. Entries cannot be changed.',
    none: 'Nothing was found',
    outcome: 'Outcome',
    refused: 'refused',
    source: 'From',
    time: 'Time',
  },
  {
    action: 'Aktion',
    actionHint: 'Ganz, oder ein Anfang mit Punkt: token.',
    actor: 'Wer',
    details: 'Einzelheiten',
    done: 'getan',
    failed: 'gescheitert',
    filter: 'Zeigen',
    lead: 'Jede Änderung an diesem Gateway, von wem und woher. Einträge lassen sich nicht ändern.',
    none: 'Nichts gefunden',
    outcome: 'Ausgang',
    refused: 'verweigert',
    source: 'Von',
    time: 'Zeit',
  },
);

interface Entry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly source: string;
  readonly action: string;
  readonly outcome: 'done' | 'failed' | 'refused';
  readonly details: Readonly<Record<string, unknown>>;
}

const TONE = { done: 'good', failed: 'bad', refused: 'warn' } as const;
const LIMIT = 100;

export function Page() {
  const t = texts();
  const given = { actor: query.value.get('actor') ?? '', action: query.value.get('action') ?? '' };
  const [actor, setActor] = useState(given.actor);
  const [action, setAction] = useState(given.action);
  const entries = usePages<Entry>(JSON.stringify(given), (cursor, signal) =>
    gateway.call('GET /api/v1/audit', { query: { ...given, limit: LIMIT, cursor }, signal }),
  );
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="stack">
        <Panel>
          <Form onSubmit={() => setQuery({ actor: actor.trim(), action: action.trim() })}>
            <div class="form-row">
              <TextField label={t.actor} value={actor} onInput={setActor} />
              <TextField label={t.action} hint={t.actionHint} value={action} onInput={setAction} />
              <div class="field">
                <span class="label" aria-hidden="true">
                  &nbsp;
                </span>
                <div>
                  <Button type="submit" icon="search">
                    {t.filter}
                  </Button>
                </div>
              </div>
            </div>
          </Form>
        </Panel>
        <Panel flush>
          {entries.error === undefined ? null : <ErrorNotice error={entries.error} onAgain={entries.again} />}
          {entries.items.length > 0 ? (
            <Rows rows={entries.items} />
          ) : entries.loading ? (
            <Loading />
          ) : entries.error === undefined ? (
            <Empty title={t.none} />
          ) : null}
          {entries.hasMore ? (
            <div class="panel-body">
              <Button small busy={entries.loading} onClick={entries.more}>
                {words().more}
              </Button>
            </div>
          ) : null}
        </Panel>
      </div>
    </>
  );
}

function Rows({ rows }: { rows: readonly Entry[] }) {
  const t = texts();
  return (
    <Table
      caption={pageTitle.value}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: t.time, cell: ({ at }) => <Time at={at}>{formatDateTime(at)}</Time> },
        { title: t.actor, cell: ({ actor }) => <strong class="nowrap">{actor}</strong> },
        { title: t.action, cell: ({ action }) => <code class="nowrap">{action}</code> },
        { title: t.outcome, cell: ({ outcome }) => <Badge tone={TONE[outcome]}>{t[outcome]}</Badge> },
        { title: t.source, cell: ({ source }) => <code class="nowrap">{source}</code> },
        {
          title: t.details,
          cell: ({ details }) => {
            const said = detailsText(details);
            return said === '' ? null : <div class="name-cell dim small wrap-anywhere">{said}</div>;
          },
        },
      ]}
    />
  );
}

function detailsText(details: Entry['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}
