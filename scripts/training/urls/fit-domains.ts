import { DOMAIN_FEATURES, DomainFeatures } from '../../../src/engines/prediction/domain-features.ts';
import { readDomainModel, type DomainModel } from '../../../src/engines/prediction/domains.ts';
import type { Language } from '../../../src/engines/prediction/language.ts';
import type { Calibration } from '../../../src/engines/prediction/site-score.ts';
import type { Words } from '../../../src/engines/prediction/words.ts';
import { type HostParts, hostParts } from '../../../src/protocols/url/index.ts';
import { boostRows } from './boosted.ts';
import { type LabelledUrl, table } from './data.ts';
import { NEUTRAL } from './fit-urls.ts';
import { bloomText, learnNames, learnWords, type TopSites } from './sites.ts';

const BOOST = {
  rounds: 150,
  rate: 0.08,
  leavesMax: 24,
  leafHessianMin: 5,
  l2: 5,
  binsMax: 64,
  featureShare: 0.6,
  rowShare: 0.8,
  seed: 1,
};
/** Most names of one family, so that none is the whole lesson. */
const FAMILY_MAX = 1500;

export interface GeneratedName {
  readonly parts: HostParts;
  readonly family: string;
}

/** Names that programs made up. Three families are one program's and are held together (Gameover Zeus). */
export function generatedNames(folder: string): GeneratedName[] {
  return table(folder, '03-domains/dga.csv.gz')
    .map(({ domain, family }) => ({ parts: hostParts(domain!), family: family! }))
    .filter(({ parts }) => parts.name !== '');
}

export function programOf(family: string): string {
  return ['goz', 'new_goz', 'zeus'].includes(family) ? 'gameover' : family;
}

export interface DomainBody {
  readonly knowledge: {
    readonly language: string;
    readonly words: string;
    readonly popular: string;
    readonly suffixes: readonly (readonly [string, number])[];
  };
  readonly trees: unknown;
  readonly calibration: Calibration;
}

/** What is learned from good names alone. */
export interface GoodNames {
  readonly good: readonly HostParts[];
  readonly language: Language;
  readonly words: Words;
  readonly suffixes: ReadonlyMap<string, number>;
}

export function learnGood(good: readonly HostParts[], urls: readonly LabelledUrl[]): GoodNames {
  const counts = new Map<string, number>();
  for (const { suffix } of good) counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count >= 3).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rarity = (count: number): number => Math.round(-Math.log2(count / good.length) * 1000) / 1000;
  return {
    good,
    language: learnNames(good),
    words: learnWords(urls, good),
    suffixes: new Map(common.map(([suffix, count]) => [suffix, rarity(count)])),
  };
}

export function fitDomains(known: GoodNames, made: readonly GeneratedName[], sites: TopSites): DomainBody {
  const features = new DomainFeatures(known);
  const perFamily = new Map<string, number>();
  const chosen = made.filter(({ family }) => {
    const count = perFamily.get(family) ?? 0;
    perFamily.set(family, count + 1);
    return count < FAMILY_MAX;
  });
  const good = known.good.filter((_, at) => at % 2 === 0);
  const rows = [...good, ...chosen.map(({ parts }) => parts)].map((parts) => features.fill(parts).slice());
  const labels = Uint8Array.from(rows, (_, at) => Number(at >= good.length));
  const { data } = boostRows(DOMAIN_FEATURES, rows, labels, new Float32Array(rows.length).fill(1), BOOST);
  return {
    knowledge: {
      language: Buffer.from(known.language.bytes).toString('base64'),
      words: known.words.list.join(' '),
      popular: bloomText(new Set([...sites.popular, ...sites.established])),
      suffixes: [...known.suffixes],
    },
    trees: data,
    calibration: NEUTRAL,
  };
}

/** With `knowsPopular` false it judges by the name alone: popular domains are what it is measured on. */
export function domainModel(body: DomainBody, knowsPopular: boolean): DomainModel {
  const knowledge = knowsPopular ? body.knowledge : { ...body.knowledge, popular: '' };
  const model = readDomainModel({ ...body, knowledge }, 'training');
  if (model === undefined) throw new Error('the model that was trained cannot be read');
  return model;
}
