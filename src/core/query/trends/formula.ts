import { refuse } from '../../../kernel/refusal.ts';

/** Arithmetic over series: numbers, letters, + - * / and parentheses. */
export type Formula =
  | { number: number }
  /** From 0: A, B, C … */
  | { series: number }
  | { operator: '+' | '-' | '*' | '/'; left: Formula; right: Formula };

const NUMBER = /\d+(\.\d+)?|\.\d+/y;

/** Reads an expression. Refuses, with the position, what is no arithmetic, and series that the report does not have. */
export function parseFormula(expression: string, series: number): Formula {
  let at = 0;
  const skip = () => {
    while (expression[at] === ' ' || expression[at] === '\t' || expression[at] === '\n') at++;
  };
  const refused = (expected: string) => {
    const found =
      at >= expression.length ? 'it ends' : `there is "${String.fromCodePoint(expression.codePointAt(at)!)}"`;
    return refuse.invalid(
      `The formula "${expression}" cannot be read at character ${at + 1}: ${found} where ${expected} is expected.`,
    );
  };

  const sum = (): Formula => chain(product, '+', '-');
  const product = (): Formula => chain(factor, '*', '/');

  function chain(operand: () => Formula, ...operators: ('+' | '-' | '*' | '/')[]): Formula {
    let left = operand();
    for (;;) {
      skip();
      const operator = operators.find((one) => one === expression[at]);
      if (!operator) return left;
      at++;
      left = { operator, left, right: operand() };
    }
  }

  function factor(): Formula {
    skip();
    const character = expression[at] ?? '';
    if (character === '-') {
      at++;
      return { operator: '-', left: { number: 0 }, right: factor() };
    }
    if (character === '(') {
      at++;
      const inner = sum();
      if (expression[at] !== ')') throw refused('")" or an operator');
      at++;
      return inner;
    }
    if (/^[A-Za-z]$/.test(character)) {
      const index = character.toUpperCase().charCodeAt(0) - 65;
      if (index >= series)
        throw refuse.invalid(
          `The formula "${expression}" names series ${character.toUpperCase()} at character ${at + 1}; the report has ${series === 1 ? 'only A' : `A to ${letter(series - 1)}`}.`,
        );
      at++;
      return { series: index };
    }
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(expression)?.[0];
    if (number === undefined) throw refused('a number, the letter of a series or "("');
    at += number.length;
    return { number: Number(number) };
  }

  const whole = sum();
  if (at < expression.length) throw refused('an operator or the end');
  return whole;
}

export const letter = (index: number): string => String.fromCharCode(65 + index);

/** Its value; null where a series has none, and where something is divided by nothing. */
export function evaluate(formula: Formula, series: (index: number) => number | null): number | null {
  if ('number' in formula) return formula.number;
  if ('series' in formula) return series(formula.series);
  const left = evaluate(formula.left, series);
  const right = evaluate(formula.right, series);
  if (left === null || right === null) return null;
  const value = { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[formula.operator];
  return Number.isFinite(value) ? value : null;
}

/** The series that it names, from 0. */
export function seriesIn(formula: Formula): number[] {
  if ('series' in formula) return [formula.series];
  return 'operator' in formula ? [...seriesIn(formula.left), ...seriesIn(formula.right)] : [];
}

/** How many times its result is money: 1 for an amount, also one per person; 0 for a number or a ratio of amounts. */
export function moneyIn(formula: Formula, isMoney: (series: number) => boolean): number {
  if ('number' in formula) return 0;
  if ('series' in formula) return isMoney(formula.series) ? 1 : 0;
  const left = moneyIn(formula.left, isMoney);
  const right = moneyIn(formula.right, isMoney);
  if (formula.operator === '*') return left + right;
  return formula.operator === '/' ? left - right : Math.max(left, right);
}
