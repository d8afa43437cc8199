import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatBytes } from '../../lib/format.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Button,
  Checkbox,
  CopyButton,
  ErrorNotice,
  Form,
  NewSecretFields,
  NO_SECRET,
  Notice,
  PageHead,
  Panel,
  saveAs,
  secretsDiffer,
  toast,
  useAction,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

const RESTORE = `sallyport stop
sallyport restore sallyport-backup.spb --passphrase-file passphrase --replace
sallyport start`;

export function Page() {
  const t = texts();
  const isAdmin = session.value?.role === 'admin';
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="columns">
        <div class="stack">
          {isAdmin ? (
            <>
              <Panel title={t.backup}>
                <BackupForm />
              </Panel>
              <Panel title={t.bundle}>
                <BundleForm />
              </Panel>
            </>
          ) : (
            <Notice>{t.adminOnly}</Notice>
          )}
        </div>
        <Panel title={t.restore}>
          <div class="stack">
            <p>{t.restoreText}</p>
            <pre class="block wrapped" tabIndex={0}>
              {RESTORE}
            </pre>
            <div>
              <CopyButton text={RESTORE} />
            </div>
          </div>
        </Panel>
      </div>
    </>
  );
}

function BackupForm() {
  const t = texts();
  const [passphrase, setPassphrase] = useState(NO_SECRET);
  const [indicators, setIndicators] = useState(true);
  const { busy, error, run } = useAction();
  const save = async () => {
    if (secretsDiffer(passphrase)) return;
    const file = await gateway.call('POST /api/v1/backup', {
      body: { passphrase: passphrase.text, indicators },
    });
    saveAs(nameOf('backup', 'spb'), file);
    toast(t.backupDone(formatBytes(file.size)));
    setPassphrase(NO_SECRET);
  };
  return (
    <Form onSubmit={() => run(save)}>
      <p>{t.backupText}</p>
      <NewSecretFields
        label={t.passphrase}
        hint={t.passphraseHint}
        labelAgain={t.again}
        value={passphrase}
        onInput={setPassphrase}
      />
      <Checkbox label={t.indicators} hint={t.indicatorsHint} checked={indicators} onChange={setIndicators} />
      {error === undefined ? null : <ErrorNotice error={error} />}
      <Download what={t.backup} busy={busy} disabled={secretsDiffer(passphrase)} />
    </Form>
  );
}

function BundleForm() {
  const t = texts();
  const [access, setAccess] = useState(false);
  const { busy, error, run } = useAction();
  const save = async () => {
    const file = await gateway.call('POST /api/v1/support-bundle', { body: { access } });
    saveAs(nameOf('support', 'tar.gz'), file);
    toast(t.bundleDone(formatBytes(file.size)));
  };
  return (
    <Form onSubmit={() => run(save)}>
      <p>{t.bundleText}</p>
      <Checkbox label={t.access} hint={t.accessHint} checked={access} onChange={setAccess} />
      {error === undefined ? null : <ErrorNotice error={error} />}
      <Download what={t.bundle} busy={busy} />
    </Form>
  );
}

function Download(props: { what: string; busy: boolean; disabled?: boolean }) {
  const t = texts();
  return (
    <div class="row">
      <Button
        type="submit"
        kind="primary"
        icon="download"
        label={`${t.download}: ${props.what}`}
        busy={props.busy}
        disabled={props.disabled === true}
      >
        {t.download}
      </Button>
      <span class="dim small" role="status">
        {props.busy ? t.slow : ''}
      </span>
    </div>
  );
}

function nameOf(what: string, ending: string): string {
  return `sallyport-${what}-${new Date().toISOString().slice(0, 10)}.${ending}`;
}
