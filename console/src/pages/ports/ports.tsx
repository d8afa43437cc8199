import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { defineTexts } from '../../lib/language.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Badge,
  Button,
  Checkbox,
  CopyButton,
  PageHead,
  Panel,
  saveAs,
  SelectField,
  Table,
  TextField,
  type Tone,
  View,
  words,
} from '../../ui/index.ts';

const texts = defineTexts(
  {
    addresses: 'Listens on',
    direction: 'Direction',
    direction_both: 'Both',
    direction_in: 'In',
    direction_out: 'Out',
    door: 'Door',
    firewall: 'Rules for your firewall',
    firewallLead: 'Made from the ports that are open, so they cannot be otherwise than what listens.',
    format: 'Language of the rules',
    lead: 'All ports are for internal networks. The gateway itself goes out on 443 alone.',
    machinePort: 'Other ports of this machine',
    machinePortHint: 'Kept reachable, such as 2222, 8443.',
    port: 'Port',
    ports: 'Ports',
    protocol: 'Protocol',
    purpose: 'What for',
    relayed: 'Let out what the proxy reaches for its clients',
    rules: 'Firewall rules',
    state: 'State',
    state_disabled: 'disabled',
    state_failed: 'failed',
    state_open: 'open',
    state_planned: 'not built yet',
  },
  {
    addresses: 'Lauscht auf',
    direction: 'Richtung',
    direction_both: 'Beide',
    direction_in: 'Herein',
    direction_out: 'Hinaus',
    door: 'Tür',
    firewall: 'Regeln für Ihre Firewall',
    firewallLead: 'Aus den offenen Ports gemacht; sie können also nichts anderes sagen, als was lauscht.',
    format: 'Sprache der Regeln',
    lead: 'Alle Ports sind für interne Netze. Das Gateway selbst geht nur über 443 hinaus.',
    machinePort: 'Andere Ports dieser Maschine',
    machinePortHint: 'Bleiben erreichbar, etwa 2222, 8443.',
    port: 'Port',
    ports: 'Ports',
    protocol: 'Protokoll',
    purpose: 'Wofür',
    relayed: 'Hinauslassen, was der Proxy für seine Clients erreicht',
    rules: 'Firewall-Regeln',
    state: 'Zustand',
    state_disabled: 'abgeschaltet',
    state_failed: 'gescheitert',
    state_open: 'offen',
    state_planned: 'noch nicht gebaut',
  },
);

type PortState = 'open' | 'planned' | 'disabled' | 'failed';

const TONE: Readonly<Record<PortState, Tone>> = {
  open: 'good',
  planned: 'note',
  disabled: 'note',
  failed: 'bad',
};

export function Page() {
  const t = texts();
  const ports = useResource('ports', (signal) => gateway.call('GET /api/v1/ports', { signal }));
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="stack">
        <Panel title={t.ports} flush>
          <View of={ports}>
            {(rows) => (
              <Table
                caption={t.ports}
                rows={rows}
                keyOf={({ port }) => port}
                columns={[
                  { title: t.port, right: true, cell: ({ port }) => <strong>{port}</strong> },
                  {
                    title: t.state,
                    cell: ({ state }) => <Badge tone={TONE[state]}>{t[`state_${state}`]}</Badge>,
                  },
                  { title: t.door, cell: ({ door }) => <span class="nowrap">{door}</span> },
                  { title: t.protocol, cell: ({ protocol }) => protocol },
                  {
                    title: t.addresses,
                    cell: ({ addresses, listenPort, state }) =>
                      state === 'open' ? (
                        <code class="nowrap">
                          {addresses.map((address) => withPort(address, listenPort)).join(', ')}
                        </code>
                      ) : (
                        '–'
                      ),
                  },
                  { title: t.purpose, cell: ({ purpose }) => <span class="dim">{purpose}</span> },
                ]}
              />
            )}
          </View>
        </Panel>
        <Firewall />
      </div>
    </>
  );
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const FORMATS = [
  ['nftables', 'nftables'],
  ['iptables', 'iptables'],
  ['ufw', 'ufw'],
  ['firewalld', 'firewalld'],
  ['terraform-aws', 'Terraform (AWS)'],
  ['azure-nsg', 'Azure NSG'],
  ['windows', 'Windows'],
  ['json', 'JSON'],
] as const;
type Format = (typeof FORMATS)[number][0];
type Direction = 'in' | 'out' | 'both';

function Firewall() {
  const t = texts();
  const [format, setFormat] = useState<Format>('nftables');
  const [direction, setDirection] = useState<Direction>('both');
  const [isRelayed, setIsRelayed] = useState(false);
  const [machinePort, setMachinePort] = useState('');
  const given = {
    format,
    direction,
    ...(isRelayed ? { relayed: 'true' as const } : {}),
    ...(/^\d{1,5}(,\d{1,5})*$/.test(machinePort) ? { machinePort } : {}),
  };
  const rules = useResource(JSON.stringify(given), (signal) =>
    gateway.call('GET /api/v1/firewall', { query: given, signal }),
  );
  const text = rules.data === undefined ? '' : (rules.data.text ?? JSON.stringify(rules.data, undefined, 2));
  return (
    <Panel
      title={t.firewall}
      actions={
        <>
          <CopyButton text={text} />
          <Button small icon="download" onClick={() => saveAs(`sallyport-firewall-${format}.txt`, text)}>
            {words().download}
          </Button>
        </>
      }
    >
      <div class="stack-s">
        <p class="dim">{t.firewallLead}</p>
        <div class="form-row">
          <SelectField<Format> label={t.format} value={format} options={FORMATS} onChange={setFormat} />
          <SelectField<Direction>
            label={t.direction}
            value={direction}
            options={[
              ['both', t.direction_both],
              ['in', t.direction_in],
              ['out', t.direction_out],
            ]}
            onChange={setDirection}
          />
          <TextField
            label={t.machinePort}
            hint={t.machinePortHint}
            value={machinePort}
            onInput={setMachinePort}
          />
        </div>
        <Checkbox label={t.relayed} checked={isRelayed} onChange={setIsRelayed} />
        <View of={rules}>
          {() => (
            <pre class="block" tabIndex={0} aria-label={t.rules}>
              {text}
            </pre>
          )}
        </View>
      </div>
    </Panel>
  );
}
