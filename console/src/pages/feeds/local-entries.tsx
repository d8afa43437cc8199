import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDate, formatRelative } from '../../lib/format.ts';
import { localIndicators } from '../../lib/open-answers.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Badge,
  Button,
  Dialog,
  Empty,
  Form,
  FormEnd,
  Panel,
  Segmented,
  Table,
  TextField,
  toast,
  useAction,
  useInPassing,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

/** What operators have blocked and allowed themselves. */
export function LocalEntries() {
  const t = texts();
  const [isAdding, setIsAdding] = useState(false);
  const isAdmin = session.value?.role === 'admin';
  const entries = useResource('local', localIndicators);
  const run = useInPassing();
  const drop = (value: string) =>
    run(async () => {
      await gateway.call('DELETE /api/v1/indicators/local', { query: { value } });
      toast(t.ended(value));
      entries.reload();
    });
  return (
    <Panel
      title={t.local}
      flush
      actions={
        isAdmin ? (
          <Button small icon="plus" onClick={() => setIsAdding(true)}>
            {t.addLocal}
          </Button>
        ) : undefined
      }
    >
      <View of={entries}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.localNone}>{t.localNoneText}</Empty>
          ) : (
            <Table
              caption={t.local}
              rows={rows}
              keyOf={({ kind, value }) => `${kind} ${value}`}
              columns={[
                {
                  title: t.action,
                  cell: ({ action }) => (
                    <Badge tone={action === 'allow' ? 'good' : 'bad'}>
                      {action === 'allow' ? t.allow : t.block}
                    </Badge>
                  ),
                },
                {
                  title: t.value,
                  cell: ({ value }) => (
                    <div class="name-cell">
                      <code>{value}</code>
                    </div>
                  ),
                },
                { title: t.type, cell: ({ kind }) => <span class="dim">{kind}</span> },
                { title: words().note, cell: ({ note }) => note ?? '' },
                {
                  title: t.addedAt,
                  cell: ({ addedAt }) => <span class="nowrap">{formatDate(addedAt)}</span>,
                },
                {
                  title: t.expires,
                  cell: ({ expiresAt }) => (
                    <span class="nowrap dim">
                      {expiresAt === undefined ? words().never : formatRelative(expiresAt)}
                    </span>
                  ),
                },
                {
                  title: words().remove,
                  quiet: true,
                  cell: ({ value, kind }) =>
                    isAdmin ? (
                      <span class="actions">
                        <Button
                          kind="plain"
                          small
                          icon="trash"
                          label={`${words().remove}: ${value}`}
                          onClick={() => drop(kind === 'host' ? `=${value}` : value)}
                        />
                      </span>
                    ) : null,
                },
              ]}
            />
          )
        }
      </View>
      {isAdding ? <AddLocal onClose={() => setIsAdding(false)} onDone={entries.reload} /> : null}
    </Panel>
  );
}

function AddLocal({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [action, setAction] = useState<'block' | 'allow'>('block');
  const [value, setValue] = useState('');
  const [note, setNote] = useState('');
  const [expires, setExpires] = useState('');
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/indicators/local', {
      body: {
        value: value.trim(),
        action,
        ...(note.trim() === '' ? {} : { note: note.trim() }),
        ...(expires === '' ? {} : { expires }),
      },
    });
    toast(t.localAdded(value));
    onDone();
  };
  return (
    <Dialog title={t.addLocal} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <Segmented
          label={t.action}
          value={action}
          options={[
            ['block', t.block],
            ['allow', t.allow],
          ]}
          onChange={setAction}
        />
        <TextField label={t.value} hint={t.valueHint} value={value} onInput={setValue} mono required />
        <div class="form-row">
          <TextField label={words().note} value={note} onInput={setNote} maxLength={500} />
          <TextField
            label={t.expires}
            hint={t.expiresHint}
            value={expires}
            onInput={setExpires}
            pattern="\d+[smhd]"
          />
        </div>
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}
