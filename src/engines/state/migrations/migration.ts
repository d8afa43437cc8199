/** One step of the schema. Never edited after a release; the next one gets the next number. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}
