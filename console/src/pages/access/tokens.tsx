import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDate, formatRelative } from '../../lib/format.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  Checkbox,
  ConfirmDialog,
  CopyButton,
  Dialog,
  Empty,
  Form,
  FormEnd,
  Notice,
  Panel,
  Table,
  TextField,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

const SCOPES = [
  'read',
  'admin',
  'reputation',
  'files',
  'proxy',
  'intel',
  'intel-write',
  'directory',
  'products',
] as const;
type Scope = (typeof SCOPES)[number];

interface Token {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string | null;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

interface Made {
  readonly name: string;
  readonly token: string;
}

export function Tokens() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const [made, setMade] = useState<Made | undefined>(undefined);
  const tokens = useResource('tokens', (signal) => gateway.call('GET /api/v1/tokens', { signal }));
  return (
    <Panel
      title={t.tokens}
      flush
      actions={
        isAdmin ? (
          <Button small icon="plus" onClick={() => setIsAdding(true)}>
            {t.addToken}
          </Button>
        ) : undefined
      }
    >
      <View of={tokens}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon="key" title={t.noTokens}>
              {t.noTokensText}
            </Empty>
          ) : (
            <TokenTable rows={rows} onLeave={isAdmin ? setLeaving : undefined} />
          )
        }
      </View>
      {isAdding ? (
        <AddToken
          onClose={() => setIsAdding(false)}
          onMade={(token) => {
            setIsAdding(false);
            setMade(token);
            tokens.reload();
          }}
        />
      ) : null}
      {made === undefined ? null : <ShownOnce made={made} onClose={() => setMade(undefined)} />}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.remove(leaving)}
          action={words().remove}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/tokens/{name}', { params: { name: leaving } });
            toast(t.removed(leaving));
            tokens.reload();
          }}
        >
          <p>{t.removeTokenText}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function TokenTable(props: { rows: readonly Token[]; onLeave: ((name: string) => void) | undefined }) {
  const t = texts();
  return (
    <Table
      caption={t.tokens}
      rows={props.rows}
      keyOf={({ name }) => name}
      columns={[
        { title: t.name, cell: ({ name }) => <strong>{name}</strong> },
        { title: t.scope, cell: ({ scopes }) => scopes.join(', ') },
        {
          title: t.created,
          cell: ({ createdAt, createdBy }) => (
            <span class="nowrap">
              {formatDate(createdAt)}{' '}
              <span class="dim">
                {t.createdBy} {createdBy}
              </span>
            </span>
          ),
        },
        {
          title: t.expires,
          cell: ({ expiresAt }) => (expiresAt === null ? words().never : formatRelative(expiresAt)),
        },
        {
          title: t.lastUsed,
          cell: ({ lastUsedAt }) => (
            <span class="dim">{lastUsedAt === null ? words().never : formatRelative(lastUsedAt)}</span>
          ),
        },
        {
          title: words().remove,
          quiet: true,
          cell: ({ name }) =>
            props.onLeave === undefined ? null : (
              <span class="actions">
                <Button
                  kind="plain"
                  small
                  icon="trash"
                  label={`${words().remove}: ${name}`}
                  onClick={() => props.onLeave?.(name)}
                />
              </span>
            ),
        },
      ]}
    />
  );
}

function ShownOnce({ made, onClose }: { made: Made; onClose: () => void }) {
  const t = texts();
  return (
    <Dialog title={t.tokenTitle(made.name)} onClose={onClose}>
      <Notice tone="warn">{t.tokenOnce}</Notice>
      <div class="row">
        <pre class="block grow" tabIndex={0} aria-label={t.token}>
          {made.token}
        </pre>
        <CopyButton text={made.token} />
      </div>
      <div class="dialog-actions">
        <Button kind="primary" onClick={onClose}>
          {words().close}
        </Button>
      </div>
    </Dialog>
  );
}

function AddToken({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const t = texts();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['read']);
  const [expires, setExpires] = useState('');
  const { busy, error, run } = useAction();
  const make = async () =>
    onMade(
      await gateway.call('POST /api/v1/tokens', {
        body: { name, scopes, ...(expires === '' ? {} : { expires }) },
      }),
    );
  return (
    <Dialog title={t.addToken} onClose={onClose}>
      <Form onSubmit={() => run(make)}>
        <div class="form-row">
          <TextField label={t.name} value={name} onInput={setName} autoComplete="off" required />
          <TextField
            label={t.expires}
            hint={t.expiresHint}
            value={expires}
            onInput={setExpires}
            pattern="\d+[smhd]"
          />
        </div>
        <fieldset class="scopes">
          <legend class="label">{t.scope}</legend>
          {SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              label={scope}
              hint={t[`scope_${scope}`]}
              checked={scopes.includes(scope)}
              onChange={(on) => setScopes(on ? [...scopes, scope] : scopes.filter((each) => each !== scope))}
            />
          ))}
        </fieldset>
        <FormEnd
          action={words().add}
          disabled={scopes.length === 0}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </Form>
    </Dialog>
  );
}
