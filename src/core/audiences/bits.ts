import { type Bindings, literal } from '../query/bindings.ts';
import type { Environment } from '../query/environment.ts';
import type { Leaf } from './definition.ts';

export type Subject = 'person' | 'account';

/** What one statement is made of. */
export interface Making {
  environment: Environment;
  bindings: Bindings;
  /** Looks only at people made of these persons as first met. */
  only?: readonly number[] | undefined;
  /** Looks only at this share of the people. */
  sample?: number | undefined;
}

/**
 * A condition that each row of a part says to hold, or not to: a bit. Who has no row in the part has the condition's
 * `default`; a bit that is set says that it is the other way.
 */
export interface Bit {
  leaf: Leaf;
  index: number;
  /** SQL of a boolean constant. */
  default: string;
  /** The default where it is known before the engine is asked. */
  known: boolean | null;
}

/** The bit where the condition is other than it would be for somebody without a row. */
export function flag(bit: Bit, holds: string): string {
  const other =
    bit.known === false ? `(${holds})` : bit.known === true ? `NOT (${holds})` : `((${holds}) != (${bit.default}))`;
  return `bitShiftLeft(toUInt64(${other}), ${literal(bit.index)})`;
}
