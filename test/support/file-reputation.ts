import { loadConfig, type FileReputationConfig } from '../../src/engines/config/index.ts';
import { createFileReputation, serveFileReputation } from '../../src/engines/hashlookup/index.ts';
import { createVerdictEngine } from '../../src/engines/verdict/index.ts';
import type { ControlLink } from '../../src/kernel/index.ts';
import type { ApiEngines } from '../../src/services/api/index.ts';
import { indicatorLab, type IndicatorLab } from './indicators.ts';
import type { Scope } from './scope.ts';
import { away, openApi, type WebDoor, type WebDoorOptions } from './web-doors.ts';

export interface FileReputationLab extends IndicatorLab {
  /** A door of the API over the lists; several share one control, as edges do. */
  edge(options?: WebDoorOptions): Promise<WebDoor>;
  readonly control: { isAway: boolean };
}

/** Real lists, the API of some edges over them, and the part of control that they share. */
export async function fileReputationLab(
  scope: Scope,
  settings: Partial<FileReputationConfig> = {},
): Promise<FileReputationLab> {
  const lab = await indicatorLab(scope);
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const config = { ...base.fileReputation, ...settings };
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const handlers = new Map<string, (params: unknown) => unknown>();
  const edges: Map<string, () => unknown>[] = [];
  serveFileReputation({
    clock: lab.clock,
    config: () => config,
    reader: () => lab.reader,
    links: {
      handle: (method, handler) =>
        void handlers.set(method, (params) => handler(params, { pid: 1, generation: 1 })),
      collect: (topic) =>
        Promise.resolve(new Map(edges.map((answers, pid) => [pid, json(answers.get(topic)?.())]))),
    },
  });
  const control = { isAway: false };
  return {
    ...lab,
    control,
    edge(options = {}) {
      const answers = new Map<string, () => unknown>();
      edges.push(answers);
      const link: ControlLink = {
        connected: true,
        async call(method, params) {
          if (control.isAway) throw away();
          return json(await handlers.get(method)?.(json(params)));
        },
        post: () => true,
        subscribe: () => undefined,
        answer: (topic, handler) => void answers.set(topic, handler),
      };
      const engines: Partial<ApiEngines> = {
        reader: lab.reader,
        verdicts: createVerdictEngine({ reader: lab.reader }),
        fileReputation: createFileReputation(link, config),
        clock: lab.clock,
        ...options.engines,
      };
      const withSettings = (given: typeof base) => ({
        ...(options.config?.(given) ?? given),
        fileReputation: config,
      });
      return openApi({ ...options, config: withSettings, engines });
    },
  };
}
