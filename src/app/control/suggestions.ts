import type { Suggestion } from '../../kernel/index.ts';
import type { ControlEngines } from './engines.ts';

/** More names help nobody to choose. */
const NAMES_MAX = 500;

/** Names of things that there are now, for Tab. */
export async function suggestions(
  { identity, feeds, sessions, exports }: Pick<ControlEngines, 'identity' | 'feeds' | 'sessions' | 'exports'>,
  kind: Suggestion,
): Promise<readonly string[]> {
  const named = async (): Promise<readonly { readonly name: string }[]> => {
    if (kind === 'user') return identity.users();
    if (kind === 'token') return identity.tokens();
    if (kind === 'feed') return feeds.list().map(({ feed }) => feed);
    if (kind === 'export') return exports.list();
    return kind === 'session' ? sessions.list().map(({ id }) => ({ name: id })) : [];
  };
  return (await named()).slice(0, NAMES_MAX).map(({ name }) => name);
}
