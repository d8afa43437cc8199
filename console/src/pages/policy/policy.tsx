import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { query, setQuery } from '../../lib/router.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import { Badge, PageHead, Tabs, View } from '../../ui/index.ts';
import { Countdown } from './countdown.tsx';
import { Editor } from './editor.tsx';
import './policy.css';
import { Tests } from './tests.tsx';
import { texts } from './texts.ts';
import { Versions } from './versions.tsx';

type TabName = 'document' | 'tests' | 'versions';

export function Page() {
  const t = texts();
  const policy = useResource('policy', (signal) => gateway.call('GET /api/v1/policies', { signal }));
  const tab = (query.value.get('tab') ?? 'document') as TabName;
  // What is typed is kept while another tab is looked at.
  const [draft, setDraft] = useState<string | undefined>(undefined);
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        {policy.data === undefined ? null : (
          <Badge tone="note">
            {t.version(policy.data.version)} · {t.rules(policy.data.rules)}
          </Badge>
        )}
      </PageHead>
      <div class="stack">
        {policy.data?.confirmUntil ? (
          <Countdown until={policy.data.confirmUntil} onChange={policy.reload} />
        ) : null}
        <Tabs<TabName>
          label={pageTitle.value}
          value={tab}
          tabs={[
            ['document', t.document],
            ['tests', t.tests],
            ['versions', t.versions],
          ]}
          onChange={(next) => setQuery({ tab: next })}
        >
          <View of={policy}>
            {(current) => {
              const text = draft ?? current.text;
              // What was typed stays until what is in force is here: the old text is not shown in between.
              const applied = () => void policy.reloaded().then(() => setDraft(undefined));
              if (tab === 'versions') return <Versions onApplied={applied} />;
              if (tab === 'tests') return <Tests policy={text} />;
              return <Editor current={current} text={text} onText={setDraft} onApplied={applied} />;
            }}
          </View>
        </Tabs>
      </div>
    </>
  );
}
