import { memorySource, typeOfSource, unpack, type UnpackLimits } from '../../src/engines/content/index.ts';

export const WIDE: UnpackLimits = {
  depthMax: 8,
  entriesMax: 10_000,
  bytesMax: 1 << 28,
  memberMax: 1 << 26,
  memberMemory: 1 << 26,
  ratioMax: 250,
  ratioFrom: 1 << 24,
  wholeMax: 1 << 25,
  expired: () => false,
  spool: () => undefined,
};

export interface Unpacked {
  /** Path → type and content of what came out; of one name twice, the last. */
  readonly files: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly types: Readonly<Record<string, string>>;
  /** `reason path`. */
  readonly troubles: readonly string[];
  readonly details: readonly string[];
  readonly traits: readonly string[];
  readonly bytes: number;
}

/** Everything inside some bytes. */
export async function unpacked(bytes: Uint8Array, limits: Partial<UnpackLimits> = {}): Promise<Unpacked> {
  const source = memorySource(bytes);
  const files: Record<string, string> = {};
  const types: Record<string, string> = {};
  const paths: string[] = [];
  const troubles: string[] = [];
  const details: string[] = [];
  const traits: string[] = [];
  let sum = 0;
  await unpack(
    source,
    typeOfSource(source),
    { ...WIDE, ...limits },
    {
      file: ({ path, type, source: inner }) => {
        paths.push(path);
        types[path] = type.name;
        sum += inner.size;
        files[path] = inner.read(0, Math.min(inner.size, 10_000)).toString('latin1');
        return true;
      },
      trouble: (path, { reason, detail }) => {
        troubles.push(`${reason} ${path}`.trim());
        details.push(detail);
      },
      trait: (path, trait) => void traits.push(`${trait} ${path}`.trim()),
    },
  );
  return { files, paths, types, troubles, details, traits, bytes: sum };
}
