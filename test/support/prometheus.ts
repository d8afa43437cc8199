import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from './gateway.ts';

/** Sum of the samples of a metric in Prometheus text whose labels contain all that are given. */
export function metricSum(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, own, inBraces = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (own !== name) continue;
    const wanted = Object.entries(labels).every(([label, text_]) => inBraces.includes(`${label}="${text_}"`));
    if (wanted) sum += Number(value);
  }
  return sum;
}

/** Metrics that are complete: what an edge counts after its answer, or tells late, is in them. */
export async function settledMetrics(gateway: Gateway): Promise<string> {
  let text = await gateway.metrics();
  for (let same = 0; same < SETTLED_READINGS;) {
    await sleep(READ_MS);
    const next = await gateway.metrics();
    same = countsOf(next) === countsOf(text) ? same + 1 : 0;
    text = next;
  }
  return text;
}

/** Metrics as soon as something holds for them; after a while as they are then, for the assertion that comes to fail. */
export async function metricsWhen(gateway: Gateway, holds: (text: string) => boolean): Promise<string> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const text = await gateway.metrics();
    if (holds(text) || performance.now() > end) return text;
    await sleep(READ_MS);
  }
}

const READ_MS = 500;
const SETTLED_READINGS = 3;
const WAIT_MS = 30_000;

function countsOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('sallyport_forward_proxy_') && /_total[{ ]/.test(line))
    .join('\n');
}
