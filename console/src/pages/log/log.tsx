import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, formatDateTime } from '../../lib/format.ts';
import { gateway } from '../../lib/api.ts';
import { query, setQuery } from '../../lib/router.ts';
import type { StoredEvent } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import { Button, Empty, ErrorNotice, Loading, Notice, PageHead, words } from '../../ui/index.ts';
import { EventDetail } from './detail.tsx';
import { EventTable } from './event-table.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filtersOf, questionOf } from './filters.ts';
import './log.css';
import { texts } from './texts.ts';
import { useEvents } from './use-events.ts';

export function Page() {
  const t = texts();
  const filters = filtersOf(query.value);
  const key = JSON.stringify(filters);
  // The beginning of a range is fixed when the filters change, not at every drawing.
  const question = useMemo(() => questionOf(filters), [key]);
  const [isLive, setIsLive] = useState(false);
  const events = useEvents(question, isLive);
  const { items } = events;
  const chosen = query.value.get('event') ?? undefined;
  const listed = items.find(({ id }) => id === chosen);
  // A link may name an event that is not in the list: older, or of other filters.
  const linked = useResource(
    `event ${chosen}`,
    (signal) => gateway.call('GET /api/v1/events/{id}', { params: { id: chosen ?? '' }, signal }),
    { enabled: chosen !== undefined && listed === undefined && !events.loading },
  );
  const event = listed ?? (chosen === undefined ? undefined : linked.data);
  const open = (each: StoredEvent) => setQuery({ event: each.id });
  const close = () => {
    setQuery({ event: undefined });
    if (chosen !== undefined) document.getElementById(`event-${chosen}`)?.focus();
  };
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="stack">
        <FilterBar
          filters={filters}
          onRefresh={events.again}
          isLive={isLive}
          onLive={() => setIsLive(!isLive)}
        />
        {events.broken ? <Notice tone="warn">{t.stopped}</Notice> : null}
        {events.error === undefined ? null : <ErrorNotice error={events.error} onAgain={events.again} />}
        {event === undefined && chosen !== undefined && linked.error !== undefined ? (
          <ErrorNotice error={linked.error} />
        ) : null}
        <div class={event === undefined ? 'log' : 'log with-detail'}>
          <section class="panel" aria-label={t.results} aria-busy={events.loading}>
            {items.length > 0 ? (
              <EventTable items={items} chosen={chosen} onOpen={open} isNarrow={event !== undefined} />
            ) : events.loading ? (
              <Loading />
            ) : events.error === undefined ? (
              <Empty icon="search" title={t.none}>
                {t.noneText}
              </Empty>
            ) : null}
            <Foot events={events} />
          </section>
          {event === undefined ? null : <EventDetail key={event.id} event={event} onClose={close} />}
        </div>
      </div>
    </>
  );
}

/** The next page comes when the end of the list comes into view; the button does the same by keyboard. */
function Foot({ events }: { events: ReturnType<typeof useEvents> }) {
  const t = texts();
  const foot = useRef<HTMLDivElement>(null);
  const { hasMore, items, scannedTo } = events;
  const more = useRef(events.more);
  more.current = events.more;
  useEffect(() => {
    const { current: element } = foot;
    // A search for text that came to the end of its time goes on by hand alone.
    if (element === null || !hasMore || scannedTo !== undefined) return undefined;
    const observer = new IntersectionObserver(
      (entries) => void (entries.some(({ isIntersecting }) => isIntersecting) && more.current()),
      { rootMargin: '400px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, scannedTo, items.length]);
  return (
    <div class="log-foot" ref={foot}>
      <span class="dim small" role="status">
        {items.length === 0 ? '' : t.count(formatCount(items.length))}{' '}
        {scannedTo === undefined ? '' : t.scannedTo(formatDateTime(scannedTo))}
      </span>
      {hasMore ? (
        <Button small busy={events.loading} onClick={events.more}>
          {words().more}
        </Button>
      ) : null}
    </div>
  );
}
