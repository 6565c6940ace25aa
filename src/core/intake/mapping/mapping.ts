import { refuse } from '../../../kernel/refusal.ts';
import { describe, needsThread, parseMapping } from './expression.ts';
import { evaluateInThread } from './thread.ts';

/** What an expression may use beside its value, each by its name: `{ headers }` is `$headers`. */
export type Variables = Record<string, unknown>;

/** A JSONata expression that turns a value (any JSON) into another. */
export interface Mapping {
  readonly text: string;
  /**
   * Evaluates in a thread of its own, which is ended when it takes too long or too much memory: whatever the expression
   * is, the server goes on. Resolves to JSON; undefined where the expression yields nothing. Throws a Refusal 400 that
   * says why it failed, 503 when too many evaluations wait.
   */
  evaluate(value: unknown, variables?: Variables): Promise<unknown>;
  /**
   * The same in this thread, faster, for an operator's own expressions over many lines: bounded in time and depth, but
   * not in memory. Expressions with regular expressions or `$eval` go to the other thread all the same. What it resolves
   * to may hold arrays of the engine's own: read it or serialise it.
   */
  evaluateInline(value: unknown, variables?: Variables): Promise<unknown>;
}

const KEPT_MAPPINGS = 200;
const compiled = new Map<string, Mapping>();

/** Compiles a mapping, or finds it compiled. Throws a Refusal 400 with line and column for a syntax error. */
export function compileMapping(text: string): Mapping {
  const known = compiled.get(text);
  if (known) return known;
  const mapping = newMapping(text);
  if (compiled.size >= KEPT_MAPPINGS) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(text, mapping);
  return mapping;
}

function newMapping(text: string): Mapping {
  const expression = parseMapping(text);
  const evaluate = (value: unknown, variables?: Variables) => evaluateInThread(text, value, variables);
  if (needsThread(expression)) return { text, evaluate, evaluateInline: evaluate };
  return {
    text,
    evaluate,
    async evaluateInline(value, variables) {
      try {
        return await expression.evaluate(value, variables);
      } catch (error) {
        const { message, position } = describe(error, text);
        throw refuse.invalid(`The mapping failed: ${message}`, position);
      }
    },
  };
}
