import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { descriptionOf, headersOf, statusesOf } from './conditions.ts';
import { problems, QUICK_DOCUMENTATION, SECURITY, SECURITY_SCHEMES } from './documentation.ts';
import { EXPORT_DOCUMENTATION } from './documentation-exports.ts';
import { FILE_DOCUMENTATION } from './documentation-files.ts';
import { REPUTATION_DOCUMENTATION } from './documentation-reputation.ts';
import { predictDocumentation } from './predict/documentation.ts';
import { MANAGEMENT_ROUTES } from './management-routes.ts';
import type { ManagementRoute } from './route.ts';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The whole API as OpenAPI 3.1, from the schemas that requests are checked with. */
export function openApiDocument(version: string): OpenApiDocument {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  for (const route of MANAGEMENT_ROUTES) registry.registerPath(createRoute(routeConfig(route)));
  const documented = [
    ...QUICK_DOCUMENTATION,
    ...REPUTATION_DOCUMENTATION,
    ...EXPORT_DOCUMENTATION,
    ...FILE_DOCUMENTATION,
    predictDocumentation,
  ];
  for (const route of documented) registry.registerPath(route);
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    registry.registerComponent('securitySchemes', name, scheme);
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sallyport API',
      version,
      description: 'Queries and management of the service gateway. Errors are RFC 9457 problem documents.',
    },
  });
}

/** What the framework checks and documents of one route. */
export function routeConfig(route: ManagementRoute): RouteConfig {
  const { method, path, summary, scopes, query, params, body, success } = route;
  return {
    method,
    path,
    summary,
    ...(scopes === 'anyone' ? {} : { security: SECURITY }),
    description: descriptionOf(route),
    request: {
      ...(query === undefined ? {} : { query }),
      ...(params === undefined ? {} : { params }),
      ...headersOf(route),
      ...(body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      [success.status]: {
        description: 'Done',
        ...(success.schema === undefined
          ? {}
          : { content: { [route.stream ?? 'application/json']: { schema: success.schema } } }),
      },
      ...problems(...statusesOf(route)),
    },
  };
}
