import type { FileType, IncompleteReason, MaybePromise } from '../../kernel/index.ts';

/** Bytes that can be read anywhere: a buffer, a file. */
export interface Source {
  readonly size: number;
  /** Up to `length` bytes from `at`; fewer at the end. Valid as long as the source; not to be written to. */
  read(at: number, length: number): Buffer;
  /** The same into memory of the caller, where the bytes are not in memory already. Valid until it is used again. */
  readonly readInto?: (target: Buffer, at: number) => Buffer;
}

/** Takes bytes in order; false: it takes no more, and reading should end. The bytes are its own from then on. */
export type Sink = (bytes: Buffer) => boolean;

/** Why something could not be read, or not to its end. */
export interface Trouble {
  readonly reason: IncompleteReason;
  /** For people. */
  readonly detail: string;
}

/** One inner file of a container, before it is read. */
export interface Member {
  readonly name: string;
  /** Hands the bytes on, and says what was wrong; what came before stays good. */
  read(sink: Sink): MaybePromise<Trouble | undefined>;
}

/** What a container tells of itself, in the order in which it is found. */
export type Item =
  | { readonly kind: 'member'; readonly member: Member }
  | ({ readonly kind: 'trouble'; readonly name: string } & Trouble)
  /** Something that policies and people want to know, although it is no finding by itself. */
  | { readonly kind: 'trait'; readonly trait: Trait; readonly name: string };

export const TRAITS = ['macros', 'external-template', 'pdf-javascript', 'pdf-launch'] as const;
export type Trait = (typeof TRAITS)[number];

/** Reads one kind of container. Never throws for what is in it; may be left at any item. */
export type Opener = (source: Source, bounds: OpenBounds) => AsyncIterable<Item> | Iterable<Item>;

export interface OpenBounds {
  /** No container needs to tell of more. */
  readonly entriesMax: number;
  /** What has to be looked at as a whole may be so long. */
  readonly memoryMax: number;
  /** Time is over: long loops ask it and end. */
  expired(): boolean;
}

export interface UnpackLimits {
  readonly depthMax: number;
  readonly entriesMax: number;
  /** Of everything that comes out. */
  readonly bytesMax: number;
  readonly memberMax: number;
  /** Of one inner file; more goes to the spool. */
  readonly memberMemory: number;
  readonly ratioMax: number;
  readonly ratioFrom: number;
  /** Of what must be looked at as a whole: a PDF, a message, a 7z archive. */
  readonly wholeMax: number;
  expired(): boolean;
  /** A file for an inner file that is longer than `memberMemory`; `undefined`: there is no room. */
  spool(): SpoolFile | undefined;
}

/** A file without a name: gone with its descriptor. */
export interface SpoolFile {
  /** False: the disk is full. */
  write(bytes: Uint8Array): boolean;
  source(): Source;
  close(): void;
}

export interface InnerFile {
  /** The outermost container first. */
  readonly path: string;
  readonly type: FileType;
  /** Valid until the visitor returns. */
  readonly source: Source;
  readonly depth: number;
}

export interface UnpackVisitor {
  /** False ends everything. */
  file(file: InnerFile): MaybePromise<boolean>;
  trouble(path: string, trouble: Trouble): void;
  trait(path: string, trait: Trait): void;
}
