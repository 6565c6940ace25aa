import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluate, type Formula, moneyIn, parseFormula } from './formula.ts';

const of = (expression: string, ...values: (number | null)[]) =>
  evaluate(parseFormula(expression, values.length), (index) => values[index]!);

describe('a formula', () => {
  it('multiplies before it adds, and goes from left to right', () => {
    assert.equal(of('A + B * 2', 1, 3), 7);
    assert.equal(of('(A + B) * 2', 1, 3), 8);
    assert.equal(of('A - B - 1', 10, 3), 6);
    assert.equal(of('A / B / 2', 12, 3), 2);
    assert.equal(of('-A + -(-B)', 2, 5), 3);
    assert.equal(of('a*100 / b', 1, 4), 25);
    assert.equal(of('1.5 * A + .5', 2), 3.5);
  });

  it('has no value where it is divided by nothing, or where a series has none', () => {
    assert.equal(of('A / B', 1, 0), null);
    assert.equal(of('A / (B - B)', 1, 4), null);
    assert.equal(of('A + B', 1, null), null);
    assert.equal(of(`${'A * '.repeat(40)}A`, 1e200), null);
  });

  it('gives what arithmetic gives, for any formula', () => {
    const { tree } = fc.letrec<{ tree: Formula }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.record({ number: fc.integer({ min: 0, max: 9 }) }),
        fc.record({ series: fc.nat(2) }),
        fc.record({
          operator: fc.constantFrom<'+' | '-' | '*' | '/'>('+', '-', '*', '/'),
          left: tie('tree'),
          right: tie('tree'),
        }),
      ),
    }));
    const text = (one: Formula): string =>
      'number' in one
        ? String(one.number)
        : 'series' in one
          ? 'ABC'[one.series]!
          : `(${text(one.left)} ${one.operator} ${text(one.right)})`;
    fc.assert(
      fc.property(tree, fc.tuple(fc.integer(), fc.integer(), fc.integer()), (one, values) => {
        const expression = text(one);
        // Of the test's own making: digits, letters of three numbers, and operators.
        const plain = new Function('A', 'B', 'C', `return ${expression}`)(...values) as number;
        const got = evaluate(parseFormula(expression, 3), (index) => values[index]!);
        if (Number.isFinite(plain) && got !== null) assert.equal(got, plain);
        else if (got !== null) assert.fail(`${expression} is ${plain}, not ${got}`);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused with the character where it stops making sense', () => {
    const refused = (expression: string, sentence: RegExp) =>
      assert.throws(() => parseFormula(expression, 2), sentence);
    refused('A + * B', /at character 5: there is "\*" where a number, the letter of a series or "\(" is expected/);
    refused('A +', /at character 4: it ends/);
    refused('(A + B', /at character 7: it ends where "\)"/);
    refused('A B', /at character 3/);
    refused('A ** B', /at character 4/);
    refused('', /at character 1/);
    refused('AB', /at character 2/);
    refused('process.exit()', /names series P at character 1; the report has A to B/);
    refused('A + C', /names series C at character 5; the report has A to B/);
    refused('A + 😀', /there is "😀"/);
    refused('1e400', /character 2/);
    assert.throws(() => parseFormula('B', 1), /the report has only A/);
  });

  it('survives as many parentheses as fit', () => {
    assert.equal(of(`${'('.repeat(249)}A${')'.repeat(249)}`, 3), 3);
    assert.equal(of(`${'-'.repeat(498)}A`, 3), 3);
  });

  it('knows whether its result is money', () => {
    const money = (expression: string) => moneyIn(parseFormula(expression, 3), (series) => series < 2);
    assert.equal(money('A'), 1);
    assert.equal(money('A - B * 2'), 1);
    assert.equal(money('A / C'), 1);
    assert.equal(money('A / B'), 0);
    assert.equal(money('C * 100'), 0);
  });
});
