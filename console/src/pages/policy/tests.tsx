import { useState } from 'preact/hooks';
import type { Fault } from '../../lib/faults.ts';
import { testPolicy } from '../../lib/open-answers.ts';
import type { PolicyTestResult } from '../../lib/types.ts';
import { Badge, Button, ErrorNotice, Panel, Table, useAction } from '../../ui/index.ts';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { texts } from './texts.ts';
import { faultsOf } from '../../lib/faults.ts';

const KEY = 'sallyport.policy-tests';
const SAMPLE = `tests:
  - name: an ordinary site is reached
    request: { url: "http://www.example.com/", source: 10.1.2.3 }
    expect: { decision: allow }
`;

/** Expectations, run against the text that is being edited. They are kept in this browser. */
export function Tests({ policy }: { policy: string }) {
  const t = texts();
  const [text, setText] = useState(localStorage.getItem(KEY) ?? SAMPLE);
  const [results, setResults] = useState<readonly PolicyTestResult[] | undefined>(undefined);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const { busy, error, run } = useAction();
  const test = async () => {
    localStorage.setItem(KEY, text);
    setFaults([]);
    try {
      setResults(await testPolicy(text, policy));
    } catch (thrown) {
      setResults(undefined);
      setFaults(faultsOf(thrown as Error));
      throw thrown;
    }
  };
  return (
    <div class="policy">
      <Panel
        title={t.expectations}
        actions={
          <Button small kind="primary" icon="play" busy={busy} onClick={() => run(test)}>
            {t.run}
          </Button>
        }
      >
        <div class="stack-s">
          <p class="dim">{t.expectationsHint}</p>
          <CodeEditor label={t.expectations} text={text} onInput={setText} faults={faults} rows={18} />
          {error === undefined ? null : <ErrorNotice error={error} />}
        </div>
      </Panel>
      <Panel title={t.result} flush={results !== undefined}>
        {results === undefined ? <p class="dim">–</p> : <Results of={results} />}
      </Panel>
    </div>
  );
}

function Results({ of: results }: { of: readonly PolicyTestResult[] }) {
  const t = texts();
  const passed = results.filter((result) => result.passed).length;
  const failed = results.length - passed;
  return (
    <div aria-live="polite">
      <div class="panel-body row">
        <Badge tone="good">{t.passed(passed)}</Badge>
        {failed === 0 ? null : <Badge tone="bad">{t.failed(failed)}</Badge>}
      </div>
      <Table
        caption={t.result}
        rows={results}
        keyOf={({ name }) => name}
        columns={[
          {
            title: t.result,
            cell: (result) => <Badge tone={result.passed ? 'good' : 'bad'}>{result.decision}</Badge>,
          },
          {
            title: t.what,
            cell: ({ name, differences = [] }) => (
              <>
                {name}
                {differences.map((difference) => (
                  <p key={difference} class="dim small">
                    {difference}
                  </p>
                ))}
              </>
            ),
          },
          { title: t.decided(''), cell: ({ rule }) => <code>{rule}</code> },
        ]}
      />
    </div>
  );
}
