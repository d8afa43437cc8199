import { shortType, toneOf } from '../../lib/events.ts';
import { formatDate, formatTime } from '../../lib/format.ts';
import type { StoredEvent } from '../../lib/types.ts';
import { Badge, Table, type TableColumn, Time } from '../../ui/index.ts';
import { texts } from './texts.ts';

export function EventTable(props: {
  items: readonly StoredEvent[];
  chosen: string | undefined;
  onOpen: (event: StoredEvent) => void;
  /** The details of one stand beside it: what they say is left out here. */
  isNarrow: boolean;
}) {
  const t = texts();
  return (
    <Table
      caption={t.results}
      rows={props.items}
      keyOf={({ id }) => id}
      onRow={props.onOpen}
      isSelected={({ id }) => id === props.chosen}
      columns={[
        {
          title: t.time,
          cell: (event) => (
            <button
              type="button"
              id={`event-${event.id}`}
              class="link mono nowrap"
              aria-expanded={event.id === props.chosen}
              onClick={() => props.onOpen(event)}
            >
              <span class="dim">{isToday(event.time) ? '' : `${formatDate(event.time)} `}</span>
              <Time at={event.time}>{formatTime(event.time)}</Time>
            </button>
          ),
        },
        { title: t.type, cell: (event) => <Badge {...toneOf(event)}>{shortType(event.type)}</Badge> },
        {
          title: t.source,
          wide: true,
          cell: ({ user, source }) => (
            <span class="nowrap">
              {user ?? ''} <span class="dim mono">{source ?? ''}</span>
            </span>
          ),
        },
        {
          title: t.target,
          cut: true,
          cell: ({ target, count }) => (
            <>
              <code title={target ?? undefined}>{target ?? '–'}</code>
              {count !== null && count !== undefined && count > 1 ? <span class="dim"> ×{count}</span> : null}
            </>
          ),
        },
        ...(props.isNarrow ? [] : [reasonColumn()]),
      ]}
    />
  );
}

function reasonColumn(): TableColumn<StoredEvent> {
  return {
    title: texts().reason,
    wide: true,
    cell: ({ feed, rule, reason }) => <span class="nowrap dim">{feed ?? rule ?? reason ?? ''}</span>,
  };
}

function isToday(time: string): boolean {
  return new Date(time).toDateString() === new Date().toDateString();
}
