import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { alone } from '../src/kernel/testing-alone.ts';

/**
 * Arguments made for other surroundings: one process for all pages crashes with several, without web security CORS faults
 * stay hidden, and a graphics card that is imitated costs more than drawing without one.
 */
const UNWANTED = new Set([
  '--single-process',
  '--disable-web-security',
  '--no-zygote',
  '--ignore-gpu-blocklist',
  '--in-process-gpu',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
]);

/** The headless Chromium that comes inside an npm package, so that no machine needs one installed. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    // Unpacked by the first who asks; the others would take what is there for whole.
    executablePath: await alone('chromium', () => chromium.executablePath()),
    args: [...chromium.args.filter((argument) => !UNWANTED.has(argument)), '--no-sandbox', '--disable-gpu'],
    headless: true,
  });
}
