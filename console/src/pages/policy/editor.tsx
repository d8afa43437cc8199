import { useState } from 'preact/hooks';
import { session } from '../../lib/api.ts';
import type { Fault } from '../../lib/faults.ts';
import type { Policy } from '../../lib/types.ts';
import { Badge, Button, Diff, ErrorNotice, Notice, Panel } from '../../ui/index.ts';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { ApplyDialog } from './apply.tsx';
import { texts } from './texts.ts';
import { TryRequest } from './try-request.tsx';
import { type Checked, useCheck } from './use-check.ts';

interface Props {
  readonly current: Policy;
  readonly text: string;
  readonly onText: (text: string | undefined) => void;
  readonly onApplied: () => void;
}

export function Editor({ current, text, onText, onApplied }: Props) {
  const t = texts();
  const isChanged = text !== current.text;
  const isAdmin = session.value?.role === 'admin';
  // Only who may change it may ask what a change would do.
  const checked = useCheck(isAdmin ? text : '');
  const [place, setPlace] = useState<{ line: number; column?: number } | undefined>(undefined);
  const [isApplying, setIsApplying] = useState(false);
  const canApply = isChanged && checked.check !== undefined;
  return (
    <div class="policy">
      <Panel
        title={t.document}
        actions={
          <>
            {isChanged ? (
              <Badge tone="warn" icon="edit">
                {t.changed}
              </Badge>
            ) : null}
            {isChanged ? (
              <Button small onClick={() => onText(undefined)}>
                {t.reset}
              </Button>
            ) : null}
            {isAdmin ? (
              <Button small kind="primary" disabled={!canApply} onClick={() => setIsApplying(true)}>
                {t.apply}
              </Button>
            ) : null}
          </>
        }
      >
        <div class="stack-s">
          <CodeEditor
            label={t.document}
            text={text}
            onInput={onText}
            faults={checked.faults}
            readOnly={!isAdmin}
            place={place}
          />
          <Outcome checked={checked} onPlace={(line, column) => setPlace({ line, column })} />
        </div>
      </Panel>
      <div class="stack">
        <TryRequest text={text} isChanged={isChanged} />
        <Panel title={t.diff}>
          {checked.check === undefined || checked.check.diff.length === 0 || !isChanged ? (
            <p class="dim">{t.noDiff}</p>
          ) : (
            <Diff lines={checked.check.diff} label={t.diff} />
          )}
        </Panel>
      </div>
      {isApplying && checked.check !== undefined ? (
        <ApplyDialog
          text={text}
          check={checked.check}
          onApplied={onApplied}
          onClose={() => setIsApplying(false)}
        />
      ) : null}
    </div>
  );
}

/** What the gateway thinks of the text; each fault leads to its place. */
function Outcome({
  checked,
  onPlace,
}: {
  checked: Checked;
  onPlace: (line: number, column: number) => void;
}) {
  const t = texts();
  const { check, faults, error } = checked;
  return (
    <div class="stack-s" aria-live="polite">
      {error === undefined ? null : <ErrorNotice error={error} />}
      {faults.length === 0 ? null : (
        <ul class="faults" aria-label={t.fault}>
          {faults.map((fault, at) => (
            <FaultLine key={at} fault={fault} onPlace={onPlace} />
          ))}
        </ul>
      )}
      {check === undefined ? null : (
        <div>
          <Badge tone="good">{t.ok(check.rules)}</Badge>
        </div>
      )}
      {(check?.warnings ?? []).map(({ path, message }) => (
        <Notice key={path + message} tone="warn">
          <code>{path}</code> {message}
        </Notice>
      ))}
    </div>
  );
}

function FaultLine({ fault, onPlace }: { fault: Fault; onPlace: (line: number, column: number) => void }) {
  const t = texts();
  const { line, column = 1, path, message, hint } = fault;
  return (
    <li>
      {line === undefined ? null : (
        <Button small kind="danger" onClick={() => onPlace(line, column)}>
          {t.goTo(line)}
        </Button>
      )}
      <span>
        {path === undefined ? null : <code>{path}</code>} {message}
        {hint === undefined ? null : <span class="dim"> {hint}</span>}
      </span>
    </li>
  );
}
