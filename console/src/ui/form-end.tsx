import { Button, ErrorNotice } from './basics.tsx';
import type { IconName } from './icon.tsx';
import { words } from './words.ts';

export interface FormEndProps {
  /** What the button says that sends the form. */
  readonly action: string;
  readonly icon?: IconName;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly error: Error | undefined;
  /** Of a form in a dialog. */
  readonly onClose?: (() => void) | undefined;
}

/** The end of a form: what went wrong when it was sent, and the buttons. */
export function FormEnd({ action, icon, busy, disabled = false, error, onClose }: FormEndProps) {
  return (
    <>
      {error === undefined ? null : <ErrorNotice error={error} />}
      <div class="dialog-actions">
        {onClose === undefined ? null : <Button onClick={onClose}>{words().cancel}</Button>}
        <Button
          type="submit"
          kind="primary"
          busy={busy}
          disabled={disabled}
          {...(icon === undefined ? {} : { icon })}
        >
          {action}
        </Button>
      </div>
    </>
  );
}
