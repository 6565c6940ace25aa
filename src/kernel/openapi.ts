import { z } from 'zod';
import type { App } from './app.ts';
import { CSV_ROWS_LIMIT, listItem } from './csv.ts';

/** The OpenAPI 3.1 description of every route, made from the routes themselves. */
export function openapi(apps: readonly App[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const app of apps) {
    for (const route of app.routes ?? []) {
      const schema = (value: z.ZodType | undefined, io: 'input' | 'output') =>
        value && z.toJSONSchema(value, { io, unrepresentable: 'any' });
      const parameters = [
        ...fields(schema(route.params, 'input'), 'path'),
        ...fields(schema(route.query, 'input'), 'query'),
        ...(route.method === 'GET' && listItem(route.reply) ? [csvParameter] : []),
      ];
      const described = schema(route.reply, 'input');
      paths[route.path] ??= {};
      paths[route.path]![route.method.toLowerCase()] = {
        tags: [app.name],
        summary: route.summary,
        'x-permission': route.permission,
        ...(route.permission === 'anyone' ? { security: [] } : {}),
        ...(parameters.length > 0 ? { parameters } : {}),
        ...(route.body
          ? {
              requestBody: { required: true, content: { 'application/json': { schema: schema(route.body, 'input') } } },
            }
          : {}),
        responses: {
          [route.status ?? 200]: {
            description: 'Done',
            ...(described ? { content: { 'application/json': { schema: described } } } : {}),
          },
          default: {
            description: 'A refusal',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
          },
        },
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Throughline', version, description: 'Every interaction of every customer on one timeline.' },
    security: [{ key: [] }, { session: [] }],
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'throughline.session_token' },
      },
      schemas: {
        Refusal: {
          type: 'object',
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { type: 'string' }, message: { type: 'string' }, details: {} },
            },
          },
        },
      },
    },
    paths,
  };
}

const csvParameter = {
  name: 'format',
  in: 'query',
  required: false,
  description: `With \`csv\`, all pages as one file, up to ${CSV_ROWS_LIMIT.toLocaleString('en')} rows.`,
  schema: { enum: ['csv'] },
};

function fields(schema: object | undefined, where: 'path' | 'query'): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}
