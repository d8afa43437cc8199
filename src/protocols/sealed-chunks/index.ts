export { CHUNK_BYTES, ChunkSealer, openChunk, TAG_BYTES } from './sealed-chunks.ts';
