import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../kernel/index.ts';
import { policyOf, scanned } from '../../../test/support/policy.ts';
import { compilePolicy, FACT, type Phase } from '../policy/index.ts';
import { readExpectations } from './expectations.ts';
import { factsOf } from './facts.ts';
import { fileNameOf } from './file-name.ts';
import { laterOf } from './doors.ts';
import { tryExpectation } from './try-policy.ts';

const NOTHING: Verdict = { verdict: 'unknown', score: 50, matches: [] };

function request(method: string, url: string, asked: string[] = []) {
  return factsOf({
    door: 'icap',
    source: '10.1.1.1',
    user: undefined,
    nowMs: 0,
    method,
    url,
    fields: new Map([['user-agent', 'curl/8']]),
    verdicts: {
      evaluateUrl: ({ key }) => {
        asked.push(key);
        return NOTHING;
      },
    },
    later: laterOf('icap', method),
  });
}

test('a request is method, URL and fields; its host is canonical, and lists are asked once', () => {
  const asked: string[] = [];
  const facts = request('GET', 'http://WWW.Example.COM.:8080/a/../b.exe?x=1', asked);
  assert.deepEqual(
    [facts?.host, facts?.port, facts?.scheme, facts?.path, facts?.query, facts?.fileName],
    ['www.example.com', 8080, 'http', '/b.exe', 'x=1', 'b.exe'],
  );
  facts?.verdict();
  facts?.verdict();
  assert.deepEqual(asked, ['www.example.com/b.exe?x=1']);
  assert.equal(request('GET', 'http://[2001:DB8::1]/')?.host, '2001:db8::1');
  const tunnel = request('CONNECT', 'example.com:443', asked);
  assert.deepEqual(
    [tunnel?.host, tunnel?.port, tunnel?.path, tunnel?.later],
    ['example.com', 443, undefined, 0],
  );
  assert.equal(request('GET', 'mailto:a@b.test'), undefined);
});

test('an exchange is filled in phase by phase, and the decision gets final', async () => {
  const policy = compilePolicy({
    document: await policyOf([
      'when: { media-type: "image/*" }, then: allow',
      'when: { file-verdict: malicious, request-field: { name: User-Agent, contains: curl } }, then: { block: true, quarantine: true }',
    ]),
  });
  const facts = request('GET', 'http://a.test/');
  assert.ok(facts !== undefined);
  const say = (phase: Phase) => {
    const { rule, needs, scan } = policy.decide(phase, facts);
    return [rule, needs.join(), scan];
  };
  assert.deepEqual(say('request'), ['default-allow', 'response-head,file-verdict', undefined]);
  facts.keep(policy.requestFields);
  assert.equal(facts.requestField('user-agent'), 'curl/8', 'what rules ask for is kept');
  facts.answered(200, new Map([['content-type', 'text/html']]), 500);
  assert.deepEqual(say('response'), ['default-allow', 'file-verdict', undefined]);
  facts.scanned({ file: scanned({ verdict: 'malicious' }) }, true);
  assert.deepEqual(say('response-body'), ['r1', '', undefined]);
  assert.equal(policy.decide('response-body', facts).quarantine, true);

  const image = request('GET', 'http://a.test/');
  image?.answered(200, new Map([['content-type', 'image/png']]), undefined);
  assert.deepEqual(
    image && policy.decide('response', image).needs,
    [],
    'nothing more is asked about an image',
  );
  assert.equal((image?.later ?? 0) & FACT.size, FACT.size, 'its length is known when it is over');
});

test('a file is named by the server, else by the path, and never with its folders', () => {
  for (const [disposition, path, name] of [
    [undefined, '/a/b.zip', 'b.zip'],
    [undefined, '/a/', undefined],
    [undefined, '/%2e%2e%2fetc%2fpasswd', 'passwd'],
    [undefined, '/a%zz', 'a%zz'],
    ['attachment; filename="x y.exe"', '/b', 'x y.exe'],
    ['attachment; filename=x.exe; size=3', '/b', 'x.exe'],
    ['attachment; filename="a\\"b.txt"', '/b', 'a"b.txt'],
    ["attachment; filename=x; filename*=UTF-8''na%C3%AFve.pdf", '/b', 'naïve.pdf'],
    ['attachment; filename="..\\\\..\\\\evil.bat"', '/b', 'evil.bat'],
    ['attachment', '/b.txt', 'b.txt'],
    [undefined, undefined, undefined],
  ] as const) {
    assert.equal(fileNameOf(disposition, path), name, `${disposition} ${path}`);
  }
});

test('expectations are compared with what the policy says, and differences are named', async () => {
  const policy = compilePolicy({
    document: await policyOf(
      [
        'when: { category: games, schedule: work }, then: warn',
        'when: { incomplete: encrypted }, then: { block: true, quarantine: true }',
      ],
      'schedules: { work: { zone: Europe/Berlin, days: [mon-fri], from: "08:00", to: "18:00" } }\ndefault: allow',
    ),
  });
  const trial = {
    access: {
      explain: (
        facts: Parameters<typeof policy.explain>[1],
        versions: Readonly<Record<string, string>>,
        phase?: Phase,
      ) => policy.explain(phase ?? 'request', facts, versions),
    },
    verdicts: { evaluateUrl: () => NOTHING },
    now: () => 0,
  };
  const { tests, problems } = readExpectations(`tests:
  - name: games at work
    request: { url: "http://play.test/", time: "2026-01-14T10:00:00+01:00" }
    indicators: [{ category: games, action: label }]
    expect: { decision: warn, rule: r0 }
  - name: games at night
    request: { url: "http://play.test/", time: "2026-01-14T23:00:00+01:00" }
    indicators: [{ category: games, action: label }]
    expect: { decision: allow, rule: default-allow, needs: [file-verdict] }
  - name: a locked archive
    request: { url: "http://a.test/x.zip", door: icap }
    response: { status: 200 }
    file: { type: zip, family: archive, incomplete: [encrypted] }
    expect: { decision: block, rule: r1, reason: policy-rule }
  - name: wrong
    request: { url: "http://a.test/" }
    expect: { decision: block }
`);
  assert.deepEqual(problems, []);
  const results = tests.map((each) => tryExpectation(each, trial));
  assert.deepEqual(
    results.map(({ passed, differences }) => [passed, ...differences]),
    [[true], [true], [true], [false, 'decision is "allow", expected "block"']],
  );
  assert.match(
    readExpectations('tests: [{ name: a, request: {}, expect: { rul: x } }]').problems.join('\n'),
    /1:\d+ tests\.0\.request\.url/,
  );
});
