import { useId, useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { nameOfFile } from '../../lib/file-name.ts';
import { formatCount } from '../../lib/format.ts';
import { Dialog, Form, FormEnd, SelectField, TextField, toast, useAction } from '../../ui/index.ts';
import { texts } from './texts.ts';

type Action = 'auto' | 'block' | 'allow' | 'label';

export function ImportList({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  return (
    <Dialog title={texts().import} onClose={onClose}>
      <ImportForm onClose={onClose} onDone={onDone} />
    </Dialog>
  );
}

/** A list from this machine, read here and handed to the gateway as text. */
export function ImportForm({ onDone, onClose }: { onDone: () => void; onClose?: () => void }) {
  const t = texts();
  const id = useId();
  const [file, setFile] = useState<File | undefined>(undefined);
  const [name, setName] = useState('');
  const [action, setAction] = useState<Action>('auto');
  const [category, setCategory] = useState('');
  const { busy, error, run } = useAction();
  const load = async () => {
    if (file === undefined) return;
    const report = await gateway.call('POST /api/v1/feeds/{name}/import', {
      params: { name },
      body: {
        text: await file.text(),
        ...(action === 'auto' ? {} : { action }),
        ...(category.trim() === '' ? {} : { category: category.trim() }),
      },
    });
    toast(t.imported(formatCount(report.entries), report.feed));
    onDone();
  };
  const choose = (chosen: File | undefined) => {
    setFile(chosen);
    if (name === '' && chosen !== undefined) setName(nameOfFile(chosen.name));
  };
  return (
    <Form onSubmit={() => run(load, onClose)}>
      <div class="field">
        <label for={id}>{t.file}</label>
        <input
          id={id}
          class="input"
          type="file"
          required
          onChange={(change) => choose(change.currentTarget.files?.[0])}
        />
      </div>
      <div class="form-row">
        <TextField label={t.name} hint={t.nameHint} value={name} onInput={setName} required />
        <SelectField<Action>
          label={t.action}
          value={action}
          options={[
            ['auto', t.formatAuto],
            ['block', t.actionBlock],
            ['allow', t.actionAllow],
            ['label', t.actionLabel],
          ]}
          onChange={setAction}
        />
        <TextField label={t.category} hint={t.categoryHint} value={category} onInput={setCategory} />
      </div>
      <FormEnd action={t.import} icon="upload" busy={busy} error={error} onClose={onClose} />
    </Form>
  );
}
