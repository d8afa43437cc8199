import {
  DEPTH_MAX,
  type Draft,
  emptyOf,
  type Field,
  type FieldKind,
  type MessageLimits,
  type MessageType,
  type Reading,
} from './message.ts';
import { ProtoReader, type WireType } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';

/** Reads a message. Bytes are views of the input; fields that the type does not know are skipped. */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array, limits: MessageLimits): Reading<T> {
  const reader = new ProtoReader(bytes);
  const budget = { items: limits.itemsMax };
  const value = readMessage(type, reader, budget, 0);
  if (reader.failure !== undefined) return { ok: false, reason: reader.failure };
  // `readMessage` fills every field of `type`.
  return { ok: true, value: value as T };
}

export function encodeMessage<T>(type: MessageType<T>, value: Draft<T>): Uint8Array {
  const writer = new ProtoWriter();
  writeMessage(type, value as Readonly<Record<string, unknown>>, writer);
  return writer.finish();
}

interface Budget {
  items: number;
}

function readMessage(
  type: MessageType<unknown>,
  reader: ProtoReader,
  budget: Budget,
  depth: number,
): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = {};
  for (const field of type.fields) value[field.name] = emptyOf(field);
  while (reader.nextTag()) {
    const field = type.byNumber.get(reader.number);
    const packed = field?.repeated === true && reader.type === 2 && WIRE_TYPE[field.kind] !== 2;
    if (field === undefined || (!packed && reader.type !== WIRE_TYPE[field.kind])) reader.skip();
    else if (packed) readPacked(field, reader, budget, value[field.name] as unknown[]);
    else if (field.repeated) {
      if (--budget.items < 0) reader.fail('more elements than are taken');
      else (value[field.name] as unknown[]).push(readValue(field, reader, budget, depth));
    } else value[field.name] = readValue(field, reader, budget, depth);
  }
  return value;
}

/** Numbers of a repeated field in one piece, without tags. */
function readPacked(field: Field<unknown>, reader: ProtoReader, budget: Budget, into: unknown[]): void {
  const inner = new ProtoReader(reader.bytes());
  while (!inner.over) {
    if (--budget.items < 0) return reader.fail('more elements than are taken');
    into.push(readValue(field, inner, budget, 0));
  }
  if (inner.failure !== undefined) reader.fail(inner.failure);
}

function readValue(field: Field<unknown>, reader: ProtoReader, budget: Budget, depth: number): unknown {
  switch (field.kind) {
    case 'int32':
    case 'enum':
      return Number(BigInt.asIntN(32, reader.varint()));
    case 'uint32':
      return Number(BigInt.asUintN(32, reader.varint()));
    case 'int64':
      return BigInt.asIntN(64, reader.varint());
    case 'uint64':
      return reader.varint();
    case 'fixed64':
      return reader.fixed64();
    case 'bool':
      return reader.varint() !== 0n;
    case 'string':
      return Buffer.from(reader.bytes()).toString('utf8');
    case 'bytes':
      return reader.bytes();
    case 'duration':
      return readDuration(nested(reader, depth));
    case 'message': {
      const inner = nested(reader, depth);
      const value = readMessage(field.message!, inner, budget, depth + 1);
      if (inner.failure !== undefined) reader.fail(inner.failure);
      return value;
    }
  }
}

function nested(reader: ProtoReader, depth: number): ProtoReader {
  if (depth >= DEPTH_MAX) reader.fail('nested too deep');
  return new ProtoReader(reader.bytes());
}

/** google.protobuf.Duration: seconds = 1, nanos = 2. */
function readDuration(reader: ProtoReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.nextTag()) {
    if (reader.type !== 0 || reader.number > 2) reader.skip();
    else if (reader.number === 1) seconds = Number(BigInt.asIntN(64, reader.varint()));
    else nanos = Number(BigInt.asIntN(32, reader.varint()));
  }
  return seconds * 1000 + Math.round(nanos / 1e6);
}

const WIRE_TYPE: Readonly<Record<FieldKind, WireType>> = {
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  bool: 0,
  enum: 0,
  fixed64: 1,
  string: 2,
  bytes: 2,
  duration: 2,
  message: 2,
};

function writeMessage(
  type: MessageType<unknown>,
  value: Readonly<Record<string, unknown>>,
  writer: ProtoWriter,
): void {
  for (const field of type.fields) {
    const given = value[field.name];
    if (!field.repeated) writeField(field, given, writer, field.always);
    else if (given !== undefined) writeRepeated(field, given as readonly unknown[], writer);
  }
}

/** Numbers are packed into one field, as proto3 does; readers of proto2 take that, too. */
function writeRepeated(field: Field<unknown>, values: readonly unknown[], writer: ProtoWriter): void {
  if (WIRE_TYPE[field.kind] === 2) {
    for (const each of values) writeField(field, each, writer, true);
  } else if (values.length > 0) {
    const inner = new ProtoWriter();
    for (const each of values) writeNumber(field.kind, each, inner);
    writer.tag(field.number, 2);
    writer.bytes(inner.finish());
  }
}

function writeField(field: Field<unknown>, value: unknown, writer: ProtoWriter, evenEmpty: boolean): void {
  if (value === undefined && (!evenEmpty || field.kind === 'message' || field.kind === 'duration')) return;
  const given = value ?? emptyOf(field);
  if (!evenEmpty && isEmpty(given)) return;
  const wireType = WIRE_TYPE[field.kind];
  writer.tag(field.number, wireType);
  if (wireType !== 2) writeNumber(field.kind, given, writer);
  else writer.bytes(bytesOf(field, given));
}

function isEmpty(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === 0 || value === 0n || value === false || value === '';
}

function writeNumber(kind: FieldKind, value: unknown, writer: ProtoWriter): void {
  // The kind of the field says which type the value has.
  const number = typeof value === 'bigint' ? value : BigInt(value as number | boolean);
  if (kind === 'fixed64') writer.fixed64(number);
  else writer.varint(number);
}

function bytesOf(field: Field<unknown>, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  const writer = new ProtoWriter();
  if (field.kind === 'duration') writeDuration(value as number, writer);
  else writeMessage(field.message!, value as Readonly<Record<string, unknown>>, writer);
  return writer.finish();
}

function writeDuration(ms: number, writer: ProtoWriter): void {
  const seconds = Math.trunc(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  if (seconds !== 0) {
    writer.tag(1, 0);
    writer.varint(BigInt(seconds));
  }
  if (nanos === 0) return;
  writer.tag(2, 0);
  writer.varint(BigInt(nanos));
}
