import type { Criterion } from '../criterion.ts';
import { authenticated } from './authenticated.ts';
import { category } from './category.ts';
import { door } from './door.ts';
import { fileName } from './file-name.ts';
import { fileType } from './file-type.ts';
import { fileVerdict } from './file-verdict.ts';
import { finding } from './finding.ts';
import { group } from './group.ts';
import { host } from './host.ts';
import { incomplete } from './incomplete.ts';
import { indicator } from './indicator.ts';
import { mediaType } from './media-type.ts';
import { method } from './method.ts';
import { phase } from './phase.ts';
import { port } from './port.ts';
import { prediction } from './prediction.ts';
import { requestField } from './request-field.ts';
import { responseField } from './response-field.ts';
import { schedule } from './schedule.ts';
import { scheme } from './scheme.ts';
import { score } from './score.ts';
import { seen } from './seen.ts';
import { size } from './size.ts';
import { source } from './source.ts';
import { status } from './status.ts';
import { url } from './url.ts';
import { user } from './user.ts';
import { verdict } from './verdict.ts';

/** Everything that a rule can ask for, in the order of the reference. Adding one is a file and a line here. */
export const CRITERIA: readonly Criterion[] = [
  source,
  user,
  group,
  authenticated,
  door,
  schedule,
  phase,
  host,
  url,
  scheme,
  port,
  method,
  category,
  indicator,
  score,
  verdict,
  requestField,
  responseField,
  status,
  mediaType,
  size,
  fileName,
  fileType,
  fileVerdict,
  finding,
  prediction,
  seen,
  incomplete,
];

export const CRITERION: ReadonlyMap<string, Criterion> = new Map(CRITERIA.map((each) => [each.name, each]));
