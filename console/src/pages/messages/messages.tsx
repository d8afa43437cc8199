import { useState } from 'preact/hooks';
import { formatCount, formatTime } from '../../lib/format.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  Empty,
  ErrorNotice,
  Icon,
  Loading,
  Notice,
  PageHead,
  Segmented,
  Table,
  Time,
  type Tone,
} from '../../ui/index.ts';
import { type Level, LEVELS, type Line } from './line.ts';
import './messages.css';
import { texts } from './texts.ts';
import { useLines } from './use-lines.ts';

const TONE: Readonly<Record<Level, Tone>> = { debug: 'note', info: 'note', warn: 'warn', error: 'bad' };

export function Page() {
  const t = texts();
  const [level, setLevel] = useState<Level>('info');
  const [text, setText] = useState('');
  const [held, setHeld] = useState<readonly Line[] | undefined>(undefined);
  const lines = useLines(level);
  const items = held ?? lines.items;
  const waiting = held === undefined ? 0 : lines.items.findIndex(({ id }) => id === held[0]?.id);
  const wanted = text.toLowerCase();
  const shown = items.filter(
    (line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(level) && line.text.toLowerCase().includes(wanted),
  );
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="stack">
        <div class="row">
          <div class="search grow" role="search">
            <Icon name="search" />
            <input
              class="input"
              type="search"
              aria-label={t.filter}
              placeholder={t.filter}
              value={text}
              onInput={(typed) => setText(typed.currentTarget.value)}
            />
          </div>
          <Segmented<Level>
            label={t.level}
            value={level}
            options={LEVELS.map((each) => [each, t[each]])}
            onChange={(chosen) => {
              setHeld(undefined);
              setLevel(chosen);
            }}
          />
          <Button
            icon={held === undefined ? 'pause' : 'play'}
            pressed={held !== undefined}
            onClick={() => setHeld(held === undefined ? lines.items : undefined)}
          >
            {held === undefined ? t.pause : t.resume}
          </Button>
        </div>
        {lines.broken ? <Notice tone="warn">{t.stopped}</Notice> : null}
        {lines.error === undefined ? null : <ErrorNotice error={lines.error} />}
        <section class="panel lines" aria-label={t.lines}>
          {shown.length > 0 ? (
            <Rows rows={shown} />
          ) : lines.loading ? (
            <Loading />
          ) : (
            <Empty icon="search" title={t.none}>
              {t.noneText}
            </Empty>
          )}
          <p class="panel-note dim small" role="status">
            {waiting > 0 ? t.paused(waiting) : t.shown(formatCount(shown.length))}
          </p>
        </section>
      </div>
    </>
  );
}

function Rows({ rows }: { rows: readonly Line[] }) {
  const t = texts();
  return (
    <Table
      caption={t.lines}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: t.time,
          cell: ({ time }) =>
            time === undefined ? (
              '–'
            ) : (
              <span class="mono">
                <Time at={time}>{formatTime(time)}</Time>
              </span>
            ),
        },
        { title: t.level, cell: ({ level }) => <Badge tone={TONE[level]}>{level}</Badge> },
        {
          title: t.process,
          wide: true,
          cell: ({ process }) => <span class="nowrap dim">{process}</span>,
        },
        {
          title: t.message,
          cell: ({ event, rest }) => (
            <span class="said mono">
              <strong>{event}</strong> <span class="dim">{rest}</span>
            </span>
          ),
        },
      ]}
    />
  );
}
