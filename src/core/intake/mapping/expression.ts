import jsonata from 'jsonata';
import { refuse } from '../../../kernel/refusal.ts';
import { addFunctions } from './functions.ts';

/** Longest text of a mapping, in characters. */
const MAPPING_CHARACTERS = 64 * 1024;
/** Longest evaluation of one value. */
export const MAPPING_MILLISECONDS = 250;
/** Deepest nesting of calls and expressions while evaluating. */
const MAPPING_DEPTH = 250;
/** Most items in any one sequence made while evaluating. */
const MAPPING_ITEMS = 100_000;

/**
 * Parses a mapping; refuses with line and column where its text is wrong. One evaluation ends after `milliseconds`.
 */
export function parseMapping(text: string, milliseconds = MAPPING_MILLISECONDS): jsonata.Expression {
  if (text.length > MAPPING_CHARACTERS) {
    throw refuse.invalid(
      `A mapping may have ${MAPPING_CHARACTERS.toLocaleString('en')} characters; this one has ${text.length.toLocaleString('en')}.`,
    );
  }
  if (text.trim() === '') throw refuse.invalid('The mapping is empty. Write a JSONata expression.');
  try {
    const expression = jsonata(text, { timeout: milliseconds, stack: MAPPING_DEPTH, sequence: MAPPING_ITEMS });
    addFunctions(expression);
    return expression;
  } catch (error) {
    const { message, position } = describe(error, text);
    throw refuse.invalid(`The mapping cannot be read: ${message}`, position);
  }
}

export interface Place {
  /** Characters from the start of the text; line and column count from 1. */
  position: number;
  line: number;
  column: number;
}

/** A sentence about an error of the expression engine, with its place in the text where it is known. */
export function describe(
  error: unknown,
  text: string,
  milliseconds = MAPPING_MILLISECONDS,
): { message: string; position: Place | undefined } {
  const { code, message, position } = error as { code?: string; message?: string; position?: number };
  if (code === 'D1012') return { message: `it took longer than ${milliseconds} ms.`, position: undefined };
  if (code === 'D1011' || /call stack/.test(message ?? '')) {
    return { message: `it nests deeper than ${MAPPING_DEPTH} calls.`, position: undefined };
  }
  const said = (message ?? String(error)).replace(/\.?$/, '.');
  if (typeof position !== 'number') return { message: said, position: undefined };
  const place = placeOf(text, position);
  return { message: `line ${place.line}, column ${place.column}: ${said}`, position: place };
}

function placeOf(text: string, position: number): Place {
  const before = text.slice(0, position).split('\n');
  return { position, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * Whether only ending its thread could stop an expression: the engine looks at the time between its steps, but a regular
 * expression is one step, however long it takes. `$eval` may make one that the text does not show.
 */
export function needsThread(expression: jsonata.Expression): boolean {
  const seen = new Set<object>();
  const look = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return false;
    seen.add(node);
    if (node instanceof RegExp) return true;
    const { type, value } = node as { type?: unknown; value?: unknown };
    if (type === 'variable' && value === 'eval') return true;
    return Object.values(node).some(look);
  };
  return look(expression.ast());
}
