import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatCount, formatDateTime } from '../../lib/format.ts';
import { type Resource, useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  ConfirmDialog,
  Facts,
  Findings,
  PageHead,
  Panel,
  toast,
  View,
} from '../../ui/index.ts';
import { ImportCertificate, type Imported } from './import.tsx';
import { InstallAuthority } from './install.tsx';
import { texts } from './texts.ts';

interface Certificate {
  readonly name: string;
  readonly origin: 'gateway' | 'operator' | 'imported';
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly names: readonly string[];
  readonly fingerprint: string;
}

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly text: string;
}

/** So many days before its end somebody should act. */
const SOON_DAYS = 30;

export function Page() {
  const t = texts();
  const [importing, setImporting] = useState<Imported | undefined>(undefined);
  const [givingUp, setGivingUp] = useState(false);
  const certificates = useResource('certificates', (signal) =>
    gateway.call('GET /api/v1/certificates', { signal }),
  );
  const findings = useResource('findings', (signal) =>
    gateway.call('GET /api/v1/certificates/findings', { signal }),
  );
  const again = () => {
    certificates.reload();
    findings.reload();
  };
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="columns">
        <div class="stack">
          <View of={certificates}>
            {(rows) => (
              <>
                {rows.map((row) => (
                  <OneCertificate
                    key={row.name}
                    of={row}
                    onImport={() => setImporting(row.name === 'authority' ? 'authority' : 'server')}
                    onGiveUp={() => setGivingUp(true)}
                  />
                ))}
              </>
            )}
          </View>
          <Complaints of={findings} />
        </div>
        <Panel title={t.install}>
          <InstallAuthority />
        </Panel>
      </div>
      {importing === undefined ? null : (
        <ImportCertificate what={importing} onClose={() => setImporting(undefined)} onDone={again} />
      )}
      {givingUp ? (
        <ConfirmDialog
          title={t.giveUpTitle}
          action={t.giveUp}
          danger
          onClose={() => setGivingUp(false)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/certificates/server');
            toast(t.dropped);
            again();
          }}
        >
          <p>{t.giveUpText}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function OneCertificate({
  of,
  onImport,
  onGiveUp,
}: {
  of: Certificate;
  onImport: () => void;
  onGiveUp: () => void;
}) {
  const t = texts();
  const origin = { gateway: t.own, operator: t.operator, imported: t.importedBy }[of.origin];
  // The files of the settings win: what is imported beside them would be refused.
  const mayImport = session.value?.role === 'admin' && of.origin !== 'operator';
  const tone = of.daysLeft < 0 ? 'bad' : of.daysLeft < SOON_DAYS ? 'warn' : 'good';
  const title = of.name === 'authority' ? t.authority : of.name === 'server' ? t.server : of.name;
  return (
    <Panel
      title={title}
      actions={
        <>
          <Badge tone={tone}>{t.days(formatCount(of.daysLeft))}</Badge>
          {mayImport && of.name === 'server' && of.origin === 'imported' ? (
            <Button small onClick={onGiveUp}>
              {t.giveUp}
            </Button>
          ) : null}
          {mayImport ? (
            <Button small icon="upload" label={`${t.importEdit} ${title}`} onClick={onImport}>
              {t.importEdit}
            </Button>
          ) : null}
        </>
      }
    >
      <Facts
        facts={[
          [t.subject, of.subject],
          [t.issuer, `${of.issuer} (${origin})`],
          [t.names, of.names.join(', ')],
          [t.until, formatDateTime(of.notAfter)],
          [t.fingerprint, <Fingerprint of={of.fingerprint} />],
        ]}
      />
    </Panel>
  );
}

function Complaints({ of }: { of: Resource<readonly Finding[]> }) {
  const t = texts();
  return (
    <Panel title={t.findings}>
      <View of={of}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="dim">{t.none}</p>
          ) : (
            <Findings
              of={rows.map(({ state, ...rest }) => ({
                ...rest,
                tone: state === 'ok' ? 'good' : state,
                state: t[state],
              }))}
            />
          )
        }
      </View>
    </Panel>
  );
}

/** May go on in the next line behind each byte, and nowhere else. */
function Fingerprint({ of }: { of: string }) {
  return (
    <code class="fingerprint">
      {of.split(':').map((byte, at) => (
        <span key={at}>{at === 0 ? byte : [':', <wbr key="break" />, byte]}</span>
      ))}
    </code>
  );
}
