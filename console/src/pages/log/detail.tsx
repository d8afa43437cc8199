import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { shortType, textDetail, toneOf, urlOf } from '../../lib/events.ts';
import { formatBytes, formatDateTime } from '../../lib/format.ts';
import type { StoredEvent } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Badge, Button, Facts, Icon, Notice, View, words } from '../../ui/index.ts';
import { Explanation } from '../../ui/explanation.tsx';
import { ModelSays } from '../../ui/judged.tsx';
import { AllowDialog } from './allow.tsx';
import { type FieldName, setField } from './filters.ts';
import { texts } from './texts.ts';

/** One event: what happened to whom, why, and the way to allow it. */
export function EventDetail({ event, onClose }: { event: StoredEvent; onClose: () => void }) {
  const t = texts();
  const heading = useRef<HTMLHeadingElement>(null);
  // Before the browser draws: a key that is pressed as soon as the details are seen is meant for them.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const [isAllowing, setIsAllowing] = useState(false);
  const url = urlOf(event);
  const explained = useResource(
    `explain ${event.id}`,
    (signal) => gateway.call('GET /api/v1/explain', { query: questionAbout(event, url), signal }),
    { enabled: url !== undefined },
  );
  const isRefusal =
    /^decision\.(?:block|warn|quarantine)$/.test(event.type) || textDetail(event, 'decision') === 'block';
  const isNowAllowed = isRefusal && explained.data?.decision === 'allow';
  return (
    <aside
      class="panel detail"
      aria-labelledby="event-title"
      onKeyDown={(press) => {
        if (press.key === 'Escape' && !isAllowing) onClose();
      }}
    >
      <div class="panel-head">
        <h2 id="event-title" tabIndex={-1} ref={heading}>
          <Badge {...toneOf(event)}>{shortType(event.type)}</Badge>
        </h2>
        <div class="row">
          {isRefusal && !isNowAllowed && session.value?.role === 'admin' ? (
            <Button
              small
              kind="primary"
              icon="check"
              // What decides now says what has to be changed.
              busy={url !== undefined && explained.data === undefined && explained.error === undefined}
              onClick={() => setIsAllowing(true)}
            >
              {t.allow}
            </Button>
          ) : null}
          <Button kind="plain" small icon="cross" label={words().close} onClick={onClose} />
        </div>
      </div>
      <div class="panel-body stack">
        <EventFacts event={event} />
        {url === undefined ? null : (
          <section class="stack-s">
            <h3>{t.explainTitle}</h3>
            {isNowAllowed ? <Notice tone="good">{t.isAllowed}</Notice> : null}
            <View of={explained}>{(data) => <Explanation of={data} />}</View>
          </section>
        )}
        {url === undefined ? null : <ModelSays kind="url" value={url} />}
        <Details of={event} />
      </div>
      {isAllowing ? (
        <AllowDialog
          event={event}
          explanation={explained.data}
          onDone={explained.reload}
          onClose={() => setIsAllowing(false)}
        />
      ) : null}
    </aside>
  );
}

function EventFacts({ event }: { event: StoredEvent }) {
  const t = texts();
  const filterable = (name: FieldName, value: string | null | undefined) =>
    value === null || value === undefined || value === '' ? undefined : (
      <span class="with-filter">
        <code>{value}</code>
        <button
          type="button"
          class="link dim"
          aria-label={t.filterBy(t[name])}
          title={t.filterBy(t[name])}
          onClick={() => setField(name, value)}
        >
          <Icon name="search" />
        </button>
      </span>
    );
  return (
    <>
      <Facts
        facts={[
          [t.time, formatDateTime(event.time)],
          [t.type, filterable('type', event.type)],
          [t.target, filterable('target', event.target)],
          [t.user, filterable('user', event.user)],
          [t.source, filterable('source', event.source)],
          [t.door, filterable('door', event.door)],
          [t.reason, event.reason],
          [t.rule, filterable('rule', event.rule)],
          [t.feed, filterable('feed', event.feed)],
        ]}
      />
    </>
  );
}

/** What the door noted besides. Details that every door names get a name in words; others are shown as they came. */
function Details({ of: { type, details } }: { of: StoredEvent }) {
  const t = texts();
  const named: Readonly<Record<string, string>> = {
    agent: t.agent,
    bytesIn: t.bytesIn,
    bytesOut: t.bytesOut,
    entry: t.entry,
    id: t.request,
    method: t.method,
    score: t.score,
    sha256: 'SHA-256',
    status: t.status,
  };
  const facts = Object.entries(details ?? {}).flatMap(([name, value]) =>
    // Said by the type already.
    value === null ||
    value === '' ||
    (name === 'decision' && type === `decision.${JSON.stringify(value).slice(1, -1)}`)
      ? []
      : [[named[name] ?? name, detailText(name, value)] as const],
  );
  if (facts.length === 0) return null;
  return (
    <section class="stack-s">
      <h3>{t.more}</h3>
      <Facts facts={facts} />
    </section>
  );
}

function detailText(name: string, value: unknown): string {
  if (typeof value === 'number' && name.startsWith('bytes')) return formatBytes(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value);
}

function questionAbout({ door, source, user }: StoredEvent, url = '') {
  return { url, door: DOORS.find((each) => each === door), source, user };
}

const DOORS = [
  'forward-proxy',
  'icap',
  'api',
  'web-reputation',
  'access-gateway',
  'auth-portal',
  'ssh',
] as const;
