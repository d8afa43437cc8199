import type { ControlLink } from '../../kernel/index.ts';
import type { FileReputationConfig } from '../config/index.ts';
import { METHODS, recordIn, textsIn, TOP_TOPIC } from './messages.ts';
import type { RelationPage } from './relations.ts';
import type { SessionContent, SessionMaker } from './sessions.ts';
import { type TopCounts, TopValues } from './top-values.ts';

/** What an edge knows of the questions for files that all edges get. Calls reject while control is away. */
export interface FileReputation {
  /** Counts a question. */
  asked(hash: string, known: boolean): void;
  makeSession(name: string, maker: SessionMaker): Promise<boolean>;
  addToSession(name: string, found: { nx: readonly string[]; exist: readonly string[] }): Promise<void>;
  session(name: string): Promise<SessionContent | undefined>;
  relations(request: RelationRequest): Promise<RelationPage | undefined>;
  top(): Promise<{ readonly nx: TopCounts; readonly exist: TopCounts }>;
  /** Remembers a URL by its identifier. */
  submit(id: string, url: string): Promise<void>;
  submitted(id: string): Promise<string | undefined>;
}

export interface RelationRequest {
  readonly of: 'parents' | 'children';
  /** Lower-case hexadecimal. */
  readonly hash: string;
  readonly count: number;
  readonly cursor: string;
}

const CALL_MS = 2000;
/** The first question for relations reads the lists. */
const RELATIONS_MS = 60_000;
/** Told to control: more than are shown, because what is third here may be first elsewhere. */
const TOLD_MAX = 500;

export function createFileReputation(link: ControlLink, config: FileReputationConfig): FileReputation {
  const nx = new TopValues(config.topValuesMax);
  const exist = new TopValues(config.topValuesMax);
  link.answer(TOP_TOPIC, () => ({ nx: nx.top(TOLD_MAX), exist: exist.top(TOLD_MAX) }));
  const call = async (method: string, params: object, timeoutMs = CALL_MS) =>
    recordIn(await link.call(method, params, timeoutMs));

  // What control answers was made by `serveFileReputation` of the same version.
  return {
    asked: (hash, known) => (known ? exist : nx).add(hash),
    makeSession: async (name, maker) => (await call(METHODS.make, { name, ...maker }))['made'] === true,
    addToSession: async (name, found) => void (await call(METHODS.add, { name, ...found })),
    session: async (name) => (await call(METHODS.content, { name }))['content'] as SessionContent | undefined,
    relations: async (request) =>
      (await call(METHODS.relations, request, RELATIONS_MS))['page'] as RelationPage | undefined,
    top: async () => (await call(METHODS.top, {})) as unknown as { nx: TopCounts; exist: TopCounts },
    submit: async (id, url) => void (await call(METHODS.submit, { id, url })),
    submitted: async (id) => textsIn([(await call(METHODS.submitted, { id }))['url']])[0],
  };
}
