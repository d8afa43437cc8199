import type { Calibration } from '../../../src/engines/prediction/site-score.ts';
import type { LabelledUrl } from './data.ts';
import { calibrated, curveOf } from './evaluate-urls.ts';
import { domainModel, fitDomains, type GeneratedName, learnGood, programOf } from './fit-domains.ts';
import { share, type TopSites } from './sites.ts';

const TEST_FROM = 60;

export interface DomainReport {
  readonly lines: readonly string[];
  readonly calibration: Calibration;
}

/** Leaves one program out at a time, with all its families; the good names tested are never among those learned from. */
export function evaluateDomains(
  made: readonly GeneratedName[],
  urls: readonly LabelledUrl[],
  sites: TopSites,
): DomainReport {
  const good = sites.domains.filter(({ domain }) => share(domain) >= TEST_FROM);
  const known = learnGood(
    sites.domains.filter(({ domain }) => share(domain) < TEST_FROM),
    urls,
  );
  const lines = [
    '| family never seen | names | AUC | TPR at 1 % FPR | TPR at 0.1 % FPR |',
    '| --- | --- | --- | --- | --- |',
  ];
  const goodOdds: number[] = [];
  const madeOdds: number[] = [];
  const rates: number[] = [];
  for (const program of new Set(made.map(({ family }) => programOf(family)))) {
    const body = fitDomains(
      known,
      made.filter(({ family }) => programOf(family) !== program),
      sites,
    );
    const model = domainModel(body, false);
    const odds = good.map((parts) => model.logOdds(parts));
    goodOdds.push(...odds);
    const families = new Set(
      made.map(({ family }) => family).filter((family) => programOf(family) === program),
    );
    for (const family of families) {
      const own = made.filter((each) => each.family === family).map(({ parts }) => model.logOdds(parts));
      madeOdds.push(...own);
      const { auc, tprAt1, tprAt01 } = curveOf(own, odds);
      rates.push(tprAt1);
      lines.push(
        `| ${family} | ${own.length} | ${auc.toFixed(3)} | ${tprAt1.toFixed(3)} | ${tprAt01.toFixed(3)} |`,
      );
    }
  }
  const whole = curveOf(madeOdds, goodOdds);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  lines.push(`| mean of the families | | | ${mean.toFixed(3)} | |`);
  lines.push(
    `| all names, each scored by the model that has not seen its family | ${madeOdds.length} | ${whole.auc.toFixed(3)} | ${whole.tprAt1.toFixed(3)} | ${whole.tprAt01.toFixed(3)} |`,
  );
  lines.push('', `Good names: ${good.length} domains of the lists, none of them among those learned from.`);
  return { lines, calibration: calibrated(madeOdds, goodOdds) };
}
