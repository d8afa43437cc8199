import { CHECKPOINT } from './checkpoint.ts';
import { CPL } from './cpl.ts';
import type { ExportFormat } from './entry.ts';
import { CSV, EDL, FORTINET, HOSTS, NDJSON, TXT } from './lines.ts';
import { MISP } from './misp.ts';
import { NFT } from './nft.ts';
import { RPZ } from './rpz.ts';
import { STIX } from './stix.ts';
import { SURICATA } from './suricata.ts';

/** Every format that a list goes out in. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  TXT,
  EDL,
  FORTINET,
  CPL,
  CHECKPOINT,
  RPZ,
  SURICATA,
  NFT,
  HOSTS,
  STIX,
  NDJSON,
  CSV,
  MISP,
];

export function exportFormat(name: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.name === name);
}
