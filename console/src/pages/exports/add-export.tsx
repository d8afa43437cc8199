import { useState } from 'preact/hooks';
import type { NewExport } from '../../../../client/index.ts';
import { gateway } from '../../lib/api.ts';
import {
  Checkbox,
  Dialog,
  Form,
  FormEnd,
  SelectField,
  TextField,
  toast,
  useAction,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

const KINDS = ['domain', 'host', 'url', 'address', 'network', 'hash', 'email'] as const;
type Kind = (typeof KINDS)[number];
type Action = NonNullable<NewExport['action']>;
type Severity = NonNullable<NewExport['severity']>;

const EMPTY = {
  name: '',
  note: '',
  feeds: '',
  categories: '',
  maxAge: '',
  kinds: [] as readonly Kind[],
  action: 'block' as Action,
  severity: 'low' as Severity,
  public: false,
};

export function AddExport({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const t = texts();
  const [list, setList] = useState(EMPTY);
  const set = (change: Partial<typeof EMPTY>) => setList({ ...list, ...change });
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/exports', { body: bodyOf(list) });
    toast(t.added(list.name));
    onDone(list.name);
  };
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <TextField
          label={t.name}
          hint={t.nameHint}
          value={list.name}
          onInput={(name) => set({ name })}
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          required
        />
        <TextField label={words().note} value={list.note} onInput={(note) => set({ note })} maxLength={500} />
        <div class="form-row">
          <SelectField<Action>
            label={t.action}
            value={list.action}
            options={[
              ['block', t.action_block],
              ['allow', t.action_allow],
              ['label', t.action_label],
              ['any', t.action_any],
            ]}
            onChange={(action) => set({ action })}
          />
          <SelectField<Severity>
            label={t.severity}
            value={list.severity}
            options={[
              ['low', t.severity_low],
              ['medium', t.severity_medium],
              ['high', t.severity_high],
              ['critical', t.severity_critical],
            ]}
            onChange={(severity) => set({ severity })}
          />
          <TextField
            label={t.maxAge}
            hint={t.maxAgeHint}
            value={list.maxAge}
            onInput={(maxAge) => set({ maxAge })}
          />
        </div>
        <TextField
          label={t.feeds}
          hint={t.feedsHint}
          value={list.feeds}
          onInput={(feeds) => set({ feeds })}
        />
        <TextField
          label={t.categories}
          hint={t.categoriesHint}
          value={list.categories}
          onInput={(categories) => set({ categories })}
        />
        <fieldset class="scopes">
          <legend class="label">
            {t.kinds} <span class="dim">({t.kindsHint})</span>
          </legend>
          {KINDS.map((kind) => (
            <Checkbox
              key={kind}
              label={kind}
              checked={list.kinds.includes(kind)}
              onChange={(on) =>
                set({ kinds: on ? [...list.kinds, kind] : list.kinds.filter((each) => each !== kind) })
              }
            />
          ))}
        </fieldset>
        <Checkbox
          label={t.isPublic}
          hint={t.isPublicHint}
          checked={list.public}
          onChange={(on) => set({ public: on })}
        />
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}

function bodyOf({ feeds, categories, maxAge, note, kinds, ...rest }: typeof EMPTY): NewExport {
  const named = listOf(feeds);
  const sorts = listOf(categories);
  return {
    ...rest,
    ...(named.length === 0 ? {} : { feeds: named }),
    ...(sorts.length === 0 ? {} : { categories: sorts }),
    ...(kinds.length === 0 ? {} : { kinds }),
    ...(maxAge.trim() === '' ? {} : { maxAge: maxAge.trim() }),
    ...(note.trim() === '' ? {} : { note: note.trim() }),
  };
}

function listOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}
