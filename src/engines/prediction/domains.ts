import { canonicalHost, type HostParts, hostParts } from '../../protocols/url/index.ts';
import { DOMAIN_FEATURE_AT, type DomainFeature, DOMAIN_FEATURES, DomainFeatures } from './domain-features.ts';
import { readDomainKnowledge } from './knowledge.ts';
import {
  type Calibration,
  readCalibration,
  type SiteReason,
  type SiteScore,
  siteScore,
  strongest,
  verdictAt,
} from './site-score.ts';
import { quickTrees } from './quick-trees.ts';
import { readTrees, type TreesData } from './trees.ts';

/** A model of names that programs make up, ready to be asked. Keeps working space: one question at a time. */
export interface DomainModel {
  readonly version: string;
  readonly calibration: Calibration;
  /** Log odds that a program made the name up. A popular domain is held below every threshold. */
  logOdds(parts: HostParts): number;
  score(parts: HostParts): SiteScore;
}

/** From the body of a model file; `undefined` when that is not whole. */
export function readDomainModel(body: unknown, version: string): DomainModel | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  // The fields are looked at one by one.
  const fields = body as Record<string, unknown>;
  const knowledge = readDomainKnowledge(fields['knowledge']);
  const trees = readTrees(fields['trees']);
  const calibration = readCalibration(fields['calibration']);
  if (knowledge === undefined || calibration === undefined || trees === undefined) return undefined;
  if (trees.features.length !== DOMAIN_FEATURES.length) return undefined;
  if (trees.features.some((name, at) => name !== DOMAIN_FEATURES[at])) return undefined;
  const features = new DomainFeatures(knowledge);
  // `readTrees` has looked at every field.
  const quick = quickTrees(fields['trees'] as TreesData);

  const isKnown = (parts: HostParts): boolean => parts.name === '' || knowledge.popular.has(parts.domain);
  const logOdds = (parts: HostParts): number => {
    const row = features.fill(parts);
    const odds = quick === undefined ? trees.logOdds(row) : quick.logOdds(row);
    return isKnown(parts) ? Math.min(odds, calibration.suspicious) - KNOWN_BONUS : odds;
  };
  return {
    version,
    calibration,
    logOdds,
    score(parts) {
      const odds = logOdds(parts);
      const verdict = verdictAt(odds, calibration);
      const reasons = domainReasons(parts, features.row, trees.contributions(features.row));
      if (parts.name !== '' && isKnown(parts)) reasons.push(popularReason(parts));
      return siteScore(odds, calibration, strongest(reasons, verdict));
    },
  };
}

/** `undefined` when the text is no host. */
export function scoreDomain(model: DomainModel, text: string): SiteScore | undefined {
  const host = canonicalHost(text);
  return host === undefined ? undefined : model.score(hostParts(host));
}

/** What it is worth, in log odds, that many people visit a domain. */
const KNOWN_BONUS = 4;

function popularReason({ domain }: HostParts): SiteReason {
  return { feature: 'popularity', text: `${domain} is on lists of popular sites`, weight: -KNOWN_BONUS };
}

interface Topic {
  readonly feature: string;
  readonly columns: readonly DomainFeature[];
  readonly against: string;
  readonly inFavor: string;
}

const TOPICS: readonly Topic[] = [
  {
    feature: 'letters',
    columns: [
      'surprise',
      'peak',
      'surpriseSum',
      'rareLetters',
      'consonantRun',
      'alternation',
      'vowels',
      'repeats',
    ],
    against: 'the letters of "NAME" follow each other as no language has them',
    inFavor: 'the letters of "NAME" follow each other as in usual names',
  },
  {
    feature: 'chance',
    columns: ['entropy', 'evenness', 'hexadecimal', 'digits', 'digitRun', 'switches'],
    against: 'letters and digits of "NAME" are spread as if drawn by lot',
    inFavor: 'letters and digits of "NAME" are spread as in usual names',
  },
  {
    feature: 'words',
    columns: ['covered', 'words', 'longestWord', 'wordLength', 'left'],
    against: 'the words of "NAME", or their absence, are those of made-up names',
    inFavor: '"NAME" reads as words',
  },
  {
    feature: 'length',
    columns: ['length', 'hyphens'],
    against: '"NAME" has the length of made-up names',
    inFavor: '"NAME" has the length and the hyphens of usual names',
  },
  {
    feature: 'suffix',
    columns: ['suffixRarity', 'suffixLength', 'isPrivateSuffix'],
    against: 'made-up names are often under ".SUFFIX"',
    inFavor: 'made-up names are rarely under ".SUFFIX"',
  },
];

function domainReasons({ name, suffix }: HostParts, row: Float64Array, contributions: Float64Array) {
  if (name === '') return [];
  const isWordy = row[DOMAIN_FEATURE_AT.covered]! > 0.8 && row[DOMAIN_FEATURE_AT.words]! > 1;
  return TOPICS.map(({ feature, columns, against, inFavor }): SiteReason => {
    const weight = columns.reduce((sum, column) => sum + contributions[DOMAIN_FEATURE_AT[column]]!, 0);
    let text = weight > 0 ? against : inFavor;
    if (feature === 'words' && weight > 0) {
      text = isWordy ? '"NAME" strings words together that make no sense' : 'no words can be read in "NAME"';
    }
    return { feature, text: text.replace('NAME', name).replace('SUFFIX', suffix), weight };
  });
}
