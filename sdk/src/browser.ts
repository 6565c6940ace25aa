import { createThroughline } from './client.ts';
import type { Throughline } from './types.ts';

type Queued = [string, ...unknown[]];

/** The script at /sdk.js: takes over the calls that waited in `throughline`, and begins with the script tag's settings. */
const page = self as never as { throughline?: Throughline | Queued[] };
const waiting = page.throughline || [];

if ('map' in waiting) {
  const { src, dataset } = (document.currentScript || { src: '', dataset: {} }) as HTMLScriptElement;
  const sdk = createThroughline(src.replace(/\/sdk\.js.*/, ''));
  page.throughline = sdk;
  if (dataset.writeKey != null) sdk.init(dataset.writeKey, dataset as never);
  waiting.map(sdk.push);
}
