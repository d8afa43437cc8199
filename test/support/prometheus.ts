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

/** Metrics that are complete: edges tell control what they count once a second. */
export async function settledMetrics(gateway: Gateway): Promise<string> {
  await sleep(SETTLE_MS);
  return gateway.metrics();
}

const SETTLE_MS = 1500;
