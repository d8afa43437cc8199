export { jsonAnswer, problemAnswer, type WebAnswer } from './answer.ts';
export {
  type Authentication,
  type Authenticator,
  type Authorizer,
  createAuthorizer,
  credentialsOf,
} from './authorize.ts';
export { entityTag, namesTag } from './entity-tag.ts';
export { answerOfFetch, fetchRequest } from './fetch-bridge.ts';
export { queryParameter, type WebRequest } from './request.ts';
export { requestIds } from './request-ids.ts';
export { findRoute, methodNotAllowed, routeKeyOf, type RouteTable, type WebHandler } from './routes.ts';
export { createWebServer, type SiteTimes, type WebServer, type WebSite } from './serve.ts';
export type { AnswerStream } from './stream.ts';
