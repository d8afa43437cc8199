/** Runs something once, later; `cancel` is free at any time. */
export function runLater(delayMs: number, run: () => void): { cancel(): void } {
  const timer = setTimeout(run, delayMs);
  return { cancel: () => clearTimeout(timer) };
}
