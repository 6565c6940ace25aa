import { parentPort } from 'node:worker_threads';
import type { Expression } from 'jsonata';
import { describe, parseMapping } from './expression.ts';
import type { Answer, Task } from './thread.ts';

/** Largest result of one evaluation, in characters of JSON. */
const RESULT_CHARACTERS = 4 * 1024 * 1024;
const KEPT_EXPRESSIONS = 200;
const expressions = new Map<string, Expression>();

function expressionOf(text: string): Expression {
  const known = expressions.get(text);
  if (known) return known;
  const expression = parseMapping(text);
  if (expressions.size >= KEPT_EXPRESSIONS) expressions.delete(expressions.keys().next().value ?? '');
  expressions.set(text, expression);
  return expression;
}

async function evaluate({ text, value, variables }: Task): Promise<Answer> {
  try {
    const json = JSON.stringify(await expressionOf(text).evaluate(value, variables)) as string | undefined;
    if (json !== undefined && json.length > RESULT_CHARACTERS) {
      return {
        state: 'failed',
        message: `its result is longer than ${RESULT_CHARACTERS.toLocaleString('en')} characters.`,
        place: undefined,
      };
    }
    return { state: 'done', json };
  } catch (error) {
    const { message, position } = describe(error, text);
    return { state: 'failed', message, place: position };
  }
}

const port = parentPort;
if (port) {
  port.on('message', async (task: Task) => port.postMessage(await evaluate(task)));
  port.postMessage({ state: 'ready' } satisfies Answer);
}
