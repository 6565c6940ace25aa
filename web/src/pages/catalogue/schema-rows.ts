import type { Schema } from './calls.ts';

export const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object', ''];

/** A planned property as a line of the table; what else its schema says is kept as it is. */
export interface SchemaRow {
  name: string;
  /** A type, several with commas between them, or empty for any. */
  type: string;
  required: boolean;
  /** Allowed values with commas between them; numbers and true or false are read as such. */
  allowed: string;
}

const propertiesOf = (schema: Schema) => (schema.properties ?? {}) as Record<string, Schema>;
const requiredOf = (schema: Schema) => (Array.isArray(schema.required) ? (schema.required as string[]) : []);

export function rowsOf(schema: Schema): SchemaRow[] {
  const required = requiredOf(schema);
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    type: [property.type ?? ''].flat().join(','),
    required: required.includes(name),
    allowed: Array.isArray(property.enum) ? property.enum.map(String).join(', ') : '',
  }));
}

export function withRow(schema: Schema, row: SchemaRow): Schema {
  const before = propertiesOf(schema)[row.name] ?? {};
  const { type: _type, enum: _enum, ...rest } = before;
  const types = row.type === '' ? [] : row.type.split(',');
  // While it is being typed, the comma at the end stays part of what is written.
  const unchanged = Array.isArray(before.enum) && before.enum.map(String).join(', ') === row.allowed;
  const values = row.allowed.split(',').map((value) => value.trimStart());
  const property: Schema = {
    ...rest,
    ...(types.length === 0 ? {} : { type: types.length === 1 ? types[0] : types }),
    ...(row.allowed === '' ? {} : { enum: unchanged ? before.enum : values.map((value) => typed(value, row.type)) }),
  };
  const required = requiredOf(schema).filter((name) => name !== row.name);
  return {
    ...schema,
    properties: { ...propertiesOf(schema), [row.name]: property },
    required: row.required ? [...required, row.name] : required,
  };
}

export function withoutRow(schema: Schema, name: string): Schema {
  const { [name]: _, ...properties } = propertiesOf(schema);
  return { ...schema, properties, required: requiredOf(schema).filter((one) => one !== name) };
}

function typed(value: string, type: string): unknown {
  if ((type === 'number' || type === 'integer') && value !== '' && !Number.isNaN(Number(value))) return Number(value);
  if (type === 'boolean') return value === 'true';
  return value;
}
