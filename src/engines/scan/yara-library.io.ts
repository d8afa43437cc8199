import { createRequire } from 'node:module';
import { messageOf } from '../../kernel/index.ts';
import type { YaraLibrary } from './yara.ts';

/**
 * YARA-X as a native library. An optional dependency: it exists for Linux on x64 with glibc; elsewhere the stage
 * says that it is unavailable.
 */
export function loadYara(): YaraLibrary | { readonly why: string } {
  try {
    // The package has no types; `YaraLibrary` is what we use of it.
    return createRequire(import.meta.url)('@litko/yara-x-linux-x64-gnu') as YaraLibrary;
  } catch (error) {
    const line = messageOf(error).split('\n', 1)[0] ?? '';
    return { why: `the package @litko/yara-x-linux-x64-gnu is not installed (${line.slice(0, 80)})` };
  }
}
