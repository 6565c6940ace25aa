/** A JSON Schema as far as the documentation reads it. */
export interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
}

/** A line of the description of a body: a field, by its path. */
export interface FieldLine {
  path: string;
  type: string;
  required: boolean;
  note: string;
}

const DEPTH_LIMIT = 6;

/** The fields of a schema, outer before inner; `items[].id` is the id of each item. */
export function fieldLines(schema: JsonSchema, path = '', depth = 0): FieldLine[] {
  if (depth > DEPTH_LIMIT) return [];
  const inner = nonNull(schema);
  if (inner.items) return fieldLines(inner.items, `${path}[]`, depth + 1);
  const lines: FieldLine[] = [];
  for (const [name, property] of Object.entries(inner.properties ?? {})) {
    const full = path === '' ? name : `${path}.${name}`;
    lines.push({
      path: full,
      type: typeName(property),
      required: inner.required?.includes(name) ?? false,
      note: noteOf(property),
    });
    lines.push(...fieldLines(property, full, depth + 1));
  }
  if (typeof inner.additionalProperties === 'object' && Object.keys(inner.additionalProperties).length > 0) {
    const full = path === '' ? '[name]' : `${path}.[name]`;
    lines.push({
      path: full,
      type: typeName(inner.additionalProperties),
      required: false,
      note: noteOf(inner.additionalProperties),
    });
    lines.push(...fieldLines(inner.additionalProperties, full, depth + 1));
  }
  return lines;
}

/** A schema's type in a few words: `string | null`, `object[]`, `"a" | "b"`. */
export function typeName(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1)!;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(typeName))].join(' | ');
  if (schema.items) {
    const item = typeName(schema.items);
    return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
  }
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  return schema.type ?? 'any';
}

/** What else is known of a value: its description, its bounds, its default. */
export function noteOf(schema: JsonSchema): string {
  const inner = nonNull(schema);
  const { minimum, maximum, minLength, maxLength } = inner;
  const from = minimum ?? minLength;
  // zod writes the largest exact whole number where there is no bound.
  const to = [maximum ?? maxLength].find((bound) => bound !== Number.MAX_SAFE_INTEGER);
  const unit = minLength !== undefined || maxLength !== undefined ? ' characters' : '';
  const bounds = [
    from !== undefined && from !== Number.MIN_SAFE_INTEGER ? `at least ${from}` : '',
    to !== undefined ? `at most ${to}` : '',
  ].filter((text) => text !== '');
  return [
    schema.description ?? inner.description ?? '',
    bounds.length > 0 ? `${bounds.join(', ')}${unit}.` : '',
    schema.default !== undefined ? `Default ${JSON.stringify(schema.default)}.` : '',
  ]
    .filter((text) => text !== '')
    .join(' ')
    .replace(/^./, (first) => first.toUpperCase());
}

/** A small value that fits the schema, for examples. */
export function exampleOf(schema: JsonSchema, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const inner = nonNull(schema);
  if (inner !== schema) return exampleOf(inner, depth);
  if (depth > DEPTH_LIMIT) return null;
  if (schema.items) return [exampleOf(schema.items, depth + 1)];
  if (schema.type === 'object' || schema.properties) {
    const required = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(required.map(([name, property]) => [name, exampleOf(property, depth + 1)]));
  }
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'string') return schema.format === 'email' ? 'ada@example.com' : 'text';
  return {};
}

/** The schema itself, or of several the first that is not null. */
function nonNull(schema: JsonSchema): JsonSchema {
  const either = schema.anyOf ?? schema.oneOf;
  return either?.find((one) => one.type !== 'null') ?? schema;
}
