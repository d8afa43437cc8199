import type { Calibration } from '../../../src/engines/prediction/site-score.ts';
import { URL_FEATURES } from '../../../src/engines/prediction/url-features.ts';
import { readUrlModel, type UrlModel } from '../../../src/engines/prediction/urls.ts';
import { Bloom } from '../../../src/engines/prediction/bloom.ts';
import { hostParts } from '../../../src/protocols/url/index.ts';
import { boostRows } from './boosted.ts';
import type { LabelledUrl } from './data.ts';
import { trainLinear } from './linear.ts';
import { bloomText, learnNames, learnWords, share, type TopSites } from './sites.ts';
import {
  addSums,
  featureRows,
  hostRow,
  labelsOf,
  tokenTable,
  type UrlRow,
  urlRow,
  weightsOf,
} from './url-rows.ts';

const BITS = 17;
const LINEAR = { bits: BITS, epochs: 6, rate: 0.1, decay: 1e-5, seed: 1 };
const BOOST = {
  rounds: 180,
  rate: 0.12,
  leavesMax: 24,
  leafHessianMin: 3,
  l2: 3,
  binsMax: 64,
  featureShare: 0.6,
  rowShare: 0.8,
  seed: 1,
};
/** Rows of the linear model that the trees see are scored by one that has not seen their domain. */
const FOLDS = 5;
/** What a URL without its path is worth beside the URL itself. */
const HOST_SHARE = 0.3;

export const NEUTRAL: Calibration = { slope: 1, offset: 0, suspicious: 0, malicious: 0 };

export interface UrlBody {
  readonly knowledge: Readonly<Record<string, string>>;
  readonly linear: { readonly bits: number; readonly scale: number; readonly weights: string };
  readonly trees: unknown;
  readonly calibration: Calibration;
}

/** Hosts that are good and have no path: names of public lists. */
export function goodHosts(hosts: readonly string[], weight: number): UrlRow[] {
  return hosts.map((host) => ({
    parts: hostParts(host),
    port: 0,
    path: '/',
    query: '',
    isBad: false,
    weight,
  }));
}

export function fitUrls(urls: readonly LabelledUrl[], extra: readonly UrlRow[], sites: TopSites): UrlBody {
  const rows = [...withHosts(urls.map((each) => urlRow(each))), ...extra];
  const language = learnNames(sites.domains);
  const words = learnWords(urls, sites.domains);
  const popular = bloomText(sites.popular);
  const established = bloomText(sites.established);
  const knowledge = { language, words, popular: bloomFrom(popular), established: bloomFrom(established) };
  const table = tokenTable(rows, BITS);
  const features = featureRows(rows, knowledge);
  for (let fold = 0; fold < FOLDS; fold++) {
    const isIn = (at: number): boolean => share(rows[at]!.parts.domain) % FOLDS === fold;
    const others = Uint32Array.from(rows.keys()).filter((at) => !isIn(at));
    const weights = trainLinear(table, others, LINEAR);
    for (const at of rows.keys()) if (isIn(at)) addSums(table, at, weights, features[at]!);
  }
  const weights = trainLinear(table, Uint32Array.from(rows.keys()), LINEAR);
  const { data } = boostRows(URL_FEATURES, features, labelsOf(rows), weightsOf(rows), BOOST);
  return {
    knowledge: {
      language: Buffer.from(language.bytes).toString('base64'),
      words: words.list.join(' '),
      popular,
      established,
    },
    linear: quantized(weights),
    trees: data,
    calibration: NEUTRAL,
  };
}

export function urlModel(body: UrlBody): UrlModel {
  const model = readUrlModel(body, 'training');
  if (model === undefined) throw new Error('the model that was trained cannot be read');
  return model;
}

function withHosts(rows: readonly UrlRow[]): UrlRow[] {
  return rows.flatMap((row) =>
    row.path === '/' && row.query === '' ? [row] : [row, hostRow(row, HOST_SHARE)],
  );
}

function bloomFrom(text: string): Bloom {
  return new Bloom(Buffer.from(text, 'base64'));
}

/** One signed byte a weight; the few that are beyond four fifths of the largest step lose some of their size. */
function quantized(weights: Float32Array) {
  const sizes = Float32Array.from(weights, Math.abs).toSorted();
  const top = sizes[Math.floor(sizes.length * 0.9999)]!;
  const scale = top / 127;
  const bytes = Int8Array.from(weights, (weight) =>
    Math.max(-127, Math.min(127, Math.round(weight / scale))),
  );
  return { bits: Math.log2(weights.length), scale, weights: Buffer.from(bytes.buffer).toString('base64') };
}
