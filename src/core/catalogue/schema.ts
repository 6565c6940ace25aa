import { isIP } from 'node:net';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { refuse } from '../../kernel/refusal.ts';
import type { Violation } from './rules.ts';

const SCHEMA_BYTES = 64 * 1024;
const DEPTH_LIMIT = 12;
const ENUM_LIMIT = 1000;
const PATTERN_LIMIT = 500;
/** Violations told of one event; more of the same kind teach nothing. */
const VIOLATIONS_TOLD = 20;

export type Schema = Record<string, unknown>;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const INNER = new Set(['items', 'additionalProperties', 'propertyNames', 'contains', 'not', 'if', 'then', 'else']);
const LISTS = new Set(['prefixItems', 'anyOf', 'oneOf', 'allOf']);
const BY_NAME = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const PLAIN = new Set([
  ...['type', 'required', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['dependentRequired', 'minContains', 'maxContains'],
  ...['$schema', '$comment', 'title', 'description', 'default', 'examples', 'deprecated'],
]);

/** Formats that are checked; each takes time that grows with the text's length at most. */
export const FORMATS: Record<string, (text: string) => boolean> = {
  'date-time': (text) => /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i.test(text),
  email: (text) => text.length <= 320 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text),
  uri: (text) => /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  ipv4: (text) => isIP(text) === 4,
  ipv6: (text) => isIP(text) === 6,
};

/** Patterns run in RE2's algorithm: in time that grows with the text only, whatever the pattern. */
const regExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text: string) => compiled.matcher(text).find() };
  },
  { code: 'new RegExp' },
);

const newAjv = (checking: boolean) =>
  new Ajv2020({
    allErrors: true,
    strict: false,
    meta: checking,
    validateSchema: checking,
    addUsedSchema: false,
    code: { regExp },
    formats: FORMATS,
  });
let checker: Ajv2020 | undefined;

/**
 * A JSON Schema (draft 2020-12) for the properties of an event, safe to run on whatever arrives: no references, known
 * keywords and formats only, patterns that RE2 takes. Refuses with 400 and the place of what is wrong.
 */
export function checkSchema(value: unknown): Schema {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse.invalid('A schema is a JSON object.');
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > SCHEMA_BYTES)
    throw refuse.invalid(`The schema has ${bytes} bytes; at most ${SCHEMA_BYTES} are allowed. Plan fewer properties.`);
  const schema = value as Schema;
  walk(schema, '', 0);
  if ((schema.type ?? 'object') !== 'object')
    throw refuse.invalid('type: an event’s properties are an object, so "type" must be "object".');
  checker ??= newAjv(true);
  if (!checker.validateSchema(schema)) {
    const [error] = checker.errors ?? [];
    throw refuse.invalid(`${error?.instancePath || 'The schema'} ${error?.message ?? 'is not a JSON Schema'}.`);
  }
  try {
    newAjv(false).compile(schema);
  } catch (error) {
    throw refuse.invalid(`The schema cannot be used: ${(error as Error).message}`);
  }
  return schema;
}

function walk(schema: unknown, at: string, depth: number): void {
  if (typeof schema === 'boolean') return;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw refuse.invalid(`${at || 'The schema'} must be an object.`);
  if (depth > DEPTH_LIMIT) throw refuse.invalid(`${at} is nested deeper than ${DEPTH_LIMIT} levels.`);
  for (const [keyword, value] of Object.entries(schema)) {
    const place = `${at}/${keyword}`;
    if (INNER.has(keyword)) walk(value, place, depth + 1);
    else if (LISTS.has(keyword)) {
      if (!Array.isArray(value)) throw refuse.invalid(`${place} must be a list.`);
      value.forEach((inner, i) => {
        walk(inner, `${place}/${i}`, depth + 1);
      });
    } else if (BY_NAME.has(keyword)) {
      if (typeof value !== 'object' || value === null) throw refuse.invalid(`${place} must be an object.`);
      for (const [name, inner] of Object.entries(value)) {
        if (keyword === 'patternProperties') checkPattern(name, place);
        walk(inner, `${place}/${name}`, depth + 1);
      }
    } else if (!PLAIN.has(keyword)) {
      throw refuse.invalid(
        `${place}: the keyword "${keyword}" cannot be used here${keyword.includes('ef') ? '; write what it refers to in its place' : ''}.`,
      );
    } else checkPlain(keyword, value, place);
  }
}

function checkPlain(keyword: string, value: unknown, place: string): void {
  if (keyword === 'pattern') checkPattern(value, place);
  if (keyword === 'format' && !(typeof value === 'string' && Object.hasOwn(FORMATS, value)))
    throw refuse.invalid(`${place}: the formats are ${Object.keys(FORMATS).join(', ')}.`);
  if (keyword === 'enum' && Array.isArray(value) && value.length > ENUM_LIMIT)
    throw refuse.invalid(`${place}: at most ${ENUM_LIMIT} values can be listed.`);
}

function checkPattern(pattern: unknown, place: string): void {
  if (typeof pattern !== 'string' || pattern.length > PATTERN_LIMIT)
    throw refuse.invalid(`${place}: a pattern is a text of at most ${PATTERN_LIMIT} characters.`);
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    throw refuse.invalid(
      `${place}: the pattern cannot be used: ${(error as Error).message}. Look-around and back-references are not taken.`,
    );
  }
}

/** Compiles a schema that `checkSchema` passed. The result tells what is wrong with the properties of an event. */
export function compileSchema(schema: Schema): (properties: Record<string, unknown>) => Violation[] {
  const validate: ValidateFunction = newAjv(false).compile(schema);
  const planned = schema.patternProperties ? null : new Set(Object.keys((schema.properties as object) ?? {}));
  return (properties) => {
    const found = violationsIn(validate, properties);
    let all = found;
    if (planned) {
      for (const name in properties) {
        if (planned.has(name) || all.length >= VIOLATIONS_TOLD) continue;
        if (all === NONE) all = [];
        if (all.some((one) => one.rule === 'unplanned_property' && one.property === name)) continue;
        all.push({ rule: 'unplanned_property', property: name.slice(0, 200), message: 'is not in the plan' });
      }
    }
    return all;
  };
}

const NONE: Violation[] = [];

/** Where an object names its fields `valueOf` or `toString`, comparing it with a listed one throws: then it is none of them. */
function violationsIn(validate: ValidateFunction, properties: Record<string, unknown>): Violation[] {
  try {
    return validate(properties) ? NONE : violationsOf(validate.errors ?? []);
  } catch (error) {
    return [{ rule: 'wrong_value', property: '', message: `cannot be compared: ${(error as Error).message}` }];
  }
}

function violationsOf(errors: readonly ErrorObject[]): Violation[] {
  const found: Violation[] = [];
  const known = new Set<string>();
  for (const error of errors) {
    if (found.length >= VIOLATIONS_TOLD) break;
    const violation = violationOf(error);
    const key = `${violation.rule}\0${violation.property}`;
    if (known.has(key)) continue;
    known.add(key);
    found.push(violation);
  }
  return found;
}

function violationOf({ keyword, params, instancePath, message }: ErrorObject): Violation {
  const path = pathOf(instancePath);
  const below = (name: string) => (path === '' ? name : `${path}.${name}`).slice(0, 200);
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return { rule: 'missing_property', property: below(params.missingProperty), message: 'is missing' };
    case 'additionalProperties':
      return { rule: 'unplanned_property', property: below(params.additionalProperty), message: 'is not in the plan' };
    case 'type':
      return { rule: 'wrong_value', property: path, message: `must be ${[params.type].flat().join(' or ')}` };
    case 'enum':
    case 'const':
      return { rule: 'wrong_value', property: path, message: 'must be one of the planned values' };
    default:
      return { rule: 'wrong_value', property: path, message: message ?? 'is not as planned' };
  }
}

/** `/products/3/price` as `products[].price`. */
function pathOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  let path = '';
  for (const part of parts) {
    if (/^\d+$/.test(part)) path += '[]';
    else path += `${path === '' ? '' : '.'}${part.replaceAll('~1', '/').replaceAll('~0', '~')}`;
  }
  return path.slice(0, 200);
}
