import type { FilePrediction, FileType } from '../../kernel/index.ts';
import { readPe } from '../../protocols/pe/index.ts';
import type { PredictionConfig } from '../config/index.ts';
import type { Source } from '../content/index.ts';
import { columnsOf, type Predictor, RULE_BYTES, scoreByRules } from '../prediction/index.ts';

/** What the models, or rules where there are none, think of a file. `undefined`: nothing is for such a file. */
export type Judge = (type: FileType, source: Source, path: string) => FilePrediction | undefined;

/** What a thread is told of it; `undefined`: nothing is judged. */
export type JudgeSettings = Pick<PredictionConfig, 'suspiciousFrom' | 'maliciousFrom'>;

export function createJudge(predictor: Pick<Predictor, 'files'>, settings: JudgeSettings): Judge {
  return (type, source, path) =>
    judgePe(predictor, settings, source, path) ?? judgeByRules(type, source, path);
}

function judgePe(
  { files }: Pick<Predictor, 'files'>,
  settings: JudgeSettings,
  source: Source,
  path: string,
): FilePrediction | undefined {
  if (files === undefined || source.read(0, 2).toString('latin1') !== 'MZ') return undefined;
  const result = readPe(source);
  if (result.kind !== 'pe') return undefined;
  const { score, verdict, reasons } = files.score(columnsOf(result.pe));
  const { packers, anomalies } = result.pe;
  const facts = [...packers.map((packer) => `is packed with ${packer}`), ...anomalies].slice(0, FACTS_MAX);
  return {
    path,
    model: `files/${files.version}`,
    score,
    verdict: byScore(score, settings) ?? verdict,
    reasons: [...reasons.map(({ text }) => text), ...facts],
  };
}

/** Beside what weighed: what people look for first. */
const FACTS_MAX = 4;

/** `undefined`: the operator left the thresholds to the model. */
function byScore(
  score: number,
  { suspiciousFrom, maliciousFrom }: JudgeSettings,
): FilePrediction['verdict'] | undefined {
  if (suspiciousFrom === 0 && maliciousFrom === 0) return undefined;
  if (maliciousFrom > 0 && score >= maliciousFrom) return 'malicious';
  return suspiciousFrom > 0 && score >= suspiciousFrom ? 'suspicious' : 'clean';
}

function judgeByRules(type: FileType, source: Source, path: string): FilePrediction | undefined {
  const found = scoreByRules(type, path, source.read(0, RULE_BYTES));
  return found === undefined || found.score === 0 ? undefined : { path, model: 'rules', ...found };
}
