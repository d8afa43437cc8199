import { z } from 'zod';
import { INCOMPLETE_REASONS, PORT_TABLE } from '../../kernel/index.ts';
import { openYaml } from '../config/index.ts';
import { PHASES } from '../policy/index.ts';

const DOORS = [...new Set(PORT_TABLE.map((row) => row.door))];
const text = z.string().max(4096);
const severity = z.enum(['low', 'medium', 'high', 'critical']).prefault('high');
const fields = z.record(text, text).prefault({});

/** An indicator that is taken for true, whatever the lists of this gateway say. */
const indicator = z.strictObject({
  feed: text.prefault('test'),
  entry: text.optional(),
  action: z.enum(['allow', 'block', 'label']).prefault('block'),
  category: text.prefault(''),
  severity,
});

const request = z.strictObject({
  url: text.min(1),
  method: text.min(1).optional(),
  source: text.prefault('127.0.0.1'),
  user: text.optional(),
  groups: z.array(text).optional(),
  door: z.enum(DOORS as [string, ...string[]]).prefault('forward-proxy'),
  time: z.iso.datetime({ offset: true }).optional(),
  fields,
  bytes: z.int().min(0).optional(),
});

const response = z.strictObject({
  status: z.int().min(100).max(599).prefault(200),
  fields,
  bytes: z.int().min(0).optional(),
});

const file = z.strictObject({
  type: text.prefault('unknown'),
  family: text.prefault('other'),
  verdict: z.enum(['clean', 'suspicious', 'malicious', 'unknown']).prefault('unknown'),
  bytes: z.int().min(0).prefault(0),
  findings: z.array(z.strictObject({ name: text, stage: text.prefault('test'), severity })).prefault([]),
  incomplete: z.array(z.enum(INCOMPLETE_REASONS)).prefault([]),
});

const expectation = z.strictObject({
  decision: z.enum(['allow', 'block', 'warn']).optional(),
  rule: text.optional(),
  reason: text.optional(),
  scan: text.nullable().optional(),
  log: z.enum(['none', 'normal', 'full']).optional(),
  needs: z.array(text).optional(),
  monitored: z.array(text).optional(),
});

const one = z.strictObject({
  name: text.min(1),
  phase: z.enum(PHASES).optional(),
  request,
  response: response.optional(),
  file: file.optional(),
  indicators: z.array(indicator).optional(),
  expect: expectation.refine((value) => Object.keys(value).length > 0, {
    error: 'expects nothing; name decision, rule, reason, scan, log, needs or monitored',
  }),
});

const schema = z.strictObject({ tests: z.array(one).min(1).max(10_000) });

/** One request with what is expected of the policy. */
export type Expectation = z.infer<typeof one>;

/** Text of a file of expectations → the tests, or what is wrong with it, one line each. */
export function readExpectations(source: string): {
  readonly tests: readonly Expectation[];
  readonly problems: readonly string[];
} {
  const opened = openYaml(source);
  if (opened.problem !== undefined) {
    const { line, column, message } = opened.problem;
    return { tests: [], problems: [`${line ?? 1}:${column ?? 1} ${message}`] };
  }
  const parsed = schema.safeParse(opened.value ?? {});
  if (parsed.success) return { tests: parsed.data.tests, problems: [] };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const place = opened.locate(path);
    return `${place?.line ?? 1}:${place?.column ?? 1} ${path.map(String).join('.')}: ${message}`;
  });
  return { tests: [], problems };
}
