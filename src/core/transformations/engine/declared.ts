import { createHash } from 'node:crypto';
import { describe, parseMapping } from '../../intake/mapping/expression.ts';
import { pathOf, type Step } from '../content.ts';
import { HARD_MS } from '../limits.ts';

type Json = Record<string, unknown>;
/** Changes the event in place; true where it is to be left out. */
type Run = (event: Json) => Promise<boolean> | boolean;

/** Makes functions of steps. Throws a Refusal where an expression cannot be read; the step is named by its place. */
export function compileSteps(steps: readonly Step[]): Run[] {
  return steps.map(compile);
}

function compile(step: Step): Run {
  switch (step.do) {
    case 'rename': {
      const [from, to] = [pathOf(step.from), pathOf(step.to)];
      return (event) => {
        const value = take(event, from);
        if (value !== undefined) put(event, to, value);
        return false;
      };
    }
    case 'remove': {
      const path = pathOf(step.path);
      return (event) => {
        take(event, path);
        return false;
      };
    }
    case 'set':
      return setter(pathOf(step.path), step.by, step.text);
    case 'hash':
      return change(step.path, (value) =>
        createHash('sha256')
          .update(step.salt + textOf(value))
          .digest('hex'),
      );
    case 'mask':
      return change(step.path, (value) => mask(textOf(value), step.keep));
    case 'convert':
      return change(step.path, (value) => convert(value, step.to, step.path));
    case 'lowercase':
      return change(step.path, (value) => (typeof value === 'string' ? value.toLowerCase() : value));
    case 'drop': {
      const when = expression(step.when);
      return async (event) => truthy(await when(event));
    }
    case 'renameEvent': {
      const { from, to } = step;
      return (event) => {
        for (const field of ['event', 'name']) if (event[field] === from) event[field] = to;
        return false;
      };
    }
  }
}

function setter(path: string[], by: 'value' | 'template' | 'expression', text: string): Run {
  if (by === 'value') {
    return (event) => {
      put(event, path, jsonOrText(text));
      return false;
    };
  }
  if (by === 'template') {
    const parts = text.split(/\{\{\s*(.*?)\s*\}\}/).map((part, i) => (i % 2 === 0 ? part : pathOf(part)));
    return (event) => {
      put(event, path, parts.map((part) => (typeof part === 'string' ? part : textOf(look(event, part)))).join(''));
      return false;
    };
  }
  const evaluate = expression(text);
  return async (event) => {
    const value = await evaluate(event);
    // Written and read again: the engine's own lists and functions do not get into the event.
    const json = JSON.stringify(value) as string | undefined;
    if (json !== undefined) put(event, path, JSON.parse(json));
    return false;
  };
}

function expression(text: string): (event: Json) => Promise<unknown> {
  const parsed = parseMapping(text, HARD_MS);
  return async (event) => {
    try {
      return (await parsed.evaluate(event)) as unknown;
    } catch (error) {
      const { message } = describe(error, text, HARD_MS);
      throw Object.assign(new Error(message), { timeout: (error as { code?: string }).code === 'D1012' });
    }
  };
}

/** JSON where it is some, otherwise the text itself. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function change(path: string, to: (value: unknown) => unknown): Run {
  const parts = pathOf(path);
  return (event) => {
    const value = look(event, parts);
    if (value !== undefined && value !== null) put(event, parts, to(value));
    return false;
  };
}

function mask(text: string, keep: 'nothing' | 'domain' | 'last4'): string {
  if (keep === 'domain' && text.includes('@')) return `***${text.slice(text.lastIndexOf('@'))}`;
  if (keep === 'last4' && text.length > 4) return `***${text.slice(-4)}`;
  return '***';
}

function convert(value: unknown, to: 'text' | 'number' | 'boolean' | 'time', path: string): unknown {
  const no = () => new Error(`${path} cannot be made a ${to}: ${textOf(value).slice(0, 100)}`);
  switch (to) {
    case 'text':
      return textOf(value);
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number(value ?? Number.NaN);
      if (typeof value === 'object' || !Number.isFinite(number) || value === '') throw no();
      return number;
    }
    case 'boolean': {
      if (typeof value === 'boolean') return value;
      if (['true', '1', 'yes'].includes(textOf(value).toLowerCase())) return true;
      if (['false', '0', 'no', ''].includes(textOf(value).toLowerCase())) return false;
      throw no();
    }
    case 'time': {
      const time = new Date(typeof value === 'number' && value < 100_000_000_000 ? value * 1000 : (value as string));
      if (Number.isNaN(time.getTime())) throw no();
      return time.toISOString();
    }
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

/** JSONata's idea of true. */
function truthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(truthy);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value) && typeof value !== 'function';
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function look(event: Json, path: readonly string[]): unknown {
  let at: unknown = event;
  for (const part of path) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return at;
}

function take(event: Json, path: readonly string[]): unknown {
  const holder = look(event, path.slice(0, -1));
  const last = path.at(-1)!;
  if (!isObject(holder) || !Object.hasOwn(holder, last)) return undefined;
  const value = holder[last];
  delete holder[last];
  return value;
}

function put(event: Json, path: readonly string[], value: unknown): void {
  let at = event;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(at, part) ? at[part] : undefined;
    if (isObject(next)) at = next;
    else {
      const made: Json = {};
      at[part] = made;
      at = made;
    }
  }
  at[path.at(-1)!] = value;
}
