import { useId, useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { nameOfFile } from '../../lib/file-name.ts';
import { formatCount } from '../../lib/format.ts';
import {
  Button,
  Dialog,
  ErrorNotice,
  Form,
  Notice,
  TextField,
  toast,
  useAction,
  words,
} from '../../ui/index.ts';
import { problemsIn } from './problems.ts';
import { texts } from './texts.ts';

export function AddSet({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const id = useId();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [name, setName] = useState('');
  const { busy, error, run, setError } = useAction();
  const add = async () => {
    const parts = await Promise.all(files.map((file) => file.text()));
    const added = await gateway.call('POST /api/v1/scan-rules', { body: { name, text: parts.join('\n') } });
    toast(t.added(added.name, formatCount(added.rules)));
    onDone();
  };
  const choose = (chosen: readonly File[]) => {
    setFiles(chosen);
    setError(undefined);
    const [first] = chosen;
    if (name === '' && first !== undefined) setName(nameOfFile(first.name));
  };
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <div class="field">
          <label for={id}>{t.file}</label>
          <input
            id={id}
            class="input"
            type="file"
            accept=".yar,.yara,.rule,.rules,text/plain"
            multiple
            required
            aria-describedby={`${id}-about`}
            onChange={(change) => choose([...(change.currentTarget.files ?? [])])}
          />
          <span id={`${id}-about`} class="hint">
            {t.fileHint}
          </span>
        </div>
        <TextField label={t.name} hint={t.nameHint} value={name} onInput={setName} required maxLength={64} />
        {error === undefined ? null : <Refusal error={error} />}
        <div class="dialog-actions">
          <Button onClick={onClose}>{words().cancel}</Button>
          <Button type="submit" kind="primary" icon="upload" busy={busy}>
            {words().add}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function Refusal({ error }: { error: Error }) {
  const t = texts();
  const problems = problemsIn(error.message);
  if (problems.length === 0) return <ErrorNotice error={error} />;
  return (
    <Notice tone="bad">
      <strong>{t.problems(problems.length)}</strong>
      <ul>
        {problems.map(({ line, message }, at) => (
          <li key={at} class="wrap-anywhere">
            <strong class="nowrap">{t.line(line)}</strong>: {message}
          </li>
        ))}
      </ul>
      <p>{t.problemsHint}</p>
    </Notice>
  );
}
