import { session } from '../../lib/api.ts';
import { pageTitle } from '../../lib/title.ts';
import { PageHead } from '../../ui/index.ts';
import { Revocations } from './revocations.tsx';
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
        {/* Only who may change them may see them. */}
        {session.value?.role === 'admin' ? <Revocations /> : null}
      </div>
    </>
  );
}
