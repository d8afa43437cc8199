import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { Dialog, Form, FormEnd, SelectField, TextField, toast, useAction, words } from '../../ui/index.ts';
import { texts } from './texts.ts';

type Format = 'cef' | 'leef' | 'json';
type Framing = 'octets' | 'line';
type Severity = 'info' | 'warn' | 'error';

const EMPTY = {
  name: '',
  url: '',
  format: 'cef' as Format,
  framing: 'octets' as Framing,
  severity: 'info' as Severity,
  types: '',
  caFile: '',
};

export function AddTarget({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [target, setTarget] = useState(EMPTY);
  const set = (change: Partial<typeof EMPTY>) => setTarget({ ...target, ...change });
  const { busy, error, run } = useAction();
  const isSyslog = target.url.startsWith('syslog');
  const add = async () => {
    const { types, caFile, framing, ...rest } = target;
    const listed = types.split(/[\s,]+/).filter((type) => type !== '');
    await gateway.call('POST /api/v1/log-targets', {
      body: {
        ...rest,
        ...(isSyslog ? { framing } : {}),
        ...(listed.length === 0 ? {} : { types: listed }),
        ...(caFile === '' ? {} : { caFile }),
      },
    });
    toast(t.added(target.name));
    onDone();
  };
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <TextField
          label={t.name}
          hint={t.nameHint}
          value={target.name}
          onInput={(name) => set({ name })}
          required
        />
        <TextField
          label={t.url}
          hint={t.urlHint}
          value={target.url}
          onInput={(url) => set({ url })}
          mono
          required
        />
        <div class="form-row">
          <SelectField<Format>
            label={t.format}
            value={target.format}
            options={[
              ['cef', 'CEF'],
              ['leef', 'LEEF'],
              ['json', 'JSON'],
            ]}
            onChange={(format) => set({ format })}
          />
          <SelectField<Severity>
            label={t.severity}
            value={target.severity}
            options={[
              ['info', t.severity_info],
              ['warn', t.severity_warn],
              ['error', t.severity_error],
            ]}
            onChange={(severity) => set({ severity })}
          />
          {isSyslog ? (
            <SelectField<Framing>
              label={t.framing}
              hint={t.framingHint}
              value={target.framing}
              options={[
                ['octets', t.framing_octets],
                ['line', t.framing_line],
              ]}
              onChange={(framing) => set({ framing })}
            />
          ) : null}
        </div>
        <TextField
          label={t.types}
          hint={t.typesHint}
          value={target.types}
          onInput={(types) => set({ types })}
        />
        <TextField
          label={t.caFile}
          hint={t.caFileHint}
          value={target.caFile}
          onInput={(caFile) => set({ caFile })}
          mono
        />
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}
