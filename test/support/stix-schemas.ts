import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { dataPath, missingData } from './test-data.ts';

const SCHEMAS = '05-intel/oasis/json-schemas';

/** The reason to skip by when the schemas are not there. */
export const missingSchemas = missingData(SCHEMAS);

/** Checks objects against the JSON schemas of OASIS, by their type; `bundle` is one. */
export function stixChecker(): (object: { readonly type: string }) => void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, unicodeRegExp: false });
  const ids = new Map<string, string>();
  for (const folder of ['common', 'observables', 'sdos', 'sros']) {
    for (const file of readdirSync(dataPath(join(SCHEMAS, folder)))) {
      // Every schema of OASIS has an id.
      const schema = JSON.parse(readFileSync(dataPath(join(SCHEMAS, folder, file)), 'utf8')) as {
        $id: string;
      };
      ajv.addSchema(schema);
      ids.set(file.replace('.json', ''), schema.$id);
    }
  }
  return (object) => {
    const validate = ajv.getSchema(ids.get(object.type) ?? '');
    assert.ok(validate !== undefined, `there is no schema for ${object.type}`);
    assert.ok(validate(object), `${JSON.stringify(object)}: ${ajv.errorsText(validate.errors)}`);
  };
}
