export type * from './api.ts';
export {
  type AnswerOf,
  ApiProblem,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type EventOf,
  type InputOf,
  type OperationName,
  type StreamName,
} from './client.ts';
