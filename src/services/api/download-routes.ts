import { z } from '@hono/zod-openapi';
import type { ApiEngines } from './context.ts';
import { type Caller, type CommandInput, runCommand } from './control.ts';
import { Reply } from './reply.ts';
import type { ManagementRoute } from './route.ts';

const backupBody = z
  .strictObject({
    passphrase: z.string().min(12).max(4096).describe('Opens it again, and nothing else does'),
    indicators: z.boolean().optional().describe('With imported lists; default: true'),
  })
  .openapi('Backup');
const bundleBody = z
  .strictObject({
    access: z
      .boolean()
      .optional()
      .describe('With the end of the access log: it names people and the places they went to'),
  })
  .openapi('SupportBundle');

/** A backup reads all data and encrypts it; the bundle waits for what the doctor waits for. */
const WRITE_MS = 10 * 60_000;

/** What leaves the gateway as one file. */
export const DOWNLOAD_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'post',
    path: '/api/v1/backup',
    scopes: ['admin'],
    summary: 'All that makes this gateway what it is, as one encrypted file',
    description: 'It is restored by the command `restore` on a stopped gateway, which replaces what is there',
    body: backupBody,
    stream: 'application/octet-stream',
    success: { status: 200, schema: binary() },
    run(engines, { user, body }) {
      const { passphrase, indicators = true } = backupBody.parse(body);
      const options = { passphrase, 'without-indicators': !indicators };
      return download(engines, 'backup', { options }, { user, ending: 'spb' });
    },
  },
  {
    method: 'post',
    path: '/api/v1/support-bundle',
    scopes: ['admin'],
    summary: 'A bundle for whoever helps: health, settings, logs, audit, without secrets',
    body: bundleBody,
    stream: 'application/gzip',
    success: { status: 200, schema: binary() },
    run(engines, { user, body }) {
      const options = { access: bundleBody.parse(body).access === true };
      return download(engines, 'log collect', { options }, { user, ending: 'tar.gz' });
    },
  },
];

function binary(): z.ZodType {
  return z.string().openapi({ format: 'binary' });
}

async function download(
  { link, clock, takeFile }: ApiEngines,
  words: string,
  input: CommandInput,
  { user, ending }: { readonly user: Caller; readonly ending: 'spb' | 'tar.gz' },
): Promise<Reply> {
  // Nothing is changed by it, and what was given is gone: the same request again gets a new file.
  const { once: _, ...caller } = user;
  const given = await runCommand(link, words, { ...input, gives: 'file', timeoutMs: WRITE_MS }, caller);
  const path = typeof given === 'object' && given !== null && 'path' in given ? String(given.path) : '';
  const { length, bytes } = await takeFile(path);
  const time = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const name = `sallyport-${words === 'backup' ? 'backup' : 'support'}-${time}.${ending}`;
  return new Reply(undefined, {
    answer: {
      status: 200,
      // Whatever it is, a browser must not open it.
      type: ending === 'spb' ? 'application/octet-stream' : 'application/gzip',
      length,
      fields: [
        ['Content-Disposition', `attachment; filename="${name}"`],
        ['Cache-Control', 'no-store'],
      ],
      async stream(out) {
        for await (const piece of bytes) {
          if (out.gone) break;
          await out.write(piece);
        }
      },
    },
  });
}
