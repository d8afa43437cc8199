import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatBytes } from './format.ts';
import { language } from './language.ts';
import { words } from '../ui/words.ts';
import { colorOf, isDark } from './theme.ts';
import './plot.css';

export interface PlotSeries {
  readonly name: string;
  /** Custom property of the style sheet. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

export interface PlotProps {
  /** Read out instead of the picture. */
  readonly summary: string;
  /** Seconds since 1970, one for each value. */
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
  readonly format: (value: number) => string;
  readonly height?: number;
}

/** A line plot. A canvas knows neither `light-dark()` nor custom properties, so colors are computed and drawn anew. */
export function Plot({ summary, times, series, format, height = 168 }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data = [times, ...series.map(({ values }) => values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const formatting = useRef(format);
  formatting.current = format;
  const names = series.map(({ name }) => name).join('\n');
  const isEmpty = series.every(({ values }) => values.every((value) => value === null));
  const dark = isDark.value;
  const tag = language.value;

  useEffect(() => {
    const { current: element } = host;
    if (element === null) return undefined;
    const options = optionsFor(series, {
      width: element.clientWidth,
      height,
      isBinary: format === formatBytes,
      format: (v) => formatting.current(v),
    });
    plot.current = new UPlot(options, latest.current, element);
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
    // Drawn anew when what is not data changes.
  }, [names, dark, tag, height, isEmpty]);

  useEffect(() => plot.current?.setData(latest.current), [times, series]);

  return (
    <figure class="plot">
      <figcaption>
        {series.map(({ name, color, values }) => (
          <span key={name} class="plot-key">
            <i style={{ background: `var(${color})` }} />
            {series.length === 1 ? null : `${name} `}
            <strong>{lastOf(values, format)}</strong>
          </span>
        ))}
      </figcaption>
      {isEmpty ? (
        <div class="plot-none" style={{ height: `${height}px` }}>
          {words().nothingYet}
        </div>
      ) : (
        <div ref={host} role="img" aria-label={summary} style={{ height: `${height}px` }} />
      )}
    </figure>
  );
}

function lastOf(values: readonly (number | null)[], format: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : format(last);
}

interface Drawing {
  readonly isBinary: boolean;
  readonly width: number;
  readonly height: number;
  readonly format: (value: number) => string;
}

function optionsFor(
  series: readonly PlotSeries[],
  { width, height, format, isBinary }: Drawing,
): UPlot.Options {
  const dim = colorOf('--dim');
  const line = colorOf('--line');
  const font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: dim, font, grid: { stroke: line, width: 1 }, ticks: { show: false } } as const;
  const clock = new Intl.DateTimeFormat(language.value, {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
  return {
    width,
    height,
    padding: [PADDING_PX, HALF_LABEL_PX, 0, 0],
    legend: { show: false },
    cursor: { points: { size: 6 }, y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, most === null || most <= 0 ? 1 : most * 1.15] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 72,
        size: 24,
        values: (_, splits) => splits.map((seconds) => clock.format(seconds * 1000)),
      },
      {
        ...axis,
        gap: LABEL_GAP_PX,
        size: ({ ctx }, labels) => LABEL_GAP_PX + widestOf(ctx, font, labels ?? []),
        space: 36,
        ...(isBinary ? { incrs: BINARY_STEPS } : {}),
        values: (_, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...series.map(({ name, color }, at): UPlot.Series => {
        const stroke = colorOf(color);
        return {
          label: name,
          stroke,
          width: 1.5,
          ...(at === 0 ? { fill: faded(stroke) } : {}),
          // A value without neighbors has no line: it gets a dot.
          points: { show: true, size: 4, stroke, fill: stroke, filter: lonely },
        };
      }),
    ],
  };
}

const LABEL_GAP_PX = 8;
const PADDING_PX = 8;
/** The last time of day may stand at the very end. */
const HALF_LABEL_PX = 18;
/** Sizes have round numbers of another kind. */
const BINARY_STEPS = Array.from({ length: 44 }, (_, at) => 2 ** at);

/** The scale knows its labels only after it was drawn once; until then there is room for a short one. */
function widestOf(context: CanvasRenderingContext2D, font: string, labels: readonly string[]): number {
  context.save();
  context.font = font;
  const widths = labels.map((label) => context.measureText(label).width);
  context.restore();
  return Math.ceil(Math.max(24, ...widths));
}

function lonely(plot: UPlot, at: number): number[] {
  const values = plot.data[at] ?? [];
  const isKnown = (index: number) => typeof values[index] === 'number';
  return Array.from(values.keys()).filter((i) => isKnown(i) && !isKnown(i - 1) && !isKnown(i + 1));
}

/** `rgb(1, 2, 3)` with little of it left. */
function faded(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
}
