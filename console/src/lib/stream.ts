const AGAIN_MS = 3000;

export interface StreamHandlers {
  /** Also when it was opened again: what came meanwhile has to be asked for. */
  onOpen(): void;
  onMessage(data: unknown): void;
  onBroken(): void;
}

/**
 * Follows server-sent events until the function that it returns is called. A browser takes a connection that broke up
 * again by itself, but not one that was refused (all streams are in use, the gateway restarts): that is done here.
 */
export function followStream(path: string, { onOpen, onMessage, onBroken }: StreamHandlers): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(path);
    source.addEventListener('open', onOpen);
    source.addEventListener('message', ({ data }) => onMessage(JSON.parse(String(data))));
    source.addEventListener('error', () => {
      onBroken();
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
