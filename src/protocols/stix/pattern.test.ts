import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indicatorsOf, NEEDS_ALL } from './indicators-of.ts';
import { isPatternError, parsePattern } from './parse.ts';
import { pathText } from './pattern.ts';

/** `kind value (note)` of every value, then `! reason: text` of every problem. */
function findings(text: string): readonly string[] {
  const tree = parsePattern(text);
  assert.ok(!isPatternError(tree), JSON.stringify(tree));
  const { values, problems } = indicatorsOf(tree, text);
  return [
    ...values.map(({ kind, value, note, stopMs }) =>
      [kind, value, note && `(${note})`, stopMs && new Date(stopMs).toISOString()].filter(Boolean).join(' '),
    ),
    ...problems.map((problem) => `! ${problem.reason}: ${problem.text}`),
  ];
}

function check(pattern: string, ...expected: readonly string[]): void {
  assert.deepEqual(findings(pattern), expected, pattern);
}

function checkError(pattern: string, position: number, message: string | RegExp): void {
  const tree = parsePattern(pattern);
  assert.ok(isPatternError(tree), pattern);
  assert.equal(tree.position, position, `${pattern}: ${tree.message}`);
  if (typeof message === 'string') assert.equal(tree.message, message);
  else assert.match(tree.message, message);
}

const MD5 = '79054025255fb1a26e4bc422aef54eb4';
const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const SHA256 = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f';

test('one value of each kind', () => {
  check("[domain-name:value = 'evil.example']", 'domain evil.example');
  check("[domain-name:value LIKE '%.evil.example']", 'domain evil.example');
  check("[url:value='http://evil.example/a?b=\\'c\\'']", "url http://evil.example/a?b='c'");
  check("[ipv4-addr:value = '198.51.100.1']", 'address 198.51.100.1');
  check("[ipv4-addr:value = '198.51.100.0/24']", 'network 198.51.100.0/24');
  check("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", 'network 198.51.100.0/24');
  check("[ipv6-addr:value == '2001:db8::1']", 'address 2001:db8::1');
  check("[email-addr:value = 'a@evil.example']", 'email a@evil.example');
  check("[email-message:from_ref.value = 'a@evil.example']", 'email a@evil.example');
  check("[email-message:sender_ref.value = 'a@evil.example']", 'email a@evil.example');
  check("[network-traffic:dst_ref.value = '198.51.100.1']", 'address 198.51.100.1');
  check("[network-traffic:dst_ref.value = 'evil.example']", 'domain evil.example');
  check(
    "[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')]",
    'address 198.51.100.1',
    'address 198.51.100.2',
  );
});

test('hashes, in every spelling of 2.0, 2.1 and producers', () => {
  for (const name of ["'SHA-256'", 'SHA256', "'sha-256'", 'sha256', 'SHA-256', "'SHA_256'"])
    check(`[file:hashes.${name} = '${SHA256.toUpperCase()}']`, `hash ${SHA256}`);
  check(`[file:hashes.MD5 = '${MD5}']`, `hash ${MD5}`);
  check(`[file:hashes.'SHA-1' = h'${SHA1}']`, `hash ${SHA1}`);
  check(`[artifact:hashes.'SHA-256' = '${SHA256}']`, `hash ${SHA256}`);
  check(`[file:content_ref.hashes.MD5 = '${MD5}']`, `hash ${MD5}`);
  check(
    "[file:hashes.'SHA-512' = 'ab']",
    "! hashes of type SHA-512 are not looked up: file:hashes.'SHA-512' = 'ab'",
  );
  check("[file:hashes.MD5 = 'ab']", "! not 32 hexadecimal digits of MD5: file:hashes.MD5 = 'ab'");
  // The digest of one section of a program is not that of the program.
  check(
    `[file:extensions.'windows-pebinary-ext'.sections[*].hashes.MD5 = '${MD5}']`,
    `! file:extensions.windows-pebinary-ext.sections[*].hashes.MD5 is not looked up: file:extensions.'windows-pebinary-ext'.sections[*].hashes.MD5 = '${MD5}'`,
  );
  check(
    `[process:image_ref.hashes.MD5 = '${MD5}']`,
    `! process:image_ref.hashes.MD5 is not looked up: process:image_ref.hashes.MD5 = '${MD5}'`,
  );
});

test('every branch of an OR gives its own', () => {
  check(
    "[domain-name:value = 'a.example' OR ipv4-addr:value = '198.51.100.1'] OR ([url:value = 'http://b.example/'])",
    'domain a.example',
    'address 198.51.100.1',
    'url http://b.example/',
  );
  check("[domain-name:value = 'a.example' OR domain-name:value = 'a.example']", 'domain a.example');
  check(
    "[domain-name:value = 'a.example' OR url:value MATCHES '^http']",
    'domain a.example',
    "! url:value is looked up whole, not with MATCHES: url:value MATCHES '^http'",
  );
});

test('several statements about one file give its strongest hash', () => {
  check(`[file:hashes.MD5 = '${MD5}' AND file:hashes.'SHA-256' = '${SHA256}']`, `hash ${SHA256}`);
  check(`[file:hashes.MD5 = '${MD5}' AND file:name = 'a.exe' AND file:size > 10]`, `hash ${MD5}`);
  check(
    `[(file:hashes.MD5 = '${MD5}' OR file:hashes.'SHA-1' = '${SHA1}') AND file:name = 'a.exe']`,
    `hash ${MD5}`,
    `hash ${SHA1}`,
  );
  check(
    "[file:name = 'a.exe' AND file:size = 10]",
    "! a property of a file alone is no indicator: file:name = 'a.exe' AND file:size = 10",
  );
});

test('a port or protocol next to an address is a note', () => {
  check(
    "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.1' AND network-traffic:dst_port = 8080]",
    "address 198.51.100.1 (only with network-traffic:dst_ref.type = 'ipv4-addr' and network-traffic:dst_port = 8080)",
  );
  check(
    '[network-traffic:dst_port = 443]',
    '! a port or protocol alone is no indicator: network-traffic:dst_port = 443',
  );
  // Wanted with a port in one place and without in another: the wider one holds.
  check(
    "[ipv4-addr:value = '198.51.100.1' OR (ipv4-addr:value = '198.51.100.1' AND network-traffic:dst_port = 1)]",
    'address 198.51.100.1',
  );
});

test('what has to be seen together is not blocked apart', () => {
  check(
    "[domain-name:value = 'a.example' AND url:value = 'http://b.example/']",
    `! ${NEEDS_ALL}: domain-name:value = 'a.example'; url:value = 'http://b.example/'`,
  );
  check(
    "[ipv4-addr:value = '198.51.100.1'] FOLLOWEDBY [domain-name:value = 'a.example']",
    `! ${NEEDS_ALL}: [ipv4-addr:value = '198.51.100.1']; [domain-name:value = 'a.example']`,
  );
  check(
    "[ipv4-addr:value = '198.51.100.1'] AND [domain-name:value = 'a.example'] WITHIN 5 SECONDS",
    `! ${NEEDS_ALL}: [ipv4-addr:value = '198.51.100.1']; [domain-name:value = 'a.example'] WITHIN 5 SECONDS`,
  );
  check(
    `[file:hashes.MD5 = '${MD5}' AND domain-name:value = 'a.example']`,
    `! ${NEEDS_ALL}: file:hashes.MD5 = '${MD5}'; domain-name:value = 'a.example'`,
  );
  check(
    "[email-message:from_ref.value = 'a@evil.example' AND email-message:subject = 'x']",
    `! ${NEEDS_ALL}: email-message:from_ref.value = 'a@evil.example'; email-message:subject = 'x'`,
  );
  check(
    "[ipv4-addr:value = '198.51.100.1'] REPEATS 5 TIMES",
    "! needs to be seen 5 times: [ipv4-addr:value = '198.51.100.1'] REPEATS 5 TIMES",
  );
});

test('negation never gives an indicator', () => {
  for (const part of [
    "domain-name:value != 'a.example'",
    "domain-name:value NOT = 'a.example'",
    "NOT domain-name:value = 'a.example'",
    "domain-name:value NOT IN ('a.example')",
    "domain-name:value <> 'a.example'",
  ])
    check(`[${part}]`, `! a test that is negated names what is fine: ${part}`);
  const both = "domain-name:value = 'a.example' AND url:value != 'http://b.example/'";
  check(`[${both}]`, `! ${NEEDS_ALL}: ${both.replace(' AND ', '; ')}`);
  // De Morgan: what is left are two negated tests, each fine by itself.
  assert.equal(
    findings("[NOT (domain-name:value = 'a.example' AND domain-name:value = 'b.example')]").length,
    2,
  );
});

test('qualifiers: once within a time is once, STOP is an end', () => {
  check("[ipv4-addr:value = '198.51.100.1'] WITHIN 300 SECONDS", 'address 198.51.100.1');
  check("[ipv4-addr:value = '198.51.100.1'] REPEATS 1 TIMES", 'address 198.51.100.1');
  check(
    "[ipv4-addr:value = '198.51.100.1'] START t'2024-01-01T00:00:00Z' STOP t'2024-02-01T00:00:00.5Z'",
    'address 198.51.100.1 2024-02-01T00:00:00.500Z',
  );
  // STIX 2.0 wrote texts.
  check(
    "[ipv4-addr:value = '198.51.100.1'] START '2024-01-01T00:00:00Z' STOP '2024-02-01T00:00:00Z'",
    'address 198.51.100.1 2024-02-01T00:00:00.000Z',
  );
});

test('precedence: AND before OR before FOLLOWEDBY', () => {
  const tree = parsePattern('[a:b = 1] FOLLOWEDBY [a:b = 2] OR [a:b = 3] AND [a:b = 4]');
  assert.ok(!isPatternError(tree) && tree.type === 'followed-by');
  const [, second] = tree.parts;
  assert.ok(second?.type === 'or' && second.parts[1]?.type === 'and');
  const inner = parsePattern('[a:b = 1 OR a:b = 2 AND a:b = 3]');
  assert.ok(!isPatternError(inner) && inner.type === 'observation' && inner.comparison.type === 'or');
  assert.deepEqual(
    inner.comparison.parts.map(({ type }) => type),
    ['test', 'and'],
  );
});

test('object paths, literals, comments', () => {
  const tree = parsePattern(
    "/* all */ [x-a:'b c'.d[0].e[*] IN (1, -2.5, true, b'aGk=', h'ff', t'2024-01-01T00:00:00Z', 'it\\'s \\\\')] // end",
  );
  assert.ok(!isPatternError(tree) && tree.type === 'observation' && tree.comparison.type === 'test');
  const { path, literals } = tree.comparison;
  assert.deepEqual(path.steps, ['b c', 'd', 0, 'e', { any: true }]);
  assert.equal(pathText(path), 'x-a:b c.d[*].e[*]');
  assert.deepEqual(
    literals.map((literal) => (literal.type === 'bytes' ? [...literal.value] : literal.value)),
    [1, -2.5, true, [0x68, 0x69], [255], '2024-01-01T00:00:00Z', "it's \\"],
  );
});

test('mistakes, with their place', () => {
  checkError('', 0, 'an observation in square brackets is missing');
  checkError('[', 1, 'an object path like file:name is missing');
  checkError("[a:b = 'c'", 10, '] is missing');
  checkError("[a:b = 'c]", 7, 'a quote that does not end');
  checkError("[a:b = 'c\\d']", 9, /^a backslash/);
  checkError("[a:b 'c']", 5, 'an operator like = is missing');
  checkError('[a:b LIKE 5]', 10, 'LIKE with something that is no text');
  checkError("[a:b = h'abc']", 7, 'not pairs of hexadecimal digits');
  checkError("[a:b = b'a']", 7, 'not base64');
  checkError("[a:b = t'yesterday']", 7, 'not a timestamp');
  checkError('[a:b = 1] WITHIN 5', 18, 'SECONDS is missing');
  checkError('[a:b = 1] REPEATS 1.5 TIMES', 22, 'REPEATS with a fraction');
  checkError(`[a:b = 1]${' WITHIN 5 SECONDS'.repeat(15_000)}`, 27, 'the same qualifier twice');
  checkError('[a:b = 1] [a:b = 2]', 10, 'something behind the end of the pattern');
  checkError('[a:b = €]', 7, 'a character that no pattern has');
  checkError('/* [a:b = 1]', 0, 'a comment that does not end');
});

test('size and depth are bounded', () => {
  const nested = (depth: number): string => `[${'('.repeat(depth)}a:b = 1${')'.repeat(depth)}]`;
  assert.ok(!isPatternError(parsePattern(nested(32))));
  checkError(nested(33), 34, 'parentheses deeper than 32');
  checkError('('.repeat(100_000), 33, 'parentheses deeper than 32');
  assert.deepEqual(parsePattern("[a:b = 'c']", { charsMax: 5, depthMax: 1 }), {
    position: 5,
    message: 'longer than 5 characters',
  });
  const long = `[${Array.from({ length: 5_000 }, (_, at) => `domain-name:value = 'h${at}.example'`).join(' OR ')}]`;
  assert.equal(findings(long).length, 5_000);
});
