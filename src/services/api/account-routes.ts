import { z } from '@hono/zod-openapi';
import { runCommand } from './control.ts';
import { entityOf } from './entity.ts';
import { listing, type ManagementRoute } from './route.ts';
import { createdTokenSchema, nameParameter, tokenBody } from './schemas.ts';

const role = z.enum(['admin', 'operator', 'user']);
const password = z.string().min(1).max(1024).describe('At least 12 characters');

const userSchema = z
  .looseObject({
    name: z.string(),
    role,
    createdAt: z.string().nullable(),
    passwordAt: z.string().nullable().describe('null: nobody can sign in with a password'),
  })
  .openapi('User');

const tokenSchema = z
  .looseObject({
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.string().nullable(),
    createdBy: z.string(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
  })
  .openapi('Token');

const addBody = z
  .strictObject({
    name: z.string().min(1).max(64),
    role: role.optional().describe('Default: user'),
    password,
  })
  .openapi('NewUser');
const editBody = z.strictObject({ role }).openapi('UserChange');
const passwordBody = z.strictObject({ password }).openapi('NewPassword');

const changedSchema = z.looseObject({ changed: z.string() }).openapi('Changed');
const nameOf = (params: unknown): string => nameParameter.parse(params).name;
const userEntity = (params: unknown) => entityOf('user show', { user: nameOf(params) });
const tokenEntity = (params: unknown) => entityOf('token show', { name: nameOf(params) }, ['lastUsedAt']);

/** Accounts of people and tokens of programs. */
export const ACCOUNT_ROUTES: readonly ManagementRoute[] = [
  listing('/api/v1/users', 'The accounts', 'user list', z.array(userSchema)),
  {
    method: 'post',
    path: '/api/v1/users',
    scopes: ['admin'],
    summary: 'Add an account',
    body: addBody,
    success: { status: 201, schema: z.looseObject({ added: z.string(), role }) },
    run({ link }, { user, body }) {
      const { name, ...options } = addBody.parse(body);
      const given = { password: options.password, role: options.role ?? 'user' };
      return runCommand(link, 'user add', { words: { user: name }, options: given }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/users/{name}',
    scopes: ['read'],
    summary: 'One account',
    params: nameParameter,
    success: { status: 200, schema: userSchema },
    entity: userEntity,
    run: ({ link }, { user, params }) =>
      runCommand(link, 'user show', { words: { user: nameOf(params) } }, user),
  },
  {
    method: 'patch',
    path: '/api/v1/users/{name}',
    scopes: ['admin'],
    summary: 'Set the role of an account; sessions that it has end',
    params: nameParameter,
    body: editBody,
    success: { status: 200, schema: changedSchema },
    entity: userEntity,
    run: ({ link }, { user, params, body }) =>
      runCommand(
        link,
        'user role',
        { words: { user: nameOf(params), role: editBody.parse(body).role } },
        user,
      ),
  },
  {
    method: 'delete',
    path: '/api/v1/users/{name}',
    scopes: ['admin'],
    summary: 'Remove an account, and end its sessions',
    params: nameParameter,
    success: { status: 204 },
    entity: userEntity,
    run: ({ link }, { user, params }) =>
      runCommand(link, 'user remove', { words: { user: nameOf(params) } }, user),
  },
  {
    method: 'put',
    path: '/api/v1/users/{name}/password',
    scopes: ['admin'],
    summary: 'Set a password; all sessions of that account end but the one that asks',
    params: nameParameter,
    body: passwordBody,
    success: { status: 200, schema: changedSchema },
    entity: userEntity,
    run: ({ link }, { user, params, body }) =>
      runCommand(
        link,
        'user passwd',
        {
          words: { user: nameOf(params).toLowerCase() },
          options: { password: passwordBody.parse(body).password },
        },
        user,
      ),
  },
  listing('/api/v1/tokens', 'The tokens, without their secrets', 'token list', z.array(tokenSchema)),
  {
    method: 'post',
    path: '/api/v1/tokens',
    scopes: ['admin'],
    summary: 'Make a token',
    body: tokenBody,
    success: { status: 201, schema: createdTokenSchema },
    run({ link }, { user, body }) {
      const { name, scopes, expires } = tokenBody.parse(body);
      const options = { name, scope: scopes, ...(expires === undefined ? {} : { expires }) };
      return runCommand(link, 'token create', { options }, user);
    },
  },
  {
    method: 'get',
    path: '/api/v1/tokens/{name}',
    scopes: ['read'],
    summary: 'One token, without its secret',
    params: nameParameter,
    success: { status: 200, schema: tokenSchema },
    entity: tokenEntity,
    run: ({ link }, { user, params }) =>
      runCommand(link, 'token show', { words: { name: nameOf(params) } }, user),
  },
  {
    method: 'delete',
    path: '/api/v1/tokens/{name}',
    scopes: ['admin'],
    summary: 'Revoke a token; it is refused everywhere when this answers',
    params: nameParameter,
    success: { status: 204 },
    entity: tokenEntity,
    run: ({ link }, { user, params }) =>
      runCommand(link, 'token revoke', { words: { name: nameOf(params) } }, user),
  },
];
