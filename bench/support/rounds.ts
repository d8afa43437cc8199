import type { Contender } from './contenders.ts';
import { cpuMs, machine } from './machine.ts';
import type { Lab, Row, Sample } from './question.ts';

export interface Case {
  readonly what: string;
  readonly unit: string;
  /** Wanted ratio, ours to the peer's. */
  readonly target: string;
  readonly digits?: number;
  readonly contenders: readonly Contender[];
  load(contender: Contender, seconds: number): Promise<Load>;
}

export type Load = Omit<Sample, 'cpuMs'>;

/**
 * Measures the contenders in turn, A B A B, so that what else the machine does strikes both alike; medians and the
 * ratio of the rounds. The second ratio divides by the processor time that each took: it holds where the generator,
 * or a busy machine, and not the proxy was the bound.
 */
export async function measure(lab: Lab, question: Case): Promise<Row> {
  const samples = new Map<Contender, Sample[]>();
  const loads: number[] = [];
  for (const contender of question.contenders) {
    await question.load(contender, lab.quick ? 0.5 : 2);
    samples.set(contender, []);
  }
  for (let round = 0; round < lab.rounds; round++) {
    for (const contender of question.contenders) {
      const before = contender.pid === undefined ? 0 : cpuMs(contender.pid);
      const load = await question.load(contender, lab.seconds);
      const spent = contender.pid === undefined ? 0 : cpuMs(contender.pid) - before;
      samples.get(contender)?.push({ ...load, cpuMs: spent });
      loads.push(machine().load);
      lab.log(
        `${question.what}, round ${round + 1}, ${contender.name}: ${figure(load.rate, question.digits)} ${question.unit}, ` +
          `cpu ${spent} ms, p99 ${(load.p99 / 1000).toFixed(1)} ms, errors ${load.errors}`,
      );
    }
  }
  return rowOf(question, samples, loads);
}

function rowOf(
  question: Case,
  samples: ReadonlyMap<Contender, readonly Sample[]>,
  loads: readonly number[],
): Row {
  const of = (name: Contender['name']): readonly Sample[] =>
    [...samples].find(([contender]) => contender.name === name)?.[1] ?? [];
  const [ours, peer, direct] = [of('ours'), of('squid'), of('direct')];
  const ratios = pairs(ours, peer, (sample) => sample.rate);
  const perCpu = pairs(ours, peer, ratePerCpu);
  const show = (list: readonly Sample[]): string =>
    list.length === 0 ? '–' : figure(median(list.map((sample) => sample.rate)), question.digits);
  return {
    what: question.what,
    unit: question.unit,
    ours: show(ours),
    peer: show(peer),
    direct: show(direct),
    ratio:
      ratios.length === 0
        ? '–'
        : `${spread(ratios)}; per processor second ${perCpu.length === 0 ? '–' : spread(perCpu)}`,
    target: question.target,
    notes: [
      ...[ours, peer].map((list, at) => notes(at === 0 ? 'ours' : 'Squid', list)),
      `load ${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`,
    ]
      .filter((text) => text !== '')
      .join('; '),
  };
}

function notes(name: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
  const busy = median(samples.map((sample) => sample.cpuMs / (sample.seconds * 10)));
  const p50 = median(samples.map((sample) => sample.p50)) / 1000;
  const p99 = median(samples.map((sample) => sample.p99)) / 1000;
  const perOp = median(samples.map((sample) => (sample.cpuMs * 1000) / (sample.rate * sample.seconds)));
  return (
    `${name}: ${perOp.toFixed(perOp < 10 ? 2 : 0)} µs processor each, ${busy.toFixed(0)} % of a core, ` +
    `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${errors} errors`
  );
}

function ratePerCpu(sample: Sample): number {
  return (sample.rate * sample.seconds) / sample.cpuMs;
}

function pairs(
  ours: readonly Sample[],
  peer: readonly Sample[],
  value: (sample: Sample) => number,
): readonly number[] {
  const ratios = ours.flatMap((sample, at) => {
    const other = peer[at];
    return other === undefined ? [] : [value(sample) / value(other)];
  });
  return ratios.filter((ratio) => Number.isFinite(ratio));
}

function spread(ratios: readonly number[]): string {
  return `**${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = low] = sorted.length % 2 === 1 ? sorted.slice(middle) : sorted.slice(middle - 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}

export function figure(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
