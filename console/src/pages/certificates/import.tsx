import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { Checkbox, Dialog, Form, FormEnd, Notice, TextArea, toast, useAction } from '../../ui/index.ts';
import { texts } from './texts.ts';

export type Imported = 'server' | 'authority';

/** What the gateway takes. */
const PEM_BYTES_MAX = 256 * 1024;

interface ImportProps {
  readonly what: Imported;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** A certificate and its key, from files of this machine or pasted; the gateway checks them before it shows them. */
export function ImportCertificate({ what, onClose, onDone }: ImportProps) {
  const t = texts();
  const [certificate, setCertificate] = useState('');
  const [key, setKey] = useState('');
  const [sure, setSure] = useState(false);
  const { busy, error, run } = useAction();
  const load = async () => {
    const body = { certificate, key };
    if (what === 'server') await gateway.call('PUT /api/v1/certificates/server', { body });
    else await gateway.call('PUT /api/v1/certificates/authority', { body: { ...body, replace: true } });
    toast(t.imported);
    onDone();
  };
  const needsConsent = what === 'authority' && !sure;
  return (
    <Dialog title={what === 'server' ? t.importServer : t.importAuthority} onClose={onClose}>
      <Form onSubmit={() => run(load, onClose)}>
        <p>{what === 'server' ? t.importServerText : t.importAuthorityText}</p>
        <PemField
          label={t.certificatePem}
          hint={t.certificateHint}
          value={certificate}
          onInput={setCertificate}
        />
        <PemField label={t.keyPem} hint={t.keyHint} value={key} onInput={setKey} />
        {what === 'server' ? null : (
          <>
            <Notice tone="warn">{t.importAuthorityWarning}</Notice>
            <Checkbox label={t.sure} checked={sure} onChange={setSure} />
          </>
        )}
        <FormEnd
          action={t.import}
          icon="upload"
          disabled={needsConsent}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </Form>
    </Dialog>
  );
}

function PemField(props: { label: string; hint: string; value: string; onInput: (text: string) => void }) {
  const t = texts();
  const [fault, setFault] = useState<string | undefined>(undefined);
  const read = async (file: File | undefined): Promise<void> => {
    setFault(file !== undefined && file.size > PEM_BYTES_MAX ? t.notPem : undefined);
    if (file !== undefined && file.size <= PEM_BYTES_MAX) props.onInput(await file.text());
  };
  return (
    <div class="stack-s">
      <TextArea {...props} fault={fault} rows={4} />
      <div class="row">
        <input
          class="small"
          type="file"
          aria-label={t.orFile(props.label)}
          accept=".pem,.crt,.cer,.key"
          onChange={(change) => void read(change.currentTarget.files?.[0])}
        />
      </div>
    </div>
  );
}
