/** The OpenAPI 3.1 document, made from the route table: it cannot say what the routes do not do. */
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { z } from 'zod'
import { catalogue } from './errors.ts'
import { type Route, route } from './routing.ts'

const problem = z
  .looseObject({
    type: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(catalogue)),
    title: z.string(),
    detail: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

const operationOf = (entry: Route): ZodOpenApiOperationObject => {
  const names = [...entry.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])))
  const keyed = { 'Idempotency-Key': z.string().min(1).max(255) }
  const answers = Object.entries(entry.answers).map(([status, schema]) => [
    status,
    {
      description: entry.summary,
      ...(schema === null ? {} : { content: { [mediaOf(entry)]: { schema } } }),
    },
  ])
  return {
    summary: entry.summary,
    operationId: operationIdOf(entry),
    ...(entry.access === 'public' ? {} : { security: [{ bearer: [] }] }),
    requestParams: {
      ...(names.length === 0 ? {} : { path }),
      ...(entry.query === undefined ? {} : { query: entry.query as z.ZodObject }),
      ...(entry.key === undefined ? {} : { header: z.object(keyed) }),
    },
    ...(entry.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: entry.body } } } }),
    responses: {
      ...Object.fromEntries(answers),
      default: {
        description: 'A refusal, with a stable code',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  }
}

const mediaOf = ({ produces }: Route): string => produces?.split(';')[0] ?? 'application/json'

/** `post /v1/debts/:id/accept` → `postDebtsIdAccept`. */
const operationIdOf = ({ method, path }: Route): string =>
  method +
  path
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '' && part !== 'v1')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

/** Serves the document of `routes`. */
export const openApiRoute = (routes: Route[]): Route => {
  const document = openApiOf(routes)
  return route({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    access: 'public',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    handle: async () => ({ status: 200, body: document }),
  })
}

const openApiOf = (routes: Route[]) => {
  const paths: ZodOpenApiPathsObject = {}
  for (const entry of routes) {
    const path = entry.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [entry.method]: operationOf(entry) }
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Quits',
      version: 'v1',
      description: 'Who owes whom, and why. Money is integer minor units, as strings of digits.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  })
}
