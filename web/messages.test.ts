import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh'] as const;
const PLURAL = /_(zero|one|two|few|many|other)$/;

function read(language: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') found.set(path, value);
    else for (const [name, inner] of Object.entries(value as object)) walk(inner, path ? `${path}.${name}` : name);
  };
  walk(JSON.parse(readFileSync(new URL(`./src/messages/${language}.json`, import.meta.url), 'utf8')), '');
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
  const used = named.filter((key) => spaces.has(key.split('.')[0]) && !/\.(tsx?|read|write)$/.test(key));
  assert.deepEqual(
    used.filter((key) => !known.includes(key)),
    [],
  );
  // Keys put together from data: everything below these is used.
  const built = [...code.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((match) => match[1]!);
  const unused = known.filter((key) => !used.includes(key) && !built.some((prefix) => key.startsWith(prefix)));
  assert.deepEqual(unused, []);
});
