import type { State } from '../../engines/state/index.ts';
import type { EdgeLinks } from '../../kernel/index.ts';

/** No configuration: a mark that somebody has been through the first steps. */
const FACT = 'setup.done';

/** Whether the console should lead a new administrator through the first steps. */
export function serveSetup(links: EdgeLinks, state: State): void {
  let done = false;
  links.handle('setup.read', async () => {
    // Anonymous clients ask this: once it is done, they cost no look into the store.
    done ||= await state.read(async (tx) => {
      const row = await tx.selectFrom('facts').select('value').where('name', '=', FACT).executeTakeFirst();
      return row !== undefined;
    });
    return { needed: !done };
  });
  links.handle('setup.done', async (params) => {
    const { actor = 'local', source } = (params ?? {}) as {
      readonly actor?: string;
      readonly source?: string;
    };
    await state.note(async (tx) => {
      await tx
        .insertInto('facts')
        .values({ name: FACT, value: '1' })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    });
    if (!done) await state.audit({ actor, source, action: 'setup.done', outcome: 'done', details: {} });
    done = true;
    return { needed: false };
  });
}
