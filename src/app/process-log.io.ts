import type { Config } from '../engines/config/index.ts';
import { createLog } from '../engines/telemetry/index.ts';
import type { Log } from '../kernel/index.ts';
import { systemClock } from '../platform/index.ts';
import { urlRedactor } from '../protocols/url/index.ts';
import type { Role } from './messages.ts';

/**
 * The application log of one process: lines on standard error, where systemd or a terminal takes them, and
 * as JSON to `copy`, for `show log`.
 */
export function processLog(
  name: Role | 'sallyport',
  pid: number,
  { level, format, redactQuery }: Config['log'],
  copy?: (line: string) => void,
): Log {
  const terminal = process.stderr.isTTY;
  const own = { level, name, pid, clock: systemClock, redactor: urlRedactor(redactQuery) };
  const shown = format === 'auto' ? (terminal ? 'pretty' : 'json') : format;
  const write = (line: string): void => void process.stderr.write(line);
  if (copy === undefined) return createLog({ ...own, format: shown, color: terminal, write });
  if (shown === 'json') {
    return createLog({
      ...own,
      format: 'json',
      write: (line) => {
        write(line);
        copy(line);
      },
    });
  }
  const pretty = createLog({ ...own, format: shown, color: terminal, write });
  const json = createLog({ ...own, format: 'json', write: copy });
  const both =
    (at: keyof Log): Log[typeof at] =>
    (event, fields) => {
      pretty[at](event, fields);
      json[at](event, fields);
    };
  return { debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') };
}
