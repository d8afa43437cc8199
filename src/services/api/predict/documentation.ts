import { type RouteConfig, z } from '@hono/zod-openapi';
import { problems } from '../documentation.ts';
import { PREDICT_KINDS } from './predict.ts';

const scoreSchema = z
  .object({
    score: z.number().min(0).max(100),
    probability: z.number().min(0).max(1),
    verdict: z.enum(['clean', 'suspicious', 'malicious']),
    reasons: z.array(
      z.object({
        feature: z.string(),
        text: z.string(),
        weight: z.number().describe('Added to the log odds: above nought it speaks against the thing'),
      }),
    ),
  })
  .openapi('Prediction');

export const predictDocumentation: RouteConfig = {
  method: 'post',
  path: '/api/v1/predict',
  summary: 'What the models of the gateway say of PE features, URLs or domains',
  description:
    'Anonymous, unless reputation.requireToken is set; then scope reputation or read. Features of PE files are objects with the column names of ClaMP, Kaggle and Brazilian malware tables (SizeOfCode, DllCharacteristics, filesize, E_file, SectionNames …), as numbers or texts; what is missing is no evidence. At most prediction.bulkItemsMax items.',
  request: {
    body: {
      content: {
        'application/json': {
          schema: z.object({
            kind: z.enum(PREDICT_KINDS),
            items: z.array(z.union([z.string(), z.looseObject({})])),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'One answer for each item, in the order of the question',
      content: {
        'application/json': {
          schema: z
            .object({
              kind: z.enum(PREDICT_KINDS),
              model: z.object({ version: z.string() }),
              items: z.array(z.union([scoreSchema, z.object({ error: z.string() })])),
            })
            .openapi('Predictions'),
        },
      },
    },
    ...problems(400, 401, 403, 413, 503),
  },
};
