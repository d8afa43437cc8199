import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestTranscript, responseTranscript } from '../fuzz/http1-drive.ts';
import { readScripts } from './http1-script.ts';

interface AnyHead {
  readonly method?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly status?: number;
  readonly framing: { readonly kind: string; readonly length?: number };
}

/** The transcript's long line for a head as the scripts write it. */
function short(line: string): string {
  if (!line.startsWith('head ')) return line;
  // The driver wrote it.
  const head = JSON.parse(line.slice(5)) as AnyHead;
  const { kind, length } = head.framing;
  const framing = length === undefined ? kind : `${kind}:${length}`;
  const what =
    head.method === undefined ? String(head.status) : `${head.method} ${head.authority} ${head.path || '-'}`;
  return `head ${what} ${framing}`;
}

for (const script of readScripts()) {
  test(`http1 wire: ${script.name}`, () => {
    const lines =
      script.role === 'request'
        ? requestTranscript([script.bytes])
        : responseTranscript(script.methods, [script.bytes]);
    assert.deepEqual(lines.map(short), script.expected);
  });
}
