import type { WebAnswer, WebHandler } from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';
import { controlAwayAnswer, json, malformedAnswer, messageAnswer } from './answers.ts';
import { HASH_TYPES, hashIn, hashTypeOf } from './hash-types.ts';

/** Where the path names no count. */
const COUNT = 100;

type Route = readonly [path: string, methods: Readonly<Record<string, WebHandler>>];

/** `GET /parents/SHA1/COUNT/CURSOR` and `/children/…`: which reports and packages hold a file, and what they hold. */
export function relationRoutes({ fileReputation, config }: ApiEngines): readonly Route[] {
  const { pageMax } = config.fileReputation;
  const page = async (of: 'parents' | 'children', path: string): Promise<WebAnswer> => {
    const [, , text = '', countText = '', cursor = '0'] = path.split('/', 6);
    // The API asks by SHA-1; a file that is known by another hash can be asked for by that.
    const type = hashTypeOf(text.length) ?? HASH_TYPES.sha1;
    const hash = hashIn(text, type);
    if (hash === undefined) return malformedAnswer(HASH_TYPES.sha1, text);
    const wanted = /^\d{1,9}$/.test(countText) ? Number(countText) : 0;
    const count = Math.min(wanted === 0 ? COUNT : wanted, pageMax);
    const found = await fileReputation.relations({ of, hash, count, cursor: cursor.slice(0, 20) });
    if (found === undefined) {
      return messageAnswer(
        404,
        `The SHA1 value has no known ${of === 'parents' ? 'parent' : 'child'}.`,
        text,
      );
    }
    const { hashes, isPartial, ...rest } = found;
    const list = hashes.map((each) => each.toUpperCase());
    const more = isPartial ? { 'sallyport:partial': true } : {};
    return json(`${JSON.stringify({ [of]: list, cursor: rest.cursor, total: rest.total, ...more })}\n`);
  };
  return (['parents', 'children'] as const).map((of): Route => [
    `/${of}/`,
    { GET: ({ path }) => page(of, path).catch(controlAwayAnswer) },
  ]);
}
