import type { WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import { type MaybePromise, parseAddress } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import { hashIn, hashTypeOf } from '../hashlookup/index.ts';
import { type LookUp, mayAskOthers } from '../look-up.ts';
import { hostIn } from '../lookup.ts';
import { baseOf, decoded, notFound, objectAnswer, shown, answerTo } from './answers.ts';
import { type AttributeOptions, attributesOf, fileAttributes, type VtType } from './attributes.ts';
import { vtError } from './errors.ts';
import type { VtFiles } from './files.ts';

/** Files, domains and addresses, each by its name in the path. */
export interface VtObjects {
  file(id: string, request: WebRequest): MaybePromise<WebAnswer>;
  domain(id: string, request: WebRequest): MaybePromise<WebAnswer>;
  address(id: string, request: WebRequest): MaybePromise<WebAnswer>;
}

/** What attributes are made from, for a type of objects. */
export function attributeOptions(
  { reader, clock }: Pick<ApiEngines, 'reader' | 'clock'>,
  { texts }: LookUp,
): (type: VtType) => AttributeOptions {
  const describe: AttributeOptions['describe'] = (match) => {
    const text = texts.of(match);
    return text === 'busy' ? undefined : text;
  };
  return (type) => ({ type, feeds: reader.feeds, nowMs: clock.now(), describe });
}

export function createObjects(engines: ApiEngines, lookUp: LookUp, files: VtFiles): VtObjects {
  const optionsOf = attributeOptions(engines, lookUp);
  return {
    file(id, request) {
      const type = hashTypeOf(id.length);
      const hash = type === undefined ? undefined : hashIn(id, type);
      if (hash === undefined) return notFound('File', id);
      const self = `${baseOf(request)}/files/${hash}`;
      return answerTo(lookUp.file(hash, mayAskOthers(request)), (verdict) => {
        if (verdict.matches.length === 0) {
          if (type?.name !== 'sha256') return notFound('File', id);
          return files
            .attributes(hash)
            .then((scanned) =>
              scanned === undefined ? notFound('File', id) : objectAnswer('file', hash, self, scanned),
            );
        }
        const options = optionsOf('file');
        const attributes = attributesOf(verdict, options);
        return objectAnswer('file', hash, self, {
          ...attributes,
          ...fileAttributes(hash, verdict, options.describe),
        });
      });
    },

    domain(id, request) {
      const host = hostIn(decoded(id));
      if (host === undefined || parseAddress(host) !== undefined) {
        return vtError('InvalidArgumentError', `"${shown(id)}" is not a valid domain pattern`);
      }
      const self = `${baseOf(request)}/domains/${host}`;
      return answerTo(lookUp.host(host, mayAskOthers(request)), (verdict) =>
        verdict.matches.length === 0
          ? notFound('Domain', id)
          : objectAnswer('domain', host, self, attributesOf(verdict, optionsOf('domain'))),
      );
    },

    // VirusTotal has an object for every address, also where nobody has anything to say of it.
    address(id, request) {
      const address = decoded(id);
      if (parseAddress(address) === undefined) {
        return vtError('InvalidArgumentError', `"${shown(id)}" is not a valid IP address`);
      }
      const self = `${baseOf(request)}/ip_addresses/${id}`;
      return answerTo(lookUp.address(address, mayAskOthers(request)), (verdict) =>
        objectAnswer('ip_address', address, self, attributesOf(verdict, optionsOf('ip_address'))),
      );
    },
  };
}
