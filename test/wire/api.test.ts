import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PortKey } from '../../src/kernel/index.ts';
import { dripped, whole } from '../support/memory-wire.ts';
import type { Config } from '../../src/engines/config/index.ts';
import { openApi, openWebReputation } from '../support/web-doors.ts';

/**
 * Conversations as text files, byte for byte. `@ listener source` says where they happen; `>` and `<` are lines
 * with CRLF, `>|` and `<|` lines with LF, `>.` and `<.` end without any; `= metric{label,label} n` is what was
 * counted, and `#` says why. Each is played whole and byte by byte.
 */
interface Script {
  readonly key: PortKey;
  readonly source: string;
  readonly sent: string;
  readonly expected: string;
  readonly counted: readonly (readonly [name: string, labels: readonly string[], value: number])[];
}

/** What models say changes with each training; the bytes of the scripts do not. */
const withoutModels = (base: Config): Config => ({
  ...base,
  prediction: { ...base.prediction, urls: 'off' },
});

const FOLDERS = ['api', 'web-reputation'] as const;

for (const folder of FOLDERS) {
  const path = join(import.meta.dirname, folder);
  for (const file of readdirSync(path)) {
    test(`${folder}/${file}`, async () => {
      const script = parseScript(readFileSync(join(path, file), 'latin1'));
      for (const chunks of [whole(script.sent), dripped(script.sent)]) {
        const door = await (folder === 'api' ? openApi() : openWebReputation({ config: withoutModels }));
        assert.equal(await door.say(script.key, chunks, script.source), script.expected);
        for (const [name, labels, value] of script.counted) {
          assert.equal(door.counted(name, ...labels), value, `${name}{${labels.join()}}`);
        }
      }
    });
  }
}

function parseScript(text: string): Script {
  let key: PortKey = 'https';
  let source = '10.0.0.9';
  let sent = '';
  let expected = '';
  const counted: [string, readonly string[], number][] = [];
  for (const line of text.split('\n')) {
    const [, mark = '', rest = ''] = /^([@<>=#][|.]?) ?(.*)$/.exec(line) ?? [];
    const end = mark.endsWith('|') ? '\n' : mark.endsWith('.') ? '' : '\r\n';
    if (mark.startsWith('>')) sent += rest + end;
    else if (mark.startsWith('<')) expected += rest + end;
    else if (mark === '@') {
      const [listener, from = source] = rest.split(' ');
      // The scripts name rows of the port table; a wrong one has no listener and fails.
      key = listener as PortKey;
      source = from;
    } else if (mark === '=') {
      const [, name = '', labels = '', value] = /^(\w+)\{(.*)\} (\d+)$/.exec(rest) ?? [];
      counted.push([name, labels.split(','), Number(value)]);
    } else assert.ok(line === '' || mark === '#', `a line of no kind: ${line}`);
  }
  return { key, source, sent, expected, counted };
}
