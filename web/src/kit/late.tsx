import { type ComponentType, useLayoutEffect, useState } from 'react';

/** Something that is fetched when it is first needed, and then kept. */
export class Fetched<T> {
  /** Undefined until it is there. */
  known: T | undefined;
  readonly #load: () => Promise<T>;
  #coming: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Rejects where it cannot be fetched; the next call tries again. */
  fetch(): Promise<T> {
    this.#coming ??= this.#load().then(
      (known) => {
        this.known = known;
        return known;
      },
      (error) => {
        this.#coming = undefined;
        throw error;
      },
    );
    return this.#coming;
  }
}

/** Of a press whose end the page is not told. */
const LONGEST_PRESS_MS = 10_000;
let pressed = Promise.resolve();
let released = () => {};

addEventListener(
  'pointerdown',
  ({ button }) => {
    if (button !== 0) return;
    pressed = new Promise((done) => {
      released = done;
      setTimeout(done, LONGEST_PRESS_MS);
    });
  },
  true,
);
// The click comes right after it.
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(released, 0), true);

/**
 * What is fetched, or nothing until it is there; it takes no place while the pointer is pressed, for a click is lost whose
 * two halves fall on different things. That it cannot be fetched is thrown, for the error page. (Not by Suspense: React
 * keeps what stands in the place of something there for 300 ms at least.)
 */
export function useFetched<T>(of: Fetched<T>): T | undefined {
  const [came, come] = useState<{ of: Fetched<T>; known?: T | undefined; error?: unknown }>({ of, known: of.known });
  const { known, error } = came.of === of ? came : { known: of.known };
  const waits = known === undefined && error === undefined;
  useLayoutEffect(() => {
    if (!waits) return;
    let left = false;
    of.fetch()
      .then(async (known) => {
        await pressed;
        return { of, known };
      })
      .catch((error: unknown) => ({ of, error }))
      .then((next) => left || come(next));
    return () => {
      left = true;
    };
  }, [of, waits]);
  if (error !== undefined) throw error;
  return known;
}

/** A part of a page that few visits need: fetched when it is first shown; until then `Before`, or nothing, in its place. */
export function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Before?: ComponentType<NoInfer<Props>>,
): ComponentType<Props> {
  const part = new Fetched(load);
  return function Late(props: Props) {
    const Part = useFetched(part);
    if (Part) return <Part {...props} />;
    return Before ? <Before {...props} /> : null;
  };
}
