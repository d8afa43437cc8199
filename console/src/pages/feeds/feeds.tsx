import { useState } from 'preact/hooks';
import { session } from '../../lib/api.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import { Button, PageHead } from '../../ui/index.ts';
import { AddFeed } from './add-feed.tsx';
import { FeedTable } from './feed-table.tsx';
import { ImportList } from './import-list.tsx';
import { LocalEntries } from './local-entries.tsx';
import { LookupBox } from './lookup-box.tsx';
import { readFeeds } from './read-feeds.ts';
import { texts } from './texts.ts';

const EVERY_MS = 5000;

export function Page() {
  const t = texts();
  const [open, setOpen] = useState<'add' | 'import' | undefined>(undefined);
  const feeds = useResource('feeds', readFeeds, { everyMs: EVERY_MS });
  const close = () => setOpen(undefined);
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {session.value?.role === 'admin' ? (
          <>
            <Button icon="upload" onClick={() => setOpen('import')}>
              {t.import}
            </Button>
            <Button kind="primary" icon="plus" onClick={() => setOpen('add')}>
              {t.add}
            </Button>
          </>
        ) : null}
      </PageHead>
      <div class="stack">
        <LookupBox />
        <FeedTable feeds={feeds} />
        <LocalEntries />
      </div>
      {open === 'add' ? <AddFeed onClose={close} onDone={feeds.reload} /> : null}
      {open === 'import' ? <ImportList onClose={close} onDone={feeds.reload} /> : null}
    </>
  );
}
