import { createThroughline } from './client.ts';
import type { Throughline } from './types.ts';

export type * from './types.ts';

/**
 * The SDK for a site that bundles it: `throughline.init('wk_…', { host: 'https://cx.example.com' })`. Call it
 * first. Parts that are loaded on demand find it as the global `throughline`.
 */
export const throughline: Throughline = createThroughline();
if (typeof window !== 'undefined') {
  const page = window as never as { throughline?: Throughline };
  page.throughline ||= throughline;
}
