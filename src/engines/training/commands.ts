import {
  type Command,
  defineCommand,
  formatBytes,
  type Input,
  type Result,
  textOption,
  type View,
} from '../../kernel/index.ts';
import { type MeasuredCurve, MODEL_KINDS, type ModelKind } from '../prediction/index.ts';
import type { Evaluation, ModelAdmin, ModelData } from './admin.ts';

export interface ModelEngines {
  readonly models: ModelAdmin;
}

const KIND = { help: 'Which model', value: 'KIND', choices: MODEL_KINDS, default: 'files' } as const;
const GOOD = {
  help: 'Good files: a folder with PE files or a table in CSV',
  value: 'PATH',
  file: true,
} as const;
const BAD = { help: 'Bad files, in the same form', value: 'PATH', file: true } as const;

const show = defineCommand<ModelEngines>({
  words: 'model show',
  summary: 'Show the models of the gateway, which are in force, and which are refused and why',
  positionals: [],
  options: {},
  role: 'read',
  where: 'either',
  run: async ({ models }) => {
    const rows = MODEL_KINDS.flatMap((kind) => models.list(kind).map((each) => ({ kind, ...each })));
    return {
      document: rows,
      view: [
        {
          kind: 'table',
          columns: [
            { title: 'kind' },
            { title: 'version' },
            { title: 'signed by' },
            { title: 'in force' },
            { title: 'size', align: 'right' },
            { title: 'problem' },
          ],
          rows: rows.map(({ kind, version, origin, active, bytes, refused }) => [
            kind,
            version,
            origin === 'shipped' ? 'release' : 'gateway',
            active ? 'yes' : '',
            formatBytes(bytes),
            refused,
          ]),
        },
      ],
    };
  },
});

const train = defineCommand<ModelEngines>({
  words: 'model train',
  summary:
    'Train a model of PE files from own files; it is signed and kept, and in force after model activate',
  positionals: [],
  options: { good: GOOD, bad: BAD },
  role: 'admin',
  where: 'either',
  examples: ['model train --good /srv/good --bad /srv/malware'],
  run: async ({ models }, input, io) => {
    const version = await models.train(dataOf(input), (line) => io.progress(line, 0, undefined));
    return {
      document: { kind: 'files', version },
      view: [{ kind: 'text', text: `The model ${version} is kept. To use it: model activate ${version}` }],
    };
  },
});

const evaluate = defineCommand<ModelEngines>({
  words: 'model evaluate',
  summary: 'Measure the model of PE files: on own files, on the splits of tables, or as when it was made',
  positionals: [],
  options: {
    good: GOOD,
    bad: BAD,
    tables: {
      help: 'Folder with the tables 01-pe: a model is trained for each split by source and by time',
      value: 'DIR',
      file: true,
    },
  },
  role: 'read',
  where: 'either',
  examples: ['model evaluate', 'model evaluate --good /srv/good --bad /srv/malware'],
  run: async ({ models }, input, io) =>
    evaluated(await models.evaluate(dataOf(input), (line) => io.progress(line, 0, undefined))),
});

const activate = defineCommand<ModelEngines>({
  words: 'model activate',
  summary: 'Put a model into force; `shipped` is the one of the release',
  positionals: [{ name: 'VERSION', help: 'As model show lists it' }],
  options: { kind: KIND },
  role: 'admin',
  where: 'either',
  examples: ['model activate own-1', 'model activate shipped'],
  run: async ({ models }, input) =>
    inForce(kindOf(input), await models.activate(kindOf(input), input.words['VERSION'] ?? '')),
});

const rollback = defineCommand<ModelEngines>({
  words: 'model rollback',
  summary: 'Put the model into force again that was before this one',
  positionals: [],
  options: { kind: KIND },
  role: 'admin',
  where: 'either',
  run: async ({ models }, input) => inForce(kindOf(input), await models.rollback(kindOf(input))),
});

export const modelCommands: readonly Command<ModelEngines>[] = [show, train, evaluate, activate, rollback];

function kindOf(input: Input): ModelKind {
  return MODEL_KINDS.find((kind) => kind === textOption(input, 'kind')) ?? 'files';
}

function dataOf(input: Input): ModelData {
  return {
    good: textOption(input, 'good'),
    bad: textOption(input, 'bad'),
    tables: textOption(input, 'tables'),
  };
}

function inForce(kind: ModelKind, version: string): Result {
  return {
    document: { kind, version },
    view: [{ kind: 'text', text: `The ${kind} model ${version} is in force.` }],
  };
}

function evaluated(evaluation: Evaluation): Result {
  const { version, measured, curves, groups } = evaluation;
  const view: View[] = [
    { kind: 'text', text: `Model ${version}, measured ${measured}.` },
    {
      kind: 'table',
      columns: [
        { title: 'split' },
        { title: 'bad', align: 'right' },
        { title: 'good', align: 'right' },
        { title: 'AUC', align: 'right' },
        { title: 'at 1 %', align: 'right' },
        { title: 'at 0.1 %', align: 'right' },
        { title: '0.1 % … 20 %' },
      ],
      rows: curves.map((curve) => [
        curve.split,
        curve.bad,
        curve.good,
        shown(curve.auc),
        shown(curve.at1),
        shown(curve.at01),
        plotOf(curve),
      ]),
    },
  ];
  if (groups.length > 0) {
    view.push({
      kind: 'table',
      columns: [
        { title: 'good files of' },
        { title: 'files', align: 'right' },
        { title: 'flagged', align: 'right' },
        { title: 'share', align: 'right' },
      ],
      rows: groups.map(({ group, good, flagged }) => [
        group,
        good,
        flagged,
        `${((100 * flagged) / Math.max(1, good)).toFixed(1)} %`,
      ]),
    });
  }
  return { document: evaluation, view };
}

/** AUC without a bad or a good file is no number. */
function shown(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The curve as bars: how much is found when so many good files are flagged. */
function plotOf({ curve }: MeasuredCurve): string {
  return curve
    .map((share) => BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? '')
    .join('');
}
