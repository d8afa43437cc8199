import type { ComponentChildren, ComponentProps } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
}

interface ControlProps {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

function Field({
  label,
  hint,
  fault,
  control,
}: FieldProps & { control: (props: ControlProps) => ComponentChildren }) {
  const id = useId();
  const about = fault ?? hint;
  const describedBy = about === undefined ? undefined : `${id}-about`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control({ id, describedBy, invalid: fault !== undefined })}
      {about === undefined ? null : (
        <span id={`${id}-about`} class={fault === undefined ? 'hint' : 'fault'}>
          {about}
        </span>
      )}
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'url' | 'number' | 'datetime-local' | 'search';
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autoComplete?: string;
  readonly mono?: boolean;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, fault, value, onInput, type = 'text', mono = false, ...rest } = props;
  return (
    <Field
      label={label}
      hint={hint}
      fault={fault}
      control={({ id, describedBy, invalid }) => (
        <input
          // The kinds that are left differ only in attributes that are not used here.
          {...({ ...rest, type } as ComponentProps<'input'>)}
          id={id}
          class={mono ? 'input mono' : 'input'}
          value={value}
          spellcheck={false}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(typed) => onInput(typed.currentTarget.value)}
        />
      )}
    />
  );
}

/** Several lines of text. */
export function TextArea(
  props: FieldProps & { value: string; rows: number; onInput: (value: string) => void },
) {
  return (
    <Field
      {...props}
      control={({ id, describedBy, invalid }) => (
        <textarea
          id={id}
          class="input mono"
          rows={props.rows}
          value={props.value}
          spellcheck={false}
          required
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(typed) => props.onInput(typed.currentTarget.value)}
        />
      )}
    />
  );
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>({
  label,
  hint,
  fault,
  value,
  options,
  onChange,
}: SelectFieldProps<T>) {
  return (
    <Field
      label={label}
      hint={hint}
      fault={fault}
      control={({ id, describedBy, invalid }) => (
        <select
          id={id}
          class="input"
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          // The options are of this type, and nothing else can be chosen.
          onChange={(chosen) => onChange(chosen.currentTarget.value as T)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      )}
    />
  );
}

export function Checkbox(props: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  hint?: string;
}) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={props.checked}
        aria-describedby={props.hint === undefined ? undefined : `${id}-about`}
        onChange={(change) => props.onChange(change.currentTarget.checked)}
      />
      <div>
        <label for={id}>{props.label}</label>
        {props.hint === undefined ? null : (
          <div id={`${id}-about`} class="dim small">
            {props.hint}
          </div>
        )}
      </div>
    </div>
  );
}

/** One of a few; `aria-pressed` says which. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, content: ComponentChildren, title?: string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div class="segmented" role="group" aria-label={props.label}>
      {props.options.map(([each, content, title]) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === props.value}
          // A text says itself what it is.
          aria-label={typeof content === 'string' ? undefined : title}
          title={title}
          onClick={() => props.onChange(each)}
        >
          {content}
        </button>
      ))}
    </div>
  );
}

/** A form that is sent by Enter, too. The fields check themselves first. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ComponentChildren }) {
  return (
    <form
      class="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
