import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { Button, ErrorNotice, toast, useAction } from '../../ui/index.ts';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { faultsOf } from '../../lib/faults.ts';
import { useCheck } from '../policy/use-check.ts';
import { texts } from './texts.ts';

type Template = 'feeds' | 'warn' | 'closed';

const TEXT: Readonly<Record<Template, string>> = {
  feeds: `# The guards and the lists decide, and what nothing blocks is allowed.
version: 1
rules: []
default: allow
`,
  warn: `# What lists call bad is blocked; before some categories people are warned.
version: 1
rules:
  - name: not-at-work
    note: People may go on past the warning.
    when: { category: [adult, gambling, games, dating] }
    then: warn
default: allow
`,
  closed: `# Nothing passes that is not named here.
version: 1
lists:
  needed:
    hosts: ["*.debian.org", "*.ubuntu.com"]
rules:
  - name: needed
    when: { host: $needed, not: { indicator: { action: block } } }
    then: allow
default: block
`,
};

export function FirstPolicy({ onDone }: { onDone: () => void }) {
  const t = texts();
  const [template, setTemplate] = useState<Template>('feeds');
  const [text, setText] = useState(TEXT.feeds);
  const { faults } = useCheck(text);
  const { busy, error, run } = useAction();
  const use = async () => {
    await gateway.call('POST /api/v1/policies', { body: { text } });
    toast(t.policyUsed);
    onDone();
  };
  const choices = [
    ['feeds', t.policyFeeds, t.policyFeedsText],
    ['warn', t.policyWarn, t.policyWarnText],
    ['closed', t.policyClosed, t.policyClosedText],
  ] as const;
  return (
    <>
      <p class="dim">{t.policyLead}</p>
      <fieldset class="choices">
        <legend class="visually-hidden">{t.policyTitle}</legend>
        {choices.map(([each, title, about]) => (
          <label key={each} class={each === template ? 'choice chosen' : 'choice'}>
            <input
              type="radio"
              name="template"
              checked={each === template}
              onChange={() => {
                setTemplate(each);
                setText(TEXT[each]);
              }}
            />
            <span>
              <strong>{title}</strong>
              <span class="dim small"> {about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <CodeEditor label={t.policy} text={text} onInput={setText} faults={faults} rows={12} />
      {faults.map(({ line, message, hint }) => (
        <p key={`${line} ${message}`}>
          {line}: {message} <span class="dim">{hint}</span>
        </p>
      ))}
      {error === undefined || faultsOf(error).length > 0 ? null : <ErrorNotice error={error} />}
      <div>
        <Button kind="primary" busy={busy} disabled={faults.length > 0} onClick={() => run(use)}>
          {t.policyUse}
        </Button>
      </div>
    </>
  );
}
