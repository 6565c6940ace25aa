import { type Condition, testsOf } from './condition.ts';
import type { Definition } from './definition.ts';
import type { Texts } from './question.ts';

/** Every text of a survey that customers read. */
function* textsOf(definition: Definition): Generator<Texts> {
  const { welcome, questions, endings, words } = definition;
  if (welcome) yield* [welcome.title, welcome.description ?? {}];
  for (const question of questions) {
    yield question.title;
    yield question.description ?? {};
    for (const value of Object.values(question)) {
      if (Array.isArray(value))
        for (const item of value) if (item && typeof item === 'object' && 'label' in item) yield item.label;
      if (value && typeof value === 'object' && !Array.isArray(value)) yield value as Texts;
    }
  }
  for (const ending of endings) yield* [ending.title, ending.description ?? {}, ending.link?.label ?? {}];
  yield* Object.values(words);
}

function* conditionsOf(definition: Definition): Generator<Condition> {
  for (const question of definition.questions) {
    if (question.showIf) yield question.showIf;
    for (const { when } of question.jumps) if (when) yield when;
  }
  for (const { when } of definition.endings) if (when) yield when;
  for (const { when } of definition.quotas) yield when;
}

/** The traits that conditions and pipes look at: no others are ever handed out or kept with a response. */
export function traitsUsed(definition: Definition): Set<string> {
  const found = new Set<string>();
  for (const condition of conditionsOf(definition))
    for (const { of } of testsOf(condition)) if ('trait' in of) found.add(of.trait);
  for (const texts of textsOf(definition))
    for (const text of Object.values(texts))
      if (typeof text === 'string')
        for (const [, name = ''] of text.matchAll(/\{\{\s*trait:([^{}|]*)/g)) found.add(name.trim());
  return found;
}

/** A copy whose texts are those of one language and of the default one, which stands in where one is missing. */
export function inLanguage(definition: Definition, language: string): Definition {
  const kept = new Set([language, language.split('-')[0]!, definition.defaultLanguage]);
  const others = new Set(definition.languages.filter((one) => !kept.has(one)));
  const cut = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(cut);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    // Texts are what has languages as names, each with a text.
    const isTexts =
      entries.length > 0 &&
      entries.every(([key, text]) => typeof text === 'string' && definition.languages.includes(key));
    return Object.fromEntries(
      isTexts ? entries.filter(([key]) => !others.has(key)) : entries.map(([key, inner]) => [key, cut(inner)]),
    );
  };
  return cut(definition) as Definition;
}
