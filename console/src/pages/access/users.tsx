import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDate } from '../../lib/format.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  ConfirmDialog,
  Dialog,
  Form,
  FormEnd,
  Panel,
  SelectField,
  Table,
  TextField,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { PasswordDialog } from './password.tsx';
import { SecondFactorDialog } from './second-factor.tsx';
import { SshKeysDialog } from './ssh-keys.tsx';
import { texts } from './texts.ts';

type Role = 'admin' | 'operator' | 'user';

interface User {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string | null;
  readonly passwordAt: string | null;
}

type Question = 'password' | 'factor' | 'keys' | 'role' | 'remove';

export function Users() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  const [isAdding, setIsAdding] = useState(false);
  const [asked, setAsked] = useState<{ user: User; what: Question } | undefined>(undefined);
  const users = useResource('users', (signal) => gateway.call('GET /api/v1/users', { signal }));
  const close = () => setAsked(undefined);
  return (
    <Panel
      title={t.users}
      flush
      actions={
        isAdmin ? (
          <Button small icon="plus" onClick={() => setIsAdding(true)}>
            {t.addUser}
          </Button>
        ) : undefined
      }
    >
      <View of={users}>
        {(rows) => (
          <Table
            caption={t.users}
            rows={rows}
            keyOf={({ name }) => name}
            columns={[
              { title: t.name, cell: ({ name }) => <strong>{name}</strong> },
              { title: t.role, cell: ({ role }) => role },
              {
                title: t.created,
                cell: ({ createdAt }) => <span class="nowrap">{formatDate(createdAt)}</span>,
              },
              {
                title: t.passwordSince,
                cell: ({ passwordAt }) => <span class="nowrap">{formatDate(passwordAt)}</span>,
              },
              {
                title: words().change,
                quiet: true,
                cell: (user) =>
                  isAdmin ? (
                    <span class="actions">
                      {(['password', 'factor', 'keys', 'role'] as const).map((what) => (
                        <Button
                          key={what}
                          small
                          label={`${t[what]}: ${user.name}`}
                          onClick={() => setAsked({ user, what })}
                        >
                          {t[what]}
                        </Button>
                      ))}
                      <Button
                        kind="plain"
                        small
                        icon="trash"
                        label={`${words().remove}: ${user.name}`}
                        onClick={() => setAsked({ user, what: 'remove' })}
                      />
                    </span>
                  ) : null,
              },
            ]}
          />
        )}
      </View>
      {isAdding ? <AddUser onClose={() => setIsAdding(false)} onDone={users.reload} /> : null}
      {asked?.what === 'password' ? (
        <PasswordDialog user={asked.user.name} onClose={close} onDone={users.reload} />
      ) : null}
      {asked?.what === 'factor' ? <SecondFactorDialog user={asked.user.name} onClose={close} /> : null}
      {asked?.what === 'keys' ? <SshKeysDialog user={asked.user.name} onClose={close} /> : null}
      {asked?.what === 'role' ? <RoleDialog user={asked.user} onClose={close} onDone={users.reload} /> : null}
      {asked?.what === 'remove' ? (
        <RemoveUser user={asked.user} onClose={close} onDone={users.reload} />
      ) : null}
    </Panel>
  );
}

interface AboutUser {
  readonly user: User;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function RemoveUser({ user: { name }, onClose, onDone }: AboutUser) {
  const t = texts();
  return (
    <ConfirmDialog
      title={t.remove(name)}
      action={words().remove}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await gateway.call('DELETE /api/v1/users/{name}', { params: { name } });
        toast(t.removed(name));
        onDone();
      }}
    >
      <p>{t.removeUserText}</p>
    </ConfirmDialog>
  );
}

function RoleDialog({ user, onClose, onDone }: AboutUser) {
  const t = texts();
  const [role, setRole] = useState<Role>(user.role);
  return (
    <ConfirmDialog
      title={user.name}
      action={words().save}
      onClose={onClose}
      onConfirm={async () => {
        await gateway.call('PATCH /api/v1/users/{name}', { params: { name: user.name }, body: { role } });
        toast(t.roleDone(user.name, role));
        onDone();
      }}
    >
      <RoleField role={role} onChange={setRole} />
    </ConfirmDialog>
  );
}

function RoleField({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const t = texts();
  return (
    <SelectField<Role>
      label={t.role}
      value={role}
      options={[
        ['admin', t.role_admin],
        ['operator', t.role_operator],
        ['user', t.role_user],
      ]}
      onChange={onChange}
    />
  );
}

function AddUser({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [password, setPassword] = useState('');
  const { busy, error, run } = useAction();
  const add = async () => {
    await gateway.call('POST /api/v1/users', { body: { name, role, password } });
    onDone();
  };
  return (
    <Dialog title={t.addUser} onClose={onClose}>
      <Form onSubmit={() => run(add, onClose)}>
        <TextField label={t.name} value={name} onInput={setName} autoComplete="off" required />
        <RoleField role={role} onChange={setRole} />
        <TextField
          label={t.password}
          hint={t.passwordHint}
          type="password"
          autoComplete="new-password"
          minLength={12}
          value={password}
          onInput={setPassword}
          required
        />
        <FormEnd action={words().add} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}
