import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { session } from '../../lib/api.ts';
import { pageTitle } from '../../lib/title.ts';
import { Button, Icon, PageHead, Segmented } from '../../ui/index.ts';
import { PasswordForm } from '../access/password.tsx';
import { InstallAuthority } from '../certificates/install.tsx';
import { FeedForm } from '../feeds/add-feed.tsx';
import { ImportForm } from '../feeds/import-list.tsx';
import { Done } from './done.tsx';
import { Networks } from './networks.tsx';
import { FirstPolicy } from './first-policy.tsx';
import './setup.css';
import { texts } from './texts.ts';

const STEPS = ['password', 'networks', 'ca', 'feed', 'policy', 'done'] as const;
type Step = (typeof STEPS)[number];

export function Page() {
  const t = texts();
  const [at, setAt] = useState(0);
  const step: Step = STEPS[at] ?? 'done';
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [at]);
  const next = () => setAt(Math.min(at + 1, STEPS.length - 1));
  const title = {
    password: t.passwordTitle,
    networks: t.networksTitle,
    ca: t.caTitle,
    feed: t.feedTitle,
    policy: t.policyTitle,
    done: t.doneTitle,
  }[step];
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="setup">
        <ol class="steps" aria-label={t.steps}>
          {STEPS.map((each, number) => (
            <li
              key={each}
              aria-current={each === step ? 'step' : undefined}
              class={number < at ? 'past' : undefined}
            >
              <button type="button" class="link" onClick={() => setAt(number)}>
                <span class="step-mark">{number < at ? <Icon name="check" /> : number + 1}</span>
                {t[each]}
              </button>
            </li>
          ))}
        </ol>
        <section class="panel" aria-labelledby="step-title">
          <div class="panel-body stack">
            <h2 id="step-title" tabIndex={-1} ref={heading}>
              {title}
            </h2>
            <StepBody step={step} onNext={next} />
          </div>
          {step === 'done' ? null : (
            <div class="setup-foot">
              {at === 0 ? <span /> : <Button onClick={() => setAt(at - 1)}>{t.back}</Button>}
              <Button kind={step === 'networks' || step === 'ca' ? 'primary' : 'plain'} onClick={next}>
                {step === 'networks' || step === 'ca' ? t.next : t.skip}
              </Button>
            </div>
          )}
        </section>
      </div>
    </>
  );
}

function StepBody({ step, onNext }: { step: Step; onNext: () => void }): ComponentChildren {
  const t = texts();
  switch (step) {
    case 'password':
      return (
        <>
          <p class="dim">{t.passwordLead}</p>
          <PasswordForm user={session.value?.user ?? ''} onDone={onNext} />
        </>
      );
    case 'networks':
      return <Networks />;
    case 'ca':
      return <InstallAuthority />;
    case 'feed':
      return <FirstFeed onDone={onNext} />;
    case 'policy':
      return <FirstPolicy onDone={onNext} />;
    case 'done':
      return <Done />;
  }
}

type Way = 'subscribe' | 'import';

function FirstFeed({ onDone }: { onDone: () => void }) {
  const t = texts();
  const [way, setWay] = useState<Way>('subscribe');
  return (
    <>
      <p class="dim">{t.feedLead}</p>
      <div>
        <Segmented<Way>
          label={t.feedOf}
          value={way}
          options={[
            ['subscribe', t.feedSubscribe],
            ['import', t.feedImport],
          ]}
          onChange={setWay}
        />
      </div>
      {way === 'subscribe' ? <FeedForm onDone={onDone} /> : <ImportForm onDone={onDone} />}
    </>
  );
}
