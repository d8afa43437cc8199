import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, ErrorNotice } from './basics.tsx';
import { words } from './words.ts';

/** Modal, by the browser's own means: it holds the focus, Escape closes it, and the focus goes back. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the browser draws: a key that is pressed as soon as the dialog is seen is meant for it.
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(cancel) => {
        cancel.preventDefault();
        props.onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        <Button kind="plain" small icon="cross" label={words().close} onClick={props.onClose} />
      </div>
      <div class="dialog-body">{props.children}</div>
    </dialog>
  );
}

/**
 * Runs something that may fail, once at a time. `then` runs only while the asking component is still shown: whoever
 * closed its dialog meanwhile may have opened another one, which must stay.
 */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>(undefined);
  const isRunning = useRef(false);
  const isShown = useRef(true);
  useLayoutEffect(() => () => void (isShown.current = false), []);
  const run = async (action: () => Promise<void>, then?: () => void): Promise<void> => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await action();
      if (isShown.current) then?.();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    isRunning.current = false;
    setBusy(false);
  };
  return {
    busy,
    error,
    run: (action: () => Promise<void>, then?: () => void) => void run(action, then),
    setError,
  };
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: {
  title: string;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const { busy, error, run } = useAction();
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      {error === undefined ? null : <ErrorNotice error={error} />}
      <div class="dialog-actions">
        <Button onClick={props.onClose}>{words().cancel}</Button>
        <Button
          kind={props.danger === true ? 'danger' : 'primary'}
          busy={busy}
          onClick={() => run(props.onConfirm, props.onClose)}
        >
          {props.action}
        </Button>
      </div>
    </Dialog>
  );
}
