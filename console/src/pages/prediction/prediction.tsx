import { pageTitle } from '../../lib/title.ts';
import { PageHead } from '../../ui/index.ts';
import { Models, Modes, Reached } from './models.tsx';
import { texts } from './texts.ts';
import { TryModel } from './try-model.tsx';

export function Page() {
  return (
    <>
      <PageHead title={pageTitle.value} lead={texts().lead} />
      <div class="stack">
        <TryModel />
        <Models />
        <Modes />
        <Reached />
      </div>
    </>
  );
}
