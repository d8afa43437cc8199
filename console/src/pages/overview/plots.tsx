import { gateway } from '../../lib/api.ts';
import { formatBytes, formatCompact, formatDecimal, formatMs } from '../../lib/format.ts';
import { Plot, type PlotSeries } from '../../lib/plot.tsx';
import { useResource } from '../../lib/use-resource.ts';
import { Panel, View } from '../../ui/index.ts';
import { texts } from './texts.ts';

const EVERY_MS = 10_000;

const NAMES = [
  'requests',
  'blocks',
  'scans',
  'latency_p50',
  'latency_p99',
  'connections',
  'memory',
  'cpu',
] as const;
type Name = (typeof NAMES)[number];

interface History {
  readonly stepS: number;
  readonly startMs: number;
  readonly series: Readonly<Partial<Record<Name, readonly (number | null)[]>>>;
}

export function Plots({ minutes }: { minutes: number }) {
  const history = useResource(
    `history ${minutes}`,
    (signal) => gateway.call('GET /api/v1/history', { query: { series: NAMES.join(','), minutes }, signal }),
    { everyMs: EVERY_MS },
  );
  return <View of={history}>{(data) => <Grid data={data} />}</View>;
}

function Grid({ data }: { data: History }) {
  const t = texts();
  const perSecond = (value: number) =>
    t.perSecond(value < 10 ? formatDecimal(value, value < 1 ? 2 : 1) : formatCompact(value));
  // The gateway counts cores: 1 is one that is busy all the time.
  const percent = (value: number) => `${formatDecimal(value * 100, value < 0.1 ? 1 : 0)} %`;
  const of = (name: Name, title: string, color: string): PlotSeries => ({
    name: title,
    color,
    values: data.series[name] ?? [],
  });
  const plots: readonly (readonly [string, (value: number) => string, readonly PlotSeries[]])[] = [
    [t.traffic, perSecond, [of('requests', t.requests, '--plot-1'), of('blocks', t.blocks, '--plot-2')]],
    [t.latency, formatMs, [of('latency_p99', t.p99, '--plot-3'), of('latency_p50', t.p50, '--plot-1')]],
    [t.scans, perSecond, [of('scans', t.scans, '--plot-4')]],
    [t.connections, formatCompact, [of('connections', t.connections, '--plot-1')]],
    [t.cpu, percent, [of('cpu', t.cpu, '--plot-2')]],
    [t.memory, formatBytes, [of('memory', t.memory, '--plot-3')]],
  ];
  return (
    <div class="plots">
      {plots.map(([title, format, series]) => (
        <Panel key={title} title={title}>
          <Plot
            summary={series.map(({ name, values }) => t.plot(name, lastText(values, format))).join('; ')}
            times={timesOf(data, series[0]?.values.length ?? 0)}
            series={series}
            format={format}
            height={140}
          />
        </Panel>
      ))}
    </div>
  );
}

function timesOf({ startMs, stepS }: History, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => startMs / 1000 + at * stepS);
}

function lastText(values: readonly (number | null)[], format: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : format(last);
}
