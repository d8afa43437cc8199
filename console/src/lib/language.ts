import { effect, signal } from '@preact/signals';

/** The languages of the console; a dictionary that lacks one does not compile. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

/** One text in every language. */
export type Text = Readonly<Record<Language, string>>;

const KEY = 'sallyport.language';

export const language = signal<Language>(firstLanguage());

effect(() => {
  document.documentElement.lang = language.value;
});

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(KEY, chosen);
}

export function inLanguage(text: Text): string {
  return text[language.value];
}

/** The same keys with texts of any wording, and functions with the same parameters. */
type Translated<T> = {
  readonly [K in keyof T]: T[K] extends (...values: infer P) => string ? (...values: P) => string : string;
};

/** A dictionary: call it to get the texts in the language of the moment. Components that do are drawn again. */
export function defineTexts<T extends Readonly<Record<string, string | ((...values: never[]) => string)>>>(
  en: T,
  de: NoInfer<Translated<T>>,
): () => Translated<T> {
  // T has the same keys and parameters; what its literal texts say is not part of what callers see.
  const all: Readonly<Record<Language, Translated<T>>> = { en: en as unknown as Translated<T>, de };
  return () => all[language.value];
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEY);
  const wanted = [kept ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  const known = Object.keys(LANGUAGES) as readonly Language[];
  return wanted.map((tag) => known.find((each) => each === tag)).find((each) => each !== undefined) ?? 'en';
}
