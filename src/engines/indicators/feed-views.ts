import { type Cell, formatBytes, formatDuration, type Result } from '../../kernel/index.ts';
import type { IndicatorAdmin } from './admin.ts';
import type { FeedAction, ImportReport } from './import-types.ts';
import { type IndicatorKind, KINDS } from './keys.ts';

type View = NonNullable<Result['view']>[number];

/** On a terminal; `--json` has all that `indicators.importErrorsMax` keeps. */
const PROBLEMS_SHOWN = 10;

const TONES = { block: 'bad', allow: 'good', label: 'strong', suppress: 'dim' } as const;

export function actionCell(action: FeedAction): Cell {
  return { text: action, tone: TONES[action] };
}

export function reportView(report: ImportReport): readonly View[] {
  const rejected: Cell = report.rejected === 0 ? 0 : { text: String(report.rejected), tone: 'warn' };
  const suppressed = report.suppressed.reduce((sum, { count }) => sum + count, 0);
  const view: View[] = [
    {
      kind: 'facts',
      facts: [
        ['feed', report.feed],
        ['format', report.format],
        ['action', report.action],
        ['mode', report.mode],
        ['entries', `${report.entries} (${kindsText(report.kinds)})`],
        ['added', report.added],
        ['removed', report.removed],
        ['duplicates', report.duplicates],
        ['expired', report.expired],
        ['suppressed', suppressed],
        ['rejected', rejected],
        ['seconds', report.seconds],
        ['generation', report.generation],
      ],
    },
  ];
  if (suppressed > 0) {
    view.push({ kind: 'title', text: 'What warning lists kept out' });
    view.push({
      kind: 'table',
      columns: [{ title: 'Entries', align: 'right' }, { title: 'Warning list' }, { title: 'For example' }],
      rows: report.suppressed.map(({ list, count, samples }) => [count, list, samples.join(', ')]),
    });
  }
  if (report.rejected > 0) {
    view.push({ kind: 'title', text: 'Why lines were rejected' });
    view.push({
      kind: 'table',
      columns: [{ title: 'Lines', align: 'right' }, { title: 'Reason' }],
      rows: report.reasons.map(({ reason, count }) => [count, reason]),
    });
    view.push({ kind: 'title', text: 'The first of them' });
    view.push({
      kind: 'table',
      columns: [{ title: 'Line', align: 'right' }, { title: 'Reason' }, { title: 'Text' }],
      rows: report.problems
        .slice(0, PROBLEMS_SHOWN)
        .map(({ line, reason, text }) => [line === 0 ? '' : line, reason, text]),
    });
  }
  return view;
}

export function feedsResult(indicators: IndicatorAdmin): Result {
  const feeds = indicators.feeds();
  const document = feeds.map((feed) => {
    const { layers, ...facts } = feed;
    return { ...facts, layers: layers.length, ageS: indicators.ageS(feed) };
  });
  return {
    document,
    view: [
      {
        kind: 'table',
        columns: [
          { title: 'Feed' },
          { title: 'Action' },
          { title: 'Entries', align: 'right' },
          { title: 'Kinds' },
          { title: 'Suppressed', align: 'right' },
          { title: 'Category' },
          { title: 'Severity' },
          { title: 'Licence' },
          { title: 'Format' },
          { title: 'Size', align: 'right' },
          { title: 'Age', align: 'right' },
          { title: 'Source' },
        ],
        rows: feeds.map((feed) => [
          feed.name,
          actionCell(feed.action),
          feed.entries,
          kindsText(feed.kinds),
          feed.suppressed,
          feed.category,
          feed.severity,
          feed.licence,
          feed.format,
          formatBytes(feed.bytes),
          formatDuration(indicators.ageS(feed) * 1000),
          feed.source,
        ]),
      },
    ],
  };
}

/** `12 domain, 3 url`. */
function kindsText(kinds: Readonly<Record<IndicatorKind, number>>): string {
  return KINDS.filter((kind) => kinds[kind] > 0)
    .map((kind) => `${kinds[kind]} ${kind}`)
    .join(', ');
}
