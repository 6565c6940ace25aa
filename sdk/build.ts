import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, minifySync } from 'vite';
import { trimRrweb } from './trim-rrweb.ts';

/**
 * Builds the SDK into dist/: served/sdk.js, which pages load; served/<part>.<hash>.js for each file of src/parts, with
 * served/parts.js, which loads them by name and integrity; and npm/index.js, for sites that bundle it.
 */
const folder = new URL('./', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string };
const served = new URL('dist/served/', folder);

async function bundle(entry: string, format: 'iife' | 'es', parts: object = {}): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [trimRrweb()],
    root: fileURLToPath(folder),
    define: { SDK_VERSION: JSON.stringify(version), SDK_PARTS: JSON.stringify(parts) },
    build: {
      write: false,
      target: 'es2018',
      minify: false,
      modulePreload: false,
      rolldownOptions: { output: { topLevelVar: false } },
      lib: { entry: fileURLToPath(new URL(`src/${entry}`, folder)), formats: [format], name: 'tl' },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error(`${entry} was not built`);
  const { code } = output.output[0];
  if (format === 'es') return code;
  // Apart from the bundling, since constants are put in place only where they are no `var`.
  const { code: small, errors } = minifySync(entry, code, { compress: { target: 'es2018' } });
  if (errors.length > 0) throw errors[0];
  return small;
}

rmSync(new URL('dist/', folder), { recursive: true, force: true });
mkdirSync(served, { recursive: true });
mkdirSync(new URL('dist/npm/', folder));
writeFileSync(new URL('sdk.js', served), await bundle('browser.ts', 'iife'));
writeFileSync(new URL('dist/npm/index.js', folder), await bundle('index.ts', 'es'));
const parts: Record<string, { file: string; integrity: string }> = {};
for (const entry of readdirSync(new URL('src/parts/', folder))) {
  const name = entry.replace(/\.ts$/, '');
  const code = await bundle(`parts/${entry}`, 'iife');
  const hash = createHash('sha256').update(code).digest();
  const file = `${name}.${hash.toString('hex').slice(0, 12)}.js`;
  parts[name] = { file, integrity: `sha256-${hash.toString('base64')}` };
  writeFileSync(new URL(file, served), code);
}
// The hosted page of surveys is no part: pages of ours load it, and the server finds it by its name.
const surveyPage = await bundle('surveys/page.ts', 'iife');
const surveyHash = createHash('sha256').update(surveyPage).digest('hex').slice(0, 12);
writeFileSync(new URL(`survey-page.${surveyHash}.js`, served), surveyPage);
writeFileSync(new URL('parts.js', served), await bundle('parts.ts', 'iife', parts));
