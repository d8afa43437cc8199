import {
  type MeasuredCurve,
  type MeasuredGroup,
  type ModelKind,
  type ModelShelf,
  type ModelVersion,
  predictionErrors,
  readFileModel,
  SHIPPED,
} from '../prediction/index.ts';
import { runTrainer } from './trainer.io.ts';

/** What operators do with models. */
export interface ModelAdmin {
  list(kind: ModelKind): readonly ModelVersion[];
  /** From files of the operator; signed and kept, not yet in force. Resolves with the version. */
  train(data: ModelData, progress: (line: string) => void): Promise<string>;
  /** On files, or on the splits of the tables, or without either what was measured when the model was made. */
  evaluate(data: ModelData, progress: (line: string) => void): Promise<Evaluation>;
  activate(kind: ModelKind, version: string): Promise<string>;
  rollback(kind: ModelKind): Promise<string>;
}

export interface ModelData {
  readonly good: string | undefined;
  readonly bad: string | undefined;
  readonly tables: string | undefined;
}

export interface Evaluation {
  /** The model that was measured; `splits`: one was trained for each. */
  readonly version: string;
  readonly measured: 'when it was made' | 'now';
  readonly curves: readonly MeasuredCurve[];
  readonly groups: readonly MeasuredGroup[];
}

export interface ModelAdminOptions {
  readonly shelf: ModelShelf;
  /** Tells the edges that another model is in force. */
  publish(): Promise<void>;
}

export function createModelAdmin({ shelf, publish }: ModelAdminOptions): ModelAdmin {
  const filesInForce = () => {
    const file = shelf.active('files', () => undefined);
    if (file === undefined)
      throw predictionErrors.PREDICTION_MODEL_UNKNOWN({ kind: 'files', version: SHIPPED });
    return file;
  };
  return {
    list: (kind) => shelf.list(kind),
    async train(data, progress) {
      const done = await runTrainer({ kind: 'train', ...data }, progress);
      if (done.kind !== 'trained') throw new TypeError('the trainer has measured where it was to train');
      const version = nextVersion(shelf.list('files'));
      shelf.save('files', version, done.body);
      return version;
    },
    async evaluate(data, progress) {
      const { version, body } = filesInForce();
      const hasFiles = data.good !== undefined || data.bad !== undefined;
      if (!hasFiles && data.tables === undefined) {
        const model = readFileModel(body, version);
        return {
          version,
          measured: 'when it was made',
          curves: model?.measured ?? [],
          groups: model?.groups ?? [],
        };
      }
      const done = await runTrainer(
        { kind: 'evaluate', ...data, model: hasFiles ? { version, body } : undefined },
        progress,
      );
      if (done.kind !== 'measured') throw new TypeError('the trainer has trained where it was to measure');
      return {
        version: hasFiles ? version : 'splits',
        measured: 'now',
        curves: done.curves,
        groups: done.groups,
      };
    },
    async activate(kind, version) {
      const model = shelf.activate(kind, version);
      await publish();
      return model.version;
    },
    async rollback(kind) {
      const model = shelf.rollback(kind);
      await publish();
      return model.version;
    },
  };
}

function nextVersion(versions: readonly ModelVersion[]): string {
  const numbers = versions.map(({ version }) => Number(/^own-(\d+)$/.exec(version)?.[1] ?? 0));
  return `own-${Math.max(0, ...numbers) + 1}`;
}
