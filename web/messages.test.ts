import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SHELL_AREAS } from './src/messages/areas.ts';

const LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh'] as const;
const PLURAL = /_(zero|one|two|few|many|other)$/;

function areasOf(language: string): string[] {
  return readdirSync(new URL(`./src/messages/${language}/`, import.meta.url))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

function read(language: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') found.set(path, value);
    else for (const [name, inner] of Object.entries(value as object)) walk(inner, path ? `${path}.${name}` : name);
  };
  for (const area of areasOf(language)) {
    walk(JSON.parse(readFileSync(new URL(`./src/messages/${language}/${area}.json`, import.meta.url), 'utf8')), area);
  }
  return found;
}

const catalogues = new Map(LANGUAGES.map((language) => [language, read(language)]));
const english = catalogues.get('en')!;
const stem = (key: string) => key.replace(PLURAL, '');
const stems = (keys: Iterable<string>) => [...new Set([...keys].map(stem))].sort();
const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

function sources(folder: URL): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      if (entry.isDirectory()) return sources(new URL(`${entry.name}/`, folder));
      return /\.tsx?$/.test(entry.name) ? readFileSync(new URL(entry.name, folder), 'utf8') : '';
    })
    .join('\n');
}

for (const [language, messages] of catalogues) {
  test(`${language} has every message and no other`, () => {
    assert.deepEqual(stems(messages.keys()), stems(english.keys()));
  });

  test(`${language} has exactly the plural forms of its language`, () => {
    const wanted = [...new Intl.PluralRules(language).resolvedOptions().pluralCategories].sort();
    const forms = Map.groupBy(
      [...messages.keys()].filter((key) => PLURAL.test(key)),
      stem,
    );
    for (const [key, found] of forms) {
      assert.deepEqual(found.map((form) => PLURAL.exec(form)?.[1]).sort(), wanted, key);
    }
    const plural = stems([...english.keys()].filter((key) => PLURAL.test(key)));
    assert.deepEqual([...forms.keys()].sort(), plural);
  });

  test(`${language} has the same values and emphasis in each message as English`, () => {
    for (const [key, text] of messages) {
      const model = english.get(`${stem(key)}_other`) ?? english.get(key)!;
      const missing = placeholders(model).filter((name) => !placeholders(text).includes(name));
      // A form for exactly one may say it without the number.
      assert.ok(
        missing.every((name) => name === 'count' && key.endsWith('_one')),
        `${key} lacks ${missing}`,
      );
      assert.ok(
        placeholders(text).every((name) => placeholders(model).includes(name)),
        `${key}: ${text}`,
      );
      assert.equal(text.split('<b>').length, text.split('</b>').length, key);
      assert.notEqual(text.trim(), '', key);
    }
  });
}

test('every message that the pages name is in the catalogue, and no message is unused', () => {
  const code = sources(new URL('./src/', import.meta.url));
  const known = stems(english.keys());
  const named = [...code.matchAll(/['"`]([a-z][a-zA-Z]*(?:\.[a-zA-Z]+)+)['"`]/g)].map((match) => match[1]!);
  const spaces = new Set(known.map((key) => key.split('.')[0]));
  const used = named.filter(
    (key) => spaces.has(key.split('.')[0]) && !/\.(tsx?|read|write|act|export|erase)$/.test(key),
  );
  assert.deepEqual(
    used.filter((key) => !known.includes(key)),
    [],
  );
  // Keys put together from data: everything below these is used.
  const built = [...code.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((match) => match[1]!);
  const unused = known.filter((key) => !used.includes(key) && !built.some((prefix) => key.startsWith(prefix)));
  assert.deepEqual(unused, []);
});

test('the list of areas names each file of the catalogue', () => {
  const list = readFileSync(new URL('./src/messages/areas.ts', import.meta.url), 'utf8');
  const named = [...list.matchAll(/^ {2}(\w+): typeof import\('\.\/en\/\1\.json'\);$/gm)].map((match) => match[1]!);
  assert.deepEqual(named.sort(), areasOf('en'));
});

const STATIC = /(?:^|\n)(?:import|export)\s[^;]*?from\s+'(\.[^']+)'|(?:^|\n)import\s+'(\.[^']+)'/g;
const LATE = /import\('(\.[^']+)'\)/g;

/** The areas of messages that a file names, itself or in what it imports. What is imported late counts in the page. */
function areasUsed(start: URL, late: boolean): Set<string> {
  const seen = new Set<string>();
  const used = new Set<string>();
  const all = new Set(areasOf('en'));
  const known = new Set(stems(english.keys()));
  const visit = (file: URL) => {
    if (seen.has(file.href) || !/\.tsx?$/.test(file.pathname)) return;
    seen.add(file.href);
    const code = readFileSync(fileURLToPath(file), 'utf8').replace(/(?:^|\n)import type [^;]*;/g, '');
    for (const [, key = '', dynamic = ''] of code.matchAll(/['"`]([a-z][a-zA-Z.]*)(['"`]|\$\{)/g)) {
      const area = key.split('.')[0]!;
      if (dynamic === '${' ? key.includes('.') && all.has(area) : known.has(key)) used.add(area);
    }
    for (const match of code.matchAll(STATIC)) visit(new URL((match[1] ?? match[2])!, file));
    if (late) for (const match of code.matchAll(LATE)) visit(new URL(match[1]!, file));
  };
  visit(start);
  return used;
}

const list = readFileSync(new URL('./src/pages.tsx', import.meta.url), 'utf8');
const entries = [...list.matchAll(/path: '([^']+)'[\s\S]*?areas: \[([^\]]*)\][\s\S]*?import\('([^']+)'\)/g)];

test('the list of pages is read as it is written', () => {
  assert.equal(entries.length, list.match(/^ {4}load: /gm)?.length);
});

for (const [, path, areas = '', module = ''] of entries) {
  test(`the page "${path}" loads the messages that it shows`, () => {
    const known = new Set<string>([...SHELL_AREAS, ...[...areas.matchAll(/'(\w+)'/g)].map((match) => match[1]!)]);
    const used = areasUsed(new URL(module, new URL('./src/pages.tsx', import.meta.url)), true);
    assert.deepEqual([...used].filter((area) => !known.has(area)).sort(), []);
  });
}

test('the shell shows only messages that it has from the start', () => {
  const used = [...areasUsed(new URL('./src/main.tsx', import.meta.url), false)];
  // The list of pages names the palette's actions; the palette loads what they are called.
  assert.deepEqual(
    used.filter((area) => area !== 'action' && !(SHELL_AREAS as readonly string[]).includes(area)),
    [],
  );
});
