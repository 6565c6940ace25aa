import type { Params } from './events.ts';

/**
 * A statement that gives a session the values of parameters, which the engine then binds: as `chdb` does, but its own way of
 * binding lets only one query of the process run at a time. `before` are the names that the session has from earlier
 * queries; their values do not stay.
 */
export function paramsStatement(params: Params, before: Iterable<string>): string {
  const values = new Map<string, string>();
  for (const name of before) values.set(name, '');
  for (const [name, value] of Object.entries(params)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`"${name}" is no name of a parameter.`);
    values.set(name, fieldText(value));
  }
  return `SET ${[...values].map(([name, text]) => `param_${name} = ${quoted(text)}`).join(', ')}`;
}

/** A value as a field of a file with tabs between, which is how the engine reads parameters. */
function fieldText(value: Params[string]): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value, FIELD);
  if (typeof value !== 'object') return String(value);
  return `[${value.map((one) => (typeof one === 'string' ? quoted(one) : String(one))).join(',')}]`;
}

const FIELD: Record<string, string> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const LITERAL: Record<string, string> = { ...FIELD, "'": "\\'" };

const escaped = (text: string, signs: Record<string, string>) =>
  text.replaceAll(/[\\'\0\b\f\n\r\t]/g, (sign) => signs[sign] ?? sign);

/** As a literal: nothing but a backslash or a quote could end it. */
const quoted = (text: string) => `'${escaped(text, LITERAL)}'`;
