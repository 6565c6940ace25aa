import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
/** Writings that the pictures' font has; letters of others stay empty boxes. */
const SUBSETS = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek'];
const FONT = 'Inter Variable';
/** Pixels of the picture to one of a screen. */
const DENSITY = 2;

interface Engine {
  Resvg: typeof import('@resvg/resvg-wasm').Resvg;
  fonts: Uint8Array[];
}
let engine: Promise<Engine> | null = null;

/** A picture as mail programs show it: they know no SVG. Nothing is fetched or read for it but our own font. */
export async function pngOf(svg: string, width: number): Promise<Uint8Array> {
  engine ??= open();
  const { Resvg, fonts } = await engine;
  const picture = new Resvg(svg.replaceAll(/font-family(:|=")[^;"]*/g, `font-family$1${FONT}`), {
    fitTo: { mode: 'width', value: width * DENSITY },
    font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
  });
  try {
    const drawn = picture.render();
    try {
      return drawn.asPng();
    } finally {
      drawn.free();
    }
  } finally {
    picture.free();
  }
}

async function open(): Promise<Engine> {
  const { Resvg, initWasm } = await import('@resvg/resvg-wasm');
  await initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const fonts = SUBSETS.map((subset) =>
    readFile(resolve(`@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`)),
  );
  return { Resvg, fonts: await Promise.all(fonts) };
}
