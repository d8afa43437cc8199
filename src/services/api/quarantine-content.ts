import type { OpenedItem } from '../../engines/quarantine/index.ts';
import type { Authorizer, RouteTable, WebAnswer, WebRequest } from '../../engines/web/index.ts';
import type { ApiEngines } from './context.ts';
import { errorAnswer } from './control.ts';

const PREFIX = '/api/v1/quarantine/content/';

/** The bytes of a file in the quarantine, as they came in. Control writes who got them into the audit. */
export function quarantineContentRoutes(engines: ApiEngines, authorize: Authorizer): RouteTable {
  const get = async (request: WebRequest): Promise<WebAnswer> => {
    const who = await authorize(request, ['admin']);
    if ('answer' in who) return who.answer;
    const id = request.path.slice(PREFIX.length);
    try {
      const item = await engines.quarantine.open(id, { actor: who.user, source: request.source });
      return contentAnswer(item);
    } catch (error) {
      return errorAnswer(error);
    }
  };
  return new Map([[PREFIX, { GET: get }]]);
}

function contentAnswer({ name, length, sha256, bytes }: OpenedItem): WebAnswer {
  return {
    status: 200,
    // Whatever it is, a browser must not open it.
    type: 'application/octet-stream',
    length,
    fields: [
      ['Content-Disposition', `attachment; filename="${sha256}"; filename*=UTF-8''${encodedName(name)}`],
      ['Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`],
    ],
    async stream(out) {
      for await (const piece of bytes) {
        if (out.gone) break;
        await out.write(piece);
      }
    },
  };
}

/** RFC 8187 §3.2.1: what stays as it is, is less than what `encodeURIComponent` leaves. */
function encodedName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
