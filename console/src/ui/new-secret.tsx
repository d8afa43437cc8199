import { TextField } from './form.tsx';
import { words } from './words.ts';

/** As the gateway asks of passwords and passphrases. */
const LENGTH_MIN = 12;
const LENGTH_MAX = 1024;

export interface NewSecret {
  readonly text: string;
  readonly again: string;
}

export const NO_SECRET: NewSecret = { text: '', again: '' };

/** True from the first letter of the second one that is another. */
export function secretsDiffer({ text, again }: NewSecret): boolean {
  return again !== '' && again !== text;
}

/** A new password or passphrase, typed twice. */
export function NewSecretFields(props: {
  label: string;
  hint: string;
  labelAgain: string;
  value: NewSecret;
  onInput: (value: NewSecret) => void;
}) {
  const { value, onInput } = props;
  return (
    <>
      <TextField
        label={props.label}
        hint={props.hint}
        type="password"
        autoComplete="new-password"
        minLength={LENGTH_MIN}
        maxLength={LENGTH_MAX}
        value={value.text}
        onInput={(text) => onInput({ ...value, text })}
        required
      />
      <TextField
        label={props.labelAgain}
        fault={secretsDiffer(value) ? words().differs : undefined}
        type="password"
        autoComplete="new-password"
        value={value.again}
        onInput={(again) => onInput({ ...value, again })}
        required
      />
    </>
  );
}
