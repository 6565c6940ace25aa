import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { difference, seen, VISION } from './colour-vision.testing.ts';
import { DARK, LIGHT } from './colours.ts';
import { contrastOf, inkOn, scaleStep } from './theme.ts';

/** CIEDE2000. */
const APART = 11;
const CONTRAST = 3;
const TEXT_CONTRAST = 4.5;

const css = readFileSync(new URL('../../../web/src/kit/tokens.css', import.meta.url), 'utf8');
const at = css.indexOf('[data-mantine-color-scheme="dark"]');
const schemes = { light: { is: LIGHT, css: css.slice(0, at) }, dark: { is: DARK, css: css.slice(at) } };
const token = (text: string, name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(text)?.[1];

describe('the measures themselves', () => {
  it('agree with the published examples of CIEDE2000', () => {
    const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 0.0001, `${one} is not ${other}`);
    near(difference([50, 2.6772, -79.7751], [50, 0, -82.7485]), 2.0425);
    near(difference([50, 2.5, 0], [73, 25, -18]), 27.1492);
    near(difference([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514]), 0.9082);
  });

  it('say that red and green are one to those who do not tell them apart', () => {
    const pair = (vision: readonly number[]) => difference(seen('#b06040', vision), seen('#6e8040', vision));
    assert.ok(pair(VISION.usual) > 2 * pair(VISION.deuteranopia));
  });
});

for (const [name, { is, css: text }] of Object.entries(schemes)) {
  describe(`the colours of charts in the ${name} scheme`, () => {
    it('are the tokens of the console', () => {
      is.series.forEach((colour, index) => {
        assert.equal(token(text, `series-${index + 1}`), colour);
      });
      is.scale.forEach((colour, index) => {
        assert.equal(token(text, `scale-${index + 1}`), colour);
      });
      assert.equal(token(text, 'series-other'), is.other);
      for (const [one, own] of [
        ['surface', is.surface],
        ['ink', is.ink],
        ['ink-dim', is.inkDim],
        ['line', is.line],
        ['line-strong', is.lineStrong],
        ['good', is.good],
        ['bad', is.bad],
      ] as const) {
        assert.equal(token(text, one), own, one);
      }
    });

    for (const [kind, vision] of Object.entries(VISION)) {
      it(`are told apart with ${kind} vision`, (test) => {
        let least = Number.POSITIVE_INFINITY;
        for (const [index, one] of is.series.entries()) {
          for (const other of is.series.slice(0, index)) {
            least = Math.min(least, difference(seen(one, vision), seen(other, vision)));
          }
        }
        test.diagnostic(`at least ${least.toFixed(1)}`);
        assert.ok(least >= APART, `${least}`);
      });
    }

    it('stand out from every ground that a chart can have', () => {
      const grounds = [is.surface, token(text, 'canvas')!, token(text, 'raised')!];
      for (const colour of [...is.series, is.other]) {
        for (const ground of grounds) assert.ok(contrastOf(colour, ground) >= CONTRAST, `${colour} on ${ground}`);
      }
    });

    it('have a scale that goes from the ground evenly in lightness', () => {
      const lightness = is.scale.map((colour) => seen(colour, VISION.usual)[0]);
      const steps = lightness.slice(1).map((value, index) => value - lightness[index]!);
      const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
      assert.ok(Math.abs(mean) > 7);
      for (const step of steps) assert.ok(Math.abs(step - mean) < 1, `${step} instead of ${mean}`);
      const ground = seen(is.surface, VISION.usual)[0];
      assert.ok(Math.abs(lightness[0]! - ground) < Math.abs(lightness.at(-1)! - ground));
    });

    it('have a scale whose neighbours differ by about the same, with every vision', () => {
      for (const vision of Object.values(VISION)) {
        const steps = is.scale
          .slice(1)
          .map((one, index) => difference(seen(one, vision), seen(is.scale[index]!, vision)));
        assert.ok(Math.min(...steps) > 4, `${steps}`);
        assert.ok(Math.max(...steps) / Math.min(...steps) < 2, `${steps}`);
      }
    });

    it('let text be read on each tint', () => {
      for (const tint of is.scale) assert.ok(contrastOf(inkOn(is, tint), tint) >= TEXT_CONTRAST, tint);
    });
  });
}

describe('a step of the scale', () => {
  it('is the first for the least, the last for the most, and in the middle where all are the same', () => {
    assert.deepEqual(
      [0, 4.9, 10, 12, -3].map((value) => scaleStep(value, 0, 10, 9)),
      [0, 4, 8, 8, 0],
    );
    assert.equal(scaleStep(7, 7, 7, 9), 4);
  });
});
