import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Arguments made for other surroundings: one process for all pages crashes with several, and without web security CORS faults stay hidden. */
const UNWANTED = new Set(['--single-process', '--disable-web-security', '--no-zygote']);

/** The headless Chromium that comes inside an npm package, so that no machine needs one installed. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((argument) => !UNWANTED.has(argument)), '--no-sandbox'],
    headless: true,
  });
}
