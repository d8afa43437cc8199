import type { CsvMapping } from './csv.ts';
import type { EntryDefaults } from './entry.ts';
import type { ListFormat } from './formats.ts';

export interface ListOptions {
  readonly format: ListFormat;
  readonly defaults: EntryDefaults;
  /** For `csv` and `hashlookup-csv`. */
  readonly mapping?: CsvMapping;
  /** The beginning of the list, to tell the two forms of `maltrail` apart and to refuse what is no such list. */
  readonly start?: string;
  /** Where the list comes from: `ut1` has its category from the folder, and the form from the name. */
  readonly path?: string;
  readonly lineBytesMax: number;
  /** Largest document of the formats that are read as a whole. */
  readonly documentBytesMax: number;
}
