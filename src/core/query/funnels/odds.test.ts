import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { erfc, falseDiscovery, fisher, oddsOf, twoProportions } from './odds.ts';

const near = (found: number, expected: number, within = 1e-6) =>
  assert.ok(Math.abs(found - expected) <= within * Math.max(1e-300, Math.abs(expected)), `${found} is not ${expected}`);

describe('the odds of converting', () => {
  it("agree with Fisher's lady who tastes tea", () => near(fisher(3, 1, 1, 3), 0.48571428571428571));

  it('agree with a published table of Fisher’s test', () => near(fisher(1, 9, 11, 3), 0.00275945618522, 1e-6));

  it('agree with the table of the error function', () => {
    near(erfc(0.5), 0.4795001221869535, 1e-12);
    near(erfc(2), 0.004677734981047266, 1e-10);
    near(erfc(3), 2.209049699858544e-5, 1e-10);
    near(erfc(10), 2.088487583762545e-45, 1e-10);
  });

  it('find by the approximation nearly what is exact, where counts are large', () => {
    near(twoProportions(3000, 10_000, 2900, 10_000), fisher(3000, 7000, 2900, 7100), 0.05);
    assert.equal(twoProportions(0, 10, 0, 10), 1);
  });

  it('say how many times higher the odds and the share are, and how sure that is', () => {
    const odds = oddsOf({ withConverted: 40, withDropped: 60, withoutConverted: 20, withoutDropped: 80 });
    near(odds.oddsRatio, 8 / 3);
    near(odds.lift!, 2);
    near(odds.low, Math.exp(Math.log(8 / 3) - 1.96 * Math.sqrt(1 / 40 + 1 / 60 + 1 / 20 + 1 / 80)), 1e-4);
    near(odds.p, 0.00203, 0.01);
  });

  it('stay finite where a count is zero', () => {
    const odds = oddsOf({ withConverted: 10, withDropped: 0, withoutConverted: 0, withoutDropped: 10 });
    assert.ok(Number.isFinite(odds.oddsRatio) && odds.oddsRatio > 100);
    assert.equal(odds.lift, null);
  });

  it('guard against many comparisons as Benjamini and Hochberg do', () => {
    const qs = falseDiscovery([0.01, 0.04, 0.03, 0.005, 0.5]);
    assert.deepEqual(
      qs.map((q) => Number(q.toFixed(4))),
      [0.025, 0.05, 0.05, 0.025, 0.5],
    );
    assert.deepEqual(falseDiscovery([]), []);
  });
});
