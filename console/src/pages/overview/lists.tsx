import { gateway } from '../../lib/api.ts';
import { shortType, toneOf } from '../../lib/events.ts';
import { formatCount, formatRelative, formatTime } from '../../lib/format.ts';
import { hrefOf } from '../../lib/router.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Badge, Empty, Panel, stateText, Table, Time, View } from '../../ui/index.ts';
import { FEED_TONE } from '../feeds/model.ts';
import { readFeeds } from '../feeds/read-feeds.ts';
import { HEALTH_TONE } from '../health/model.ts';
import { texts } from './texts.ts';

const LATEST = 8;
const EVENTS_MS = 5000;
const STATES_MS = 15_000;

export function LatestDecisions() {
  const t = texts();
  const events = useResource(
    'latest',
    (signal) => gateway.call('GET /api/v1/events', { query: { type: 'decision.', limit: LATEST }, signal }),
    { everyMs: EVENTS_MS },
  );
  return (
    <Panel title={t.latest} flush actions={<a href={hrefOf('log')}>{t.all}</a>}>
      <View of={events}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t.latestNone}>{t.latestNoneText}</Empty>
          ) : (
            <Table
              caption={t.latest}
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  title: t.time,
                  cell: ({ id, time }) => (
                    <a class="mono nowrap" href={hrefOf('log', { event: id })}>
                      <Time at={time}>{formatTime(time)}</Time>
                    </a>
                  ),
                },
                {
                  title: t.what,
                  cell: (event) => <Badge {...toneOf(event)}>{shortType(event.type)}</Badge>,
                },
                {
                  title: t.who,
                  wide: true,
                  cell: ({ user, source }) => <span class="nowrap">{user ?? source ?? '–'}</span>,
                },
                { title: t.target, cut: true, cell: ({ target }) => <code>{target ?? '–'}</code> },
                {
                  title: t.by,
                  wide: true,
                  cell: ({ feed, rule }) => <span class="nowrap dim">{feed ?? rule ?? ''}</span>,
                },
              ]}
            />
          )
        }
      </View>
    </Panel>
  );
}

export function Doors() {
  const t = texts();
  const doors = useResource('doors', (signal) => gateway.call('GET /api/v1/services', { signal }), {
    everyMs: STATES_MS,
  });
  return (
    <Panel title={t.health} flush>
      <View of={doors}>
        {(rows) => (
          <Table
            caption={t.health}
            rows={rows}
            keyOf={({ door }) => door}
            columns={[
              { title: t.door, cell: ({ door }) => <strong class="nowrap">{door}</strong> },
              {
                title: t.state,
                cell: ({ health }) => <Badge tone={HEALTH_TONE[health] ?? 'note'}>{stateText(health)}</Badge>,
              },
              {
                title: t.what,
                cell: ({ reason, ports }) => <span class="dim">{reason || ports.join(', ')}</span>,
              },
            ]}
          />
        )}
      </View>
    </Panel>
  );
}

export function FeedAges() {
  const t = texts();
  const feeds = useResource('feeds', readFeeds, { everyMs: STATES_MS });
  return (
    <Panel title={t.feeds} flush actions={<a href={hrefOf('feeds')}>{t.allFeeds}</a>}>
      <View of={feeds}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.feedsNone}>
              {t.feedsNoneText}
              <a href={hrefOf('feeds')}>{t.feedAdd}</a>
            </Empty>
          ) : (
            <Table
              caption={t.feeds}
              rows={rows}
              keyOf={({ name }) => name}
              columns={[
                { title: t.feed, cell: ({ name }) => <strong>{name}</strong> },
                {
                  title: t.state,
                  cell: ({ subscription }) =>
                    subscription === undefined ? (
                      <Badge tone="note">{t.imported}</Badge>
                    ) : (
                      <Badge tone={FEED_TONE[subscription.state]}>{stateText(subscription.state)}</Badge>
                    ),
                },
                {
                  title: t.entries,
                  right: true,
                  cell: ({ stored, subscription }) =>
                    formatCount(stored?.entries ?? subscription?.entries ?? 0),
                },
                {
                  title: t.age,
                  right: true,
                  cell: ({ stored, subscription }) => (
                    <span class="dim">{formatRelative(subscription?.successAt ?? stored?.importedAt)}</span>
                  ),
                },
              ]}
            />
          )
        }
      </View>
    </Panel>
  );
}
