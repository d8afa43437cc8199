import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi, statusOf } from '../../../test/support/web-doors.ts';

function request(line: string, token: string, body?: object): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const fields = [`Host: gw.example`, `Authorization: Bearer ${token}`, 'Content-Type: application/json'];
  if (text !== '') fields.push(`Content-Length: ${Buffer.byteLength(text)}`);
  return `${line} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${text}`;
}

test('the routes of the policy run the commands of the policy, each with its scope', async () => {
  const control = { 'command.run': () => ({ document: {}, view: [] }) };
  const text = 'version: 1\ndefault: allow\n';
  const options = (given: object) => ({ words: {}, rest: [], options: given });
  for (const [line, body, words, input, isWrite] of [
    ['GET /api/v1/policies', undefined, 'policy show', options({}), false],
    [
      'POST /api/v1/policies',
      { text, confirmWithin: '5m' },
      'policy apply',
      options({ text, 'dry-run': false, 'confirm-within': '5m' }),
      true,
    ],
    ['GET /api/v1/policies/versions', undefined, 'policy versions', options({ limit: '1000' }), false],
    ['GET /api/v1/policies/versions/12', undefined, 'policy show', options({ version: '12' }), false],
    ['POST /api/v1/policies/confirm', {}, 'policy confirm', options({}), true],
    [
      'POST /api/v1/policies/rollback',
      { version: 12 },
      'policy rollback',
      { ...options({}), words: { version: '12' } },
      true,
    ],
    [
      'POST /api/v1/policies/test',
      { text: 'tests: []', policy: text },
      'policy test',
      options({ text: 'tests: []', 'policy-text': text }),
      false,
    ],
    ['GET /api/v1/policies/schema', undefined, 'policy schema', options({}), false],
  ] as const) {
    const door = await openApi({ control });
    const asReader = statusOf(await door.say('https', request(line, 'reader', body)));
    assert.equal(asReader, isWrite ? 403 : 200, line);
    assert.equal(statusOf(await door.say('https', request(line, 'boss', body))), 200, line);
    assert.deepEqual(
      door.calls.at(-1),
      ['command.run', { words, input, actor: 'token:boss', source: '10.0.0.9' }],
      line,
    );
    assert.equal(door.calls.length, isWrite ? 1 : 2);
  }
  const door = await openApi({ control });
  const unknown = request('POST /api/v1/policies', 'boss', { text, confirm: '5m' });
  assert.equal(statusOf(await door.say('https', unknown)), 400);
  assert.equal(door.calls.length, 0);
});
