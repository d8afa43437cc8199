import { Button } from './basics.tsx';
import { toast } from './toast.tsx';
import { words } from './words.ts';

const KEPT_MS = 60_000;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const w = words();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(w.copied);
    } catch {
      // Not allowed here, such as without TLS: the text can still be selected.
      toast(w.failed, 'bad');
    }
  };
  return (
    <Button small icon="copy" label={label ?? w.copy} onClick={() => void copy()}>
      {w.copy}
    </Button>
  );
}

/** Hands text to the browser as a file. */
export function saveAs(name: string, text: string | Blob): void {
  const url = URL.createObjectURL(typeof text === 'string' ? new Blob([text]) : text);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after this returns, some of them much later.
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
