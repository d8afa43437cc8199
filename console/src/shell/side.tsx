import { pages } from 'console:pages';
import { inLanguage } from '../lib/language.ts';
import { gateway, session } from '../lib/api.ts';
import { hrefOf, pagePath } from '../lib/router.ts';
import type { PageGroup } from '../registry.ts';
import { Button } from '../ui/basics.tsx';
import { Brand, Icon } from '../ui/icon.tsx';
import { HealthLight } from './health-light.tsx';
import { Preferences } from './preferences.tsx';
import { texts } from './texts.ts';

const GROUPS = [
  'watch',
  'decide',
  'files',
  'system',
  'administration',
] as const satisfies readonly PageGroup[];

export function BrandLink() {
  return (
    <a class="brand" href={hrefOf('')}>
      <Brand />
      Sallyport
    </a>
  );
}

export function Side({ isOpen }: { isOpen: boolean }) {
  const t = texts();
  const who = session.value;
  const signOut = () => {
    // Whatever the gateway answers: this browser forgets.
    void gateway
      .call('DELETE /api/v1/session')
      .catch(() => undefined)
      .then(() => void (session.value = null));
  };
  return (
    <header id="side" class={isOpen ? 'side open' : 'side'}>
      <BrandLink />
      <nav class="nav" aria-label={t.main}>
        {GROUPS.map((group) => (
          <Group key={group} group={group} title={t[group]} />
        ))}
      </nav>
      <div class="side-foot">
        <div>
          <HealthLight />
        </div>
        {who ? (
          <div class="row apart">
            <span class="grow">
              <strong>{who.user}</strong>
              <br />
              <span class="dim small">{t.role(who.role)}</span>
            </span>
            <Button kind="plain" small icon="out" label={t.signOut} onClick={signOut} />
          </div>
        ) : null}
        <Preferences />
      </div>
    </header>
  );
}

function Group({ group, title }: { group: PageGroup; title: string }) {
  const isAdmin = session.value?.role === 'admin';
  const shown = pages.filter((page) => page.group === group && (page.admin !== true || isAdmin));
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {shown.map((page) => (
          <li key={page.path}>
            <a href={hrefOf(page.path)} aria-current={page.path === pagePath.value ? 'page' : undefined}>
              <Icon path={page.icon} />
              {inLanguage(page.title)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
