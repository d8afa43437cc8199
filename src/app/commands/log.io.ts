import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand, textOption } from '../../kernel/index.ts';
import type { Gateway } from '../control/gateway.ts';
import type { LogRing } from '../control/log-ring.io.ts';
import { appErrors } from '../errors.ts';

/** Of a log of any size, only this much of its end is read. */
const TAIL_BYTES = 1024 * 1024;
const LINES_DEFAULT = '50';

export const logCommand = defineCommand<{ readonly gateway: Gateway; readonly logLines: LogRing }>({
  words: 'show log',
  summary: 'Show the newest lines of the application log, or of the access log',
  positionals: [],
  options: {
    access: { help: 'The access log: one line for each request' },
    lines: { value: 'N', help: 'How many', default: LINES_DEFAULT },
  },
  role: 'read',
  where: 'either',
  examples: ['show log', 'show log --access --lines 10'],
  run: async ({ gateway, logLines }, input) => {
    const text = textOption(input, 'lines') ?? LINES_DEFAULT;
    if (!/^[1-9]\d{0,5}$/.test(text)) throw appErrors.BAD_NUMBER({ option: '--lines', value: text });
    const count = Number(text);
    if (input.options['access'] !== true && !gateway.running) throw appErrors.NO_LOG();
    const lines =
      input.options['access'] === true
        ? await tail(join(gateway.config.dataDir, 'log', 'access.log'), count)
        : logLines.newest(count);
    return { document: lines.map(parsed), view: [{ kind: 'text', text: lines.join('\n') }] };
  },
});

async function tail(path: string, count: number): Promise<readonly string[]> {
  const file = await open(path).catch(() => undefined);
  // Nothing has been logged yet.
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first one began before what was read; after the last line end there is nothing.
    return lines.slice(from > 0 ? 1 : 0, -1).slice(-count);
  } finally {
    await file.close();
  }
}

/** Lines that are JSON are JSON in `--json` too. */
function parsed(line: string): unknown {
  try {
    return line.startsWith('{') ? JSON.parse(line) : line;
  } catch {
    // A line that was cut.
    return line;
  }
}
