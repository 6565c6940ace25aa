import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { aliasArguments, isObject, pageArguments, trackArguments, userArguments } from './src/arguments.ts';

/** Segment's own reading of arguments, from their package: what ours must agree with. */
interface Theirs {
  resolveArguments(...args: unknown[]): unknown[];
  resolvePageArguments(...args: unknown[]): unknown[];
  resolveUserArguments(user: { id(): unknown }): (...args: unknown[]) => unknown[];
  resolveAliasArguments(...args: unknown[]): unknown[];
}
const load = createRequire(import.meta.url);
const theirs = load(
  join(dirname(load.resolve('@segment/analytics-next')), 'core/arguments-resolver/index.js'),
) as Theirs;

const callback = () => undefined;
const object = fc.oneof(
  fc.constant({}),
  fc.record({ a: fc.integer(), anonymousId: fc.string() }),
  fc.record({ event: fc.string({ minLength: 1 }) }),
  fc.record({ event: fc.constant('Bought'), properties: fc.record({ price: fc.integer() }) }),
);
const argument = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  { weight: 3, arbitrary: object },
  fc.integer(),
  fc.constant(null),
  fc.constant(undefined),
  fc.boolean(),
  fc.constant([1]),
);
/** What a call may be given: a callback only stands at the end. */
const call = fc
  .tuple(fc.array(argument, { maxLength: 4 }), fc.boolean())
  .map(([args, last]) => (last ? [...args, callback] : args));

/** null is as good as undefined; what should be an object and is none counts as an empty one. */
const alike = (resolved: unknown[], texts: number) =>
  resolved.map((value, at) => (at < texts ? (value ?? undefined) : isObject(value) ? value : {}));

/** `texts` of the results are no objects; `usual` says which calls have a meaning to agree on. */
const agree = (
  ours: (args: unknown[]) => unknown[],
  segment: (...args: unknown[]) => unknown[],
  texts: number,
  usual: (args: unknown[]) => boolean = () => true,
) =>
  fc.assert(
    fc.property(call.filter(usual), (args) => {
      const outcome = (run: () => unknown[]) => {
        try {
          return alike(run(), texts);
        } catch (error) {
          return (error as Error).message;
        }
      };
      assert.deepEqual(
        outcome(() => ours(args)),
        outcome(() => segment(...args).slice(0, -1)),
      );
    }),
    { numRuns: 3000 },
  );
const count = (args: unknown[], is: (value: unknown) => boolean) => args.filter(is).length;
const isText = (value: unknown) => typeof value === 'string';

describe("a call's arguments", () => {
  it('of track are read as Segment reads them', () => agree(trackArguments, theirs.resolveArguments, 1));
  it('of page are read as Segment reads them, up to two texts and two objects', () =>
    agree(
      pageArguments,
      theirs.resolvePageArguments,
      2,
      (args) => count(args, isText) <= 2 && count(args, isObject) <= 2,
    ));
  it('of alias are read as Segment reads them, where it names somebody', () =>
    agree(
      aliasArguments,
      theirs.resolveAliasArguments,
      2,
      (args) =>
        args.slice(0, 2).some((one) => isText(one) || typeof one === 'number') &&
        args.slice(2).every((one) => typeof one !== 'number'),
    ));
  it('of identify and group are read as Segment reads them', () =>
    agree(userArguments, theirs.resolveUserArguments({ id: () => undefined }), 1));
});
