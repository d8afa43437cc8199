/**
 * Trains the models of URLs and of generated domains from the data in SALLYPORT_DATA, and writes them to `models/` and
 * what they reach to `docs/models/`. The same data gives the same bytes: one thread, one seed, no date.
 *
 *     npm run train:urls [-- --compare]   also tries other choices of sources (some minutes more)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '../src/engines/prediction/model-file.ts';
import { canonicalHost, canonicalUrl } from '../src/protocols/url/index.ts';
import { recordDigests } from './training/digests.ts';
import { labelledUrls } from './training/urls/data.ts';
import { evaluateDomains } from './training/urls/evaluate-domains.ts';
import {
  curatedHosts,
  evaluateUrls,
  recent,
  RECENT_GOOD,
  type UrlData,
} from './training/urls/evaluate-urls.ts';
import { fitDomains, generatedNames, learnGood } from './training/urls/fit-domains.ts';
import { fitUrls, type UrlBody, urlModel } from './training/urls/fit-urls.ts';
import { topSites } from './training/urls/sites.ts';

const ROOT = join(import.meta.dirname, '..');
const DATA = process.env['SALLYPORT_DATA'] ?? join(ROOT, '..', 'shared', 'data');
/** Raised by hand when a model is to replace one that is in use. */
const VERSION = '1';

const EXAMPLES = [
  'https://www.paypal.com/signin',
  'http://paypa1-secure.top/login',
  'https://account-verify.micros0ft-support.xyz/',
  'https://metamask-wallet.pages.dev/',
  'https://dhl-tracking.duckdns.org/parcel?id=1',
  'http://45.137.22.9:8080/bins/x86.sh',
  'https://xkqjwpzvbn.info/',
  'https://docs.python.org/3/library/re.html',
  'https://www.spiegel.de/politik/',
  'https://my-little-bakery.de/',
];

const data: UrlData = { urls: labelledUrls(DATA), sites: topSites(DATA), hosts: curatedNames() };
const compares = process.argv.includes('--compare');

const urlReport = evaluateUrls(data, DATA, compares);
record('urls', urlReport.lines, compares ? 'compare' : undefined);
const urls = fitUrls(recent(data), curatedHosts(data), data.sites);
write('urls', { ...urls, calibration: urlReport.calibration });

const good = data.urls.filter(({ source }) => RECENT_GOOD.includes(source));
const made = generatedNames(DATA);
const domainReport = evaluateDomains(made, good, data.sites);
record('domains', domainReport.lines, undefined);
const domains = fitDomains(learnGood(data.sites.domains, good), made, data.sites);
write('domains', { ...domains, calibration: domainReport.calibration });
recordDigests(ROOT);
recordPart('urls', 'examples', exampleLines({ ...urls, calibration: urlReport.calibration }));

function write(kind: 'urls' | 'domains', body: unknown): void {
  const bytes = writeModel(kind, VERSION, body, undefined);
  writeFileSync(join(ROOT, 'models', `${kind}.model`), bytes);
  const { sha256 } = JSON.parse(bytes.subarray(0, bytes.indexOf(0x0a)).toString()) as { sha256: string };
  process.stdout.write(`${kind}: ${bytes.length} bytes, sha256 ${sha256}\n`);
}

/** Made for the card: nobody is behind these but those who are known by name. */
function exampleLines(body: UrlBody): string[] {
  const { score } = urlModel(body);
  return EXAMPLES.map((text) => {
    const url = canonicalUrl(text);
    if (url === undefined) throw new Error(`${text} is no URL`);
    const { score: points, verdict, reasons } = score(url);
    return `- \`${text}\`: **${verdict}**, ${points}. ${reasons.map((reason) => reason.text).join('; ')}.`;
  });
}

/** Names of the lists of v2fly, `full:` and bare domains; not its expressions and includes. */
function curatedNames(): string[] {
  const folder = join(DATA, '03-domains', 'v2fly');
  const names = new Set<string>();
  for (const file of readdirSync(folder).toSorted()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const name = /^(?:full:|domain:)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=\s|$)/.exec(line.trim())?.[1];
      const host = name === undefined ? undefined : canonicalHost(name);
      if (host !== undefined) names.add(host);
    }
  }
  return [...names];
}

/** Between the marks of the card; what another run measured stays. */
function record(kind: string, lines: readonly string[], also: string | undefined): void {
  process.stdout.write(`${kind}\n${lines.join('\n')}\n`);
  if (kind === 'urls' && also === undefined) return recordPart(kind, 'measured', lines);
  const cut = lines.findIndex((line) => line.startsWith('| trained on'));
  if (cut < 0) return recordPart(kind, 'measured', lines);
  recordPart(kind, 'measured', lines.slice(0, cut - 1));
  recordPart(kind, 'compared', lines.slice(cut));
}

function recordPart(kind: string, part: string, lines: readonly string[]): void {
  const file = join(ROOT, 'docs', 'models', `${kind}.md`);
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf(`<!-- ${part} -->`);
  const end = text.indexOf(`<!-- end of ${part} -->`);
  if (start < 0 || end < 0) return;
  writeFileSync(file, `${text.slice(0, start)}<!-- ${part} -->\n\n${lines.join('\n')}\n\n${text.slice(end)}`);
}
