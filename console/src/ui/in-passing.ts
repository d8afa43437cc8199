import { useRef } from 'preact/hooks';
import { toast } from './toast.tsx';

/**
 * For buttons that act at once and have no room to say what went wrong: that is said in passing. A second click while
 * the first one still runs does nothing.
 */
export function useInPassing(): (action: () => Promise<void>) => void {
  const isRunning = useRef(false);
  const run = async (action: () => Promise<void>): Promise<void> => {
    if (isRunning.current) return;
    isRunning.current = true;
    try {
      await action();
    } catch (thrown) {
      toast(thrown instanceof Error ? thrown.message : String(thrown), 'bad');
    }
    isRunning.current = false;
  };
  return (action) => void run(action);
}
