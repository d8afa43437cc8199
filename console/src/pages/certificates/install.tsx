import { CopyButton, Icon } from '../../ui/index.ts';
import { texts } from './texts.ts';

/** The authority for download, and how the usual systems take it. */
export function InstallAuthority() {
  const t = texts();
  const ways = [
    [t.installWindows, 'certutil -addstore -f Root sallyport-ca.crt'],
    [
      t.installMac,
      'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain sallyport-ca.crt',
    ],
    [
      t.installDebian,
      'sudo cp sallyport-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates',
    ],
    [t.installRedHat, 'sudo cp sallyport-ca.crt /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust'],
  ] as const;
  return (
    <div class="stack">
      <p>{t.installLead}</p>
      <div>
        <a class="button primary" href="/ca.crt" download="sallyport-ca.crt">
          <Icon name="download" />
          {t.download}
        </a>
      </div>
      <dl class="stack-s">
        {ways.map(([system, command]) => (
          <div key={system}>
            <dt class="label">{system}</dt>
            <dd class="row tight">
              <pre class="block wrapped grow" tabIndex={0}>
                {command}
              </pre>
              <CopyButton text={command} />
            </dd>
          </div>
        ))}
        <div>
          <dt class="label">{t.installFirefox}</dt>
          <dd>{t.installFirefoxText}</dd>
        </div>
      </dl>
    </div>
  );
}
