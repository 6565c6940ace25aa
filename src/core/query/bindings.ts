import type { Params } from '../../kernel/events.ts';

type Bound = string | number | boolean | readonly (string | number)[] | null;

/** A statement for the events store. */
export interface Statement {
  sql: string;
  params: Params;
}

/**
 * Collects the values of a statement. What people typed never becomes part of its text: `bind` gives the engine's
 * placeholder for it. The same value gets the same placeholder, so equal reports have equal texts.
 */
export class Bindings {
  readonly #params: Record<string, Bound> = {};
  readonly #known = new Map<string, string>();
  readonly #later: (() => string)[] = [];

  bind(value: Bound, type: string): string {
    const key = `${type}\0${JSON.stringify(value)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const name = `p${this.#known.size + 1}`;
    this.#params[name] = value;
    const placeholder = `{${name}:${type}}`;
    this.#known.set(key, placeholder);
    return placeholder;
  }

  text(value: string): string {
    return this.bind(value, 'String');
  }

  texts(values: readonly string[]): string {
    return this.bind(values, 'Array(String)');
  }

  /** A moment, in milliseconds since 1970. */
  time(at: number): string {
    return `fromUnixTimestamp64Milli(${this.bind(at, 'Int64')}, 'UTC')`;
  }

  /**
   * Stands for a part of the statement that is only known once the whole is written. What people typed never has the
   * zeros that mark it.
   */
  later(part: () => string): string {
    return `\0${this.#later.push(part) - 1}\0`;
  }

  statement(sql: string): Statement {
    let whole = sql;
    for (let before = ''; whole !== before; ) {
      before = whole;
      whole = whole.replaceAll(/\0(\d+)\0/g, (_, index: string) => this.#later[Number(index)]!());
    }
    return { sql: whole, params: { ...this.#params } };
  }
}

/** A name in the engine's quotes; names of properties cannot be bound. Stored ones may have a zero, which marks what is put in later. */
export const quoteName = (name: string) =>
  `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``;

/** A number that the program itself made, as text of a statement. */
export function literal(number: number): string {
  if (!Number.isFinite(number)) throw new Error(`${number} is not a number that can stand in a statement.`);
  return String(number);
}
