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
