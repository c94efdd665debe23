/** The API as OpenAPI 3.1, made from the schemas that check it. */
import { API_PREFIX, CSRF_HEADER, LIVE_PATH } from '@kubeshark/model';
import { ApiError, LiveMessage, LiveRequest } from '@kubeshark/model/schemas';
import { z } from 'zod';
import type { Operation } from './operations.ts';

type Json = Record<string, unknown>;

const CSRF_PARAMETER = {
  name: CSRF_HEADER,
  in: 'header',
  required: true,
  description: 'Any value',
  schema: { type: 'string' },
};

export function openApi(operations: readonly Operation[], version: string): Json {
  const schemas: Json = {};
  /** Schemas with an id are references, and their text goes to the components; others stand where they are used. */
  const schema = (type: z.ZodType, io: 'input' | 'output' = 'output'): Json => {
    const { $defs, $schema, ...own } = z.toJSONSchema(type, { io, target: 'draft-2020-12' }) as Json;
    void $schema;
    for (const [name, text] of Object.entries(($defs ?? {}) as Json)) schemas[name] = moved(text);
    return moved(own) as Json;
  };
  const json = (type: z.ZodType, io: 'input' | 'output' = 'output') => ({
    'application/json': { schema: schema(type, io) },
  });
  const error = (description: string) => ({
    description,
    content: json(z.object({ error: ApiError })),
  });
  const paths: Json = {};
  for (const { method = 'GET', path, summary, params, query, body, response } of operations) {
    const parameters: Json[] = [
      ...named(params).map(([name, type]) => ({ name, in: 'path', required: true, schema: schema(type) })),
      ...named(query).map(([name, type]) => ({
        name,
        in: 'query',
        required: !type.safeParse(undefined).success,
        description: type.meta()?.description,
        schema: schema(type, 'input'),
      })),
    ];
    if (method !== 'GET') parameters.push(CSRF_PARAMETER);
    const full = `${API_PREFIX}${path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[full] = {
      ...(paths[full] as Json | undefined),
      [method.toLowerCase()]: {
        summary,
        ...(parameters.length > 0 ? { parameters } : {}),
        ...(body ? { requestBody: { content: json(body, 'input') } } : {}),
        responses: {
          200: { description: summary, content: json(response) },
          400: error('The question cannot be answered as it is asked'),
          401: error('No token, or none that is known'),
          404: error('It is not there'),
          503: error('The store is starting again; try in a moment'),
        },
      },
    };
  }
  const text = (summary: string, more: Json = {}) => ({
    get: {
      summary,
      security: [],
      responses: {
        200: { description: summary, content: { 'text/plain': { schema: { type: 'string' } } } },
        ...more,
      },
    },
  });
  paths['/metrics'] = text('Counters and sizes, for Prometheus; nothing of the traffic');
  paths['/healthz'] = text('The hub runs');
  paths['/readyz'] = text(
    'The store answers, and in a cluster its pods are known; a second line says why nobody can be let in',
    {
      503: { description: 'It is starting' },
    },
  );
  paths[`${API_PREFIX}/openapi.json`] = {
    get: {
      summary: 'This description',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
        401: error('No token, or none that is known'),
      },
    },
  };
  paths[`${API_PREFIX}/session`] = {
    post: {
      summary: 'Exchanges a token for a cookie',
      security: [],
      parameters: [CSRF_PARAMETER],
      requestBody: { content: json(z.object({ token: z.string() })) },
      responses: {
        204: { description: 'The cookie is set' },
        401: error('The token is not known'),
        403: error('The header is missing, or another site asks'),
      },
    },
    delete: {
      summary: 'Takes the cookie away',
      security: [],
      parameters: [CSRF_PARAMETER],
      responses: { 204: { description: 'It is gone' } },
    },
  };
  paths[LIVE_PATH] = {
    get: {
      summary: 'WebSocket: lists that go on; text frames of JSON in both directions',
      description: 'The page sends `LiveRequest`, the hub sends `LiveMessage`.',
      responses: {
        101: { description: 'Switching to WebSocket' },
        401: error('No token, or none that is known'),
      },
    },
  };
  schemas['LiveRequest'] = schema(LiveRequest, 'input');
  schemas['LiveMessage'] = schema(LiveMessage);
  return {
    openapi: '3.1.0',
    info: { title: 'kubeshark hub', version },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'kubeshark-PORT' },
      },
    },
  };
}

function named(object: z.ZodObject | undefined): [string, z.ZodType][] {
  return Object.entries(object?.shape ?? {}) as [string, z.ZodType][];
}

/** References into the schema's own definitions become references to the components. */
function moved(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/')) as unknown;
}
