import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openYaml } from '../config/index.ts';
import { ACTIONS } from './actions/index.ts';
import { CRITERIA } from './criteria/index.ts';
import { DEFAULT_DOCUMENT, DEFAULT_TEXT } from './document.ts';
import { readPolicy } from './read.ts';
import { policyJsonSchema } from './schema.ts';

/** `line:column path` of each. */
function places(problems: ReturnType<typeof readPolicy>['problems']): readonly string[] {
  return problems.map(({ line, column, path }) => `${line}:${column} ${path}`);
}

/** What examples of the reference refer to. */
const NAMED = `lists:
  partners: { hosts: [a.example] }
  bad-pages: { urls: [b.example/x] }
  branch-offices: { networks: [10.2.0.0/16] }
  board: { users: [Chief] }
schedules:
  office-hours: { zone: Europe/Berlin, days: [mon-fri], from: "08:00", to: "18:00" }
`;

test('the shipped text is the shipped document', () => {
  assert.deepEqual(readPolicy(DEFAULT_TEXT), { document: DEFAULT_DOCUMENT, problems: [], warnings: [] });
});

test('the example of every criterion and action is understood, and fits the JSON Schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(policyJsonSchema() as object);
  const rules = [
    ...CRITERIA.map(({ name, example }) => `{ when: { ${name}: ${example} }, then: block }`),
    ...ACTIONS.map(({ name, example }) => `{ then: { ${name}: ${example} } }`),
  ].map((rule, at) => `  - { name: rule-${at}, ${rule.slice(2)}`);
  const text = `version: 1\n${NAMED}rules:\n${rules.join('\n')}\ndefault: block\n`;
  const { document, problems } = readPolicy(text);
  assert.deepEqual(problems, []);
  assert.equal(document?.rules.length, CRITERIA.length + ACTIONS.length);
  assert.deepEqual(
    document.rules.map(({ line }) => line),
    rules.map((_, at) => at + 10),
  );
  assert.ok(validate(openYaml(text).value), JSON.stringify(validate.errors));
  const { value } = openYaml(
    '{ version: 1, default: allow, rules: [{ name: a, when: { hots: a }, then: block }] }',
  );
  assert.ok(!validate(value));
});

test('all faults come at once, each with its place and what to do', () => {
  const { document, problems } = readPolicy(`version: 2
lists:
  partners: { hosts: [a.example, "b b"] }
schedules:
  office: { zone: Europe/Nowhere, days: [mon-fri], from: "08:00", to: "25:00" }
rules:
  - name: Bad Name
    when:
      host: [ok.example, "no/host"]
      metod: POST
    then: block
  - name: two
    when: { score: { min: 200 }, size: 10XB, schedule: ofice }
    then: { allow: true, block: true }
  - name: three
    when: { not: { hst: a.example }, host: $partner }
    then: { headers: { request: { set: { Host: x } } }, rate: { requests: 0 } }
  - name: default-allow
    when: { any: [ { user: $partners } ] }
    then: frobnicate
  - name: three
    then: {}
`);
  assert.equal(document, undefined);
  const found = places(problems);
  for (const place of [
    '1:1 version',
    '1:1 default',
    '3:34 lists.partners.hosts[1]',
    '5:13 schedules.office.zone',
    '5:67 schedules.office.to',
    '7:5 rules[0].name',
    '9:26 rules[0].when.host[1]',
    '10:7 rules[0].when.metod',
    '13:22 rules[1].when.score.min',
    '13:34 rules[1].when.size',
    '13:46 rules[1].when.schedule',
    '14:5 rules[1].then',
    '16:20 rules[2].when.not.hst',
    '16:38 rules[2].when.host',
    '17:42 rules[2].then.headers.request.set.Host',
    '17:65 rules[2].then.rate.requests',
    '20:5 rules[3].then',
    '22:5 rules[4].then',
  ]) {
    assert.ok(found.includes(place), `${place} in\n${found.join('\n')}`);
  }
  assert.equal(problems.find(({ path }) => path.endsWith('metod'))?.hint, 'Did you mean `method`?');
  assert.ok(problems.every(({ message }) => message.length > 0));
});

test('names that are used must be there, be of the right kind, and tell rules apart', () => {
  const { problems } = readPolicy(`version: 1
${NAMED}rules:
  - { name: one, when: { schedule: office-hour }, then: block }
  - { name: one, when: { host: [x.example, $branch-offices] }, then: block }
  - { name: feed-block, when: { not: { user: $nobody } }, then: block }
default: allow
`);
  assert.deepEqual(places(problems), [
    '10:26 rules[0].when.schedule',
    '11:7 rules[1].name',
    '11:44 rules[1].when.host[1]',
    '12:7 rules[2].name',
    '12:40 rules[2].when.not.user',
  ]);
});

test('a fault of one rule does not hide the rules between the others', () => {
  const { problems } = readPolicy(`version: 1
rules:
  - { name: one, when: { host: "no/host" }, then: block }
  - { name: two, when: { schedule: nowhere }, then: block }
default: allow
`);
  assert.deepEqual(places(problems), ['3:26 rules[0].when.host', '4:26 rules[1].when.schedule']);
});

test('rules that can never fit are named with the rule that is in their way', () => {
  const shadowed = (rules: readonly string[]): readonly string[] => {
    const { warnings, problems } = readPolicy(
      `version: 1\nrules:\n${rules.map((rule, at) => `  - { name: r${at}, ${rule} }\n`).join('')}default: allow\n`,
    );
    assert.deepEqual(problems, []);
    return warnings.map(({ message }) => message.slice(0, message.indexOf(' (line')));
  };
  const never = (narrow: string, wide: string): string => `the rule ${narrow} can never fit: ${wide}`;
  const block = 'then: block';
  assert.deepEqual(
    shadowed([`when: { host: "*.a.example" }, ${block}`, `when: { host: x.b.a.example }, then: allow`]),
    [never('r1', 'r0')],
  );
  assert.deepEqual(
    shadowed([
      `when: { source: 10.0.0.0/8 }, ${block}`,
      `when: { source: [10.1.0.0/16, 10.2.3.4], method: GET }, ${block}`,
    ]),
    [never('r1', 'r0')],
  );
  assert.deepEqual(
    shadowed([`when: { score: { min: 50 } }, ${block}`, `when: { score: { min: 75, max: 80 } }, ${block}`]),
    [never('r1', 'r0')],
  );
  assert.deepEqual(
    shadowed([`when: { url: a.example/x/ }, ${block}`, `when: { url: a.example/x/y }, ${block}`, block]),
    [never('r1', 'r0')],
  );
  assert.deepEqual(shadowed([block, `when: { method: GET }, ${block}`]), [never('r1', 'r0')]);
  // Criteria inside of `not` and `any` count as well.
  for (const [first, second] of [
    ['when: { any: [{ host: a.example }, { user: x }] }', 'when: { host: a.example, method: GET }'],
    ['when: { host: "*.example" }', 'when: { any: [{ host: a.example }, { host: b.example, user: x }] }'],
    [
      'when: { any: [{ user: x }, { host: "*.example" }] }',
      'when: { any: [{ host: a.example }, { user: x, port: 80 }] }',
    ],
    ['when: { not: { host: a.example } }', 'when: { not: [{ user: x }, { host: "*.example" }] }'],
    ['when: { not: { host: a.example, method: GET } }', 'when: { not: { host: "a.example" }, user: x }'],
    ['when: { not: { method: GET } }', 'when: { method: [POST, PUT] }'],
    ['when: { not: { door: icap, user: x } }', 'when: { any: [{ door: api }, { door: forward-proxy }] }'],
  ] as const) {
    assert.deepEqual(shadowed([`${first}, ${block}`, `${second}, ${block}`]), [never('r1', 'r0')], second);
  }
  // Not wider: another port, a suffix that only looks like one, a rule that goes on, one that is off.
  for (const [first, second] of [
    ['when: { host: "a.example:80" }, then: block', 'when: { host: a.example }, then: block'],
    ['when: { host: "*.example.com" }, then: block', 'when: { host: evil-example.com }, then: block'],
    ['when: { host: "*.example.com" }, then: block', 'when: { host: example.com }, then: block'],
    ['when: { host: a.example, user: x }, then: block', 'when: { host: a.example }, then: block'],
    ['then: { log: full }', 'when: { method: GET }, then: block'],
    ['enabled: false, then: block', 'when: { method: GET }, then: block'],
    ['when: { not: { method: GET } }, then: block', 'when: { method: GET }, then: block'],
    ['when: { not: { method: GET } }, then: block', 'when: { method: [POST, GET] }, then: block'],
    ['when: { not: { category: games } }, then: block', 'when: { category: news }, then: block'],
    ['when: { not: { host: "*.example" } }, then: block', 'when: { not: { host: a.example } }, then: block'],
    [
      'when: { host: a.example }, then: block',
      'when: { any: [{ host: a.example }, { user: x }] }, then: block',
    ],
    ['when: { any: [{ user: x }, { port: 80 }] }, then: block', 'when: { port: 80-90 }, then: block'],
  ] as const) {
    assert.deepEqual(shadowed([first, second]), [], `${first} / ${second}`);
  }
});

test('rules that ask for what cannot be known there are named, with line and hint', () => {
  const warned = (rule: string): readonly string[] => {
    const { warnings, problems } = readPolicy(
      `version: 1\nrules:\n  - { name: r0, ${rule}, then: block }\ndefault: allow\n`,
    );
    assert.deepEqual(problems, []);
    return warnings.map(({ line, path, message, hint }) => {
      assert.notEqual(hint ?? '', '');
      return `${line} ${path} ${message.replace('the rule r0 can never fit: ', '')}`;
    });
  };
  for (const [rule, found] of [
    [
      'when: { phase: request, status: 5xx }',
      '3 rules[0].when.status status is known from phase response on, and the rule asks in request',
    ],
    [
      'when: { phase: [connect, request], file-type: pe }',
      '3 rules[0].when.file-type file-type is known from phase request-body on, and the rule asks in connect, request',
    ],
    [
      'when: { method: CONNECT, url: a.example/x/ }',
      '3 rules[0].when.url url cannot be seen in a tunnel, and the rule is about CONNECT',
    ],
    [
      'when: { door: [ssh, web-reputation] }',
      '3 rules[0].when.door ssh, web-reputation serves nothing that rules decide about',
    ],
    [
      'when: { door: api, phase: response }',
      '3 rules[0].when.phase the door api asks in phase request-body only, and the rule in response',
    ],
    [
      'when: { phase: request, any: [{ status: 5xx }, { host: a.example, file-type: pe }] }',
      '3 rules[0].when.any no alternative of any can be met: status is known from phase response on, and the rule asks in request',
    ],
    [
      'when: { any: [{ method: CONNECT, url: a.example/x/ }] }',
      '3 rules[0].when.any url cannot be seen in a tunnel, and the rule is about CONNECT',
    ],
    [
      'when: { phase: request, not: { file-type: pe } }',
      '3 rules[0].when.not file-type is known from phase request-body on, and the rule asks in request',
    ],
    [
      'when: { host: a.example, method: GET, not: { host: "*.example" } }',
      '3 rules[0].when.not everything that it asks for is excluded by its own not',
    ],
  ] as const) {
    assert.deepEqual(warned(rule), [found], rule);
  }
  for (const rule of [
    'when: { phase: [request, response], status: 5xx }',
    'when: { phase: response-body, file-type: pe }',
    'when: { method: [CONNECT, GET], url: a.example/x/ }',
    'when: { method: CONNECT, host: a.example }',
    'when: { door: [ssh, icap] }',
    'enabled: false, when: { door: ssh }',
    'when: { phase: request, any: [{ status: 5xx }, { host: a.example }] }',
    'when: { any: [{ door: ssh }, { door: icap }] }',
    'when: { phase: request, not: { status: 5xx, host: a.example } }',
    'when: { host: "*.example", not: { host: a.example } }',
  ]) {
    assert.deepEqual(warned(rule), [], rule);
  }
});

test('any text ends in a document or in problems', () => {
  const pieces = [
    DEFAULT_TEXT,
    NAMED,
    'rules: 7',
    '[',
    '- a',
    'a: &x [*x]',
    '\t',
    'version: 1\nrules: [null]',
    '{}',
    '',
  ];
  for (const first of pieces) {
    for (const second of pieces) {
      const { document, problems } = readPolicy(`${first}\n${second}`);
      assert.ok((document === undefined) === problems.length > 0, JSON.stringify([first, second]));
    }
  }
});
