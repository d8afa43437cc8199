import { gateway } from '../../lib/api.ts';
import { formatCount, formatDateTime } from '../../lib/format.ts';
import { defineTexts } from '../../lib/language.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import { Badge, Button, PageHead, Panel, stateText, Table, View, words } from '../../ui/index.ts';
import { Doctor } from './doctor.tsx';
import { HEALTH_TONE } from './model.ts';

const texts = defineTexts(
  {
    connections: 'Connections',
    door: 'Door',
    doors: 'Doors',
    generation: 'Generation',
    lead: 'Every process, door and engine, and what each of them says about itself.',
    part: 'Part',
    parts: 'Parts',
    pid: 'Process',
    processes: 'Processes',
    reason: 'What it says',
    role: 'Role',
    since: (when: string) => `since ${when}`,
    state: 'State',
    version: (name: string) => `Release ${name}`,
    what: 'What for',
  },
  {
    connections: 'Verbindungen',
    door: 'Tür',
    doors: 'Türen',
    generation: 'Generation',
    lead: 'Jeder Prozess, jede Tür und jedes Werk, und was es über sich selbst sagt.',
    part: 'Teil',
    parts: 'Teile',
    pid: 'Prozess',
    processes: 'Prozesse',
    reason: 'Was es sagt',
    role: 'Rolle',
    since: (when) => `seit ${when}`,
    state: 'Zustand',
    version: (name) => `Version ${name}`,
    what: 'Wofür',
  },
);

const EVERY_MS = 10_000;

export function Page() {
  const t = texts();
  const status = useResource('status', (signal) => gateway.call('GET /api/v1/status', { signal }), {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {status.data === undefined ? null : <span class="dim">{t.version(status.data.version)}</span>}
        <Button icon="refresh" onClick={status.reload}>
          {words().refresh}
        </Button>
      </PageHead>
      <div class="stack">
        <Doctor />
        <div class="columns">
          <Parts />
          <div class="stack">
            <Panel title={t.processes} flush>
              <View of={status}>
                {({ processes }) => (
                  <Table
                    caption={t.processes}
                    rows={processes}
                    keyOf={({ pid }) => pid}
                    columns={[
                      { title: t.role, cell: ({ role }) => <strong>{role}</strong> },
                      { title: t.pid, right: true, cell: ({ pid }) => pid },
                      { title: t.state, cell: ({ state }) => <State of={state} /> },
                      { title: t.connections, right: true, cell: (row) => formatCount(row.connections) },
                      { title: t.generation, right: true, cell: ({ generation }) => generation },
                    ]}
                  />
                )}
              </View>
            </Panel>
            <Doors />
          </div>
        </div>
      </div>
    </>
  );
}

function State({ of }: { of: string }) {
  return <Badge tone={HEALTH_TONE[of] ?? 'note'}>{stateText(of)}</Badge>;
}

function Parts() {
  const t = texts();
  const health = useResource('health', (signal) => gateway.call('GET /api/v1/health', { signal }), {
    everyMs: EVERY_MS,
  });
  return (
    <Panel title={t.parts} flush>
      <View of={health}>
        {({ parts }) => (
          <Table
            caption={t.parts}
            // What is unwell first.
            rows={parts.toSorted((a, b) => Number(a.state === 'ok') - Number(b.state === 'ok'))}
            keyOf={({ part }) => part}
            columns={[
              { title: t.part, cell: ({ part }) => <strong class="nowrap">{part}</strong> },
              { title: t.state, cell: ({ state }) => <State of={state} /> },
              {
                title: t.reason,
                cell: ({ code, reason, since }) =>
                  code === '' && reason === '' ? null : (
                    <span class="dim">
                      {code === '' ? null : <code class="nowrap">{code}</code>} {reason}
                      {code === '' ? null : <div>{t.since(formatDateTime(since))}</div>}
                    </span>
                  ),
              },
            ]}
          />
        )}
      </View>
    </Panel>
  );
}

function Doors() {
  const t = texts();
  const doors = useResource('services', (signal) => gateway.call('GET /api/v1/services', { signal }));
  return (
    <Panel title={t.doors} flush>
      <View of={doors}>
        {(rows) => (
          <Table
            caption={t.doors}
            rows={rows}
            keyOf={({ door }) => door}
            columns={[
              { title: t.door, cell: ({ door }) => <strong class="nowrap">{door}</strong> },
              { title: t.state, cell: ({ health }) => <State of={health} /> },
              { title: t.what, cell: ({ summary, reason }) => <span class="dim">{reason || summary}</span> },
            ]}
          />
        )}
      </View>
    </Panel>
  );
}
