import { chooseLanguage, language, type Language, LANGUAGES } from '../lib/language.ts';
import { chooseTheme, theme, type Theme } from '../lib/theme.ts';
import { Segmented } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { texts } from './texts.ts';

/** Kept in this browser: how the console looks, and its language. */
export function Preferences() {
  const t = texts();
  return (
    <div class="row apart">
      <Segmented<Theme>
        label={t.theme}
        value={theme.value}
        options={[
          ['system', <Icon name="screen" />, t.systemTheme],
          ['light', <Icon name="sun" />, t.light],
          ['dark', <Icon name="moon" />, t.dark],
        ]}
        onChange={chooseTheme}
      />
      <Segmented<Language>
        label={t.language}
        value={language.value}
        options={(Object.keys(LANGUAGES) as Language[]).map((each) => [
          each,
          each.toUpperCase(),
          LANGUAGES[each],
        ])}
        onChange={chooseLanguage}
      />
    </div>
  );
}
