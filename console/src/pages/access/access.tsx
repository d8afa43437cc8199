import { pageTitle } from '../../lib/title.ts';
import { PageHead } from '../../ui/index.ts';
import { texts } from './texts.ts';
import { Tokens } from './tokens.tsx';
import { Users } from './users.tsx';

export function Page() {
  return (
    <>
      <PageHead title={pageTitle.value} lead={texts().lead} />
      <div class="stack">
        <Users />
        <Tokens />
      </div>
    </>
  );
}
