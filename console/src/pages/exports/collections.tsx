import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { writtenCollections } from '../../lib/open-answers.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  ConfirmDialog,
  CopyButton,
  Dialog,
  Empty,
  Form,
  FormEnd,
  Panel,
  Table,
  TextField,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

export function Collections({ isAdmin }: { isAdmin: boolean }) {
  const t = texts();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const collections = useResource('collections', writtenCollections);
  return (
    <Panel
      title={t.collections}
      flush
      actions={
        isAdmin ? (
          <Button small icon="plus" onClick={() => setIsAdding(true)}>
            {t.addCollection}
          </Button>
        ) : undefined
      }
    >
      <View of={collections}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.collectionsNone}>{t.collectionsNoneText}</Empty>
          ) : (
            <Table
              caption={t.collections}
              rows={rows}
              keyOf={({ name }) => name}
              columns={[
                {
                  title: t.collection,
                  cell: ({ name, title, description }) => (
                    <>
                      <strong>{title || name}</strong> <span class="dim small">{description}</span>
                      <p>
                        <code>{urlOf(name)}</code>
                      </p>
                    </>
                  ),
                },
                {
                  title: words().change,
                  quiet: true,
                  cell: ({ name }) => (
                    <span class="actions">
                      <CopyButton text={urlOf(name)} label={`${words().copy}: ${name}`} />
                      {isAdmin ? (
                        <Button
                          kind="plain"
                          small
                          icon="trash"
                          label={`${words().remove}: ${name}`}
                          onClick={() => setLeaving(name)}
                        />
                      ) : null}
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </View>
      {isAdding ? <AddCollection onClose={() => setIsAdding(false)} onDone={collections.reload} /> : null}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.removeCollection(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/collections/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            collections.reload();
          }}
        >
          <p>{t.removeCollectionText}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function AddCollection({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/collections', {
      body: {
        name,
        ...(title.trim() === '' ? {} : { title: title.trim() }),
        ...(description.trim() === '' ? {} : { description: description.trim() }),
      },
    });
    toast(t.addedCollection(name));
    onDone();
  };
  return (
    <Dialog title={t.addCollection} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <TextField label={t.name} value={name} onInput={setName} required maxLength={64} />
        <TextField label={t.title} value={title} onInput={setTitle} maxLength={500} />
        <TextField label={t.description} value={description} onInput={setDescription} maxLength={500} />
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}

function urlOf(name: string): string {
  return `${location.origin}/taxii2/root/collections/${name}/objects/`;
}
