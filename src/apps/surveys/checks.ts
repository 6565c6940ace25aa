import { z } from 'zod';
import { type Condition, type Test, testsOf } from './condition.ts';
import type { Colours, Definition } from './definition.ts';
import { contrast } from './logic.ts';
import type { Option, Question, Texts } from './question.ts';

/** WCAG AA: text, and what can be told from its ground though it is no text. */
const CONTRAST = { text: 4.5, accent: 3 };

/** What is wrong with a survey; an error keeps it from being published. `values` fill the console's own sentence. */
export const Problem = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.enum([
    'noQuestions',
    'emptyText',
    'missingTranslation',
    'defaultLanguageMissing',
    'duplicateId',
    'reservedId',
    'noOptions',
    'unknownQuestion',
    'unknownOption',
    'unknownTarget',
    'unknownEnding',
    'unknownField',
    'laterQuestion',
    'jumpBack',
    'unreachable',
    'neverShown',
    'impossibleNumber',
    'valueMissing',
    'lowContrast',
    'periodEmpty',
    'noChannel',
    'anonymousTrait',
    'anonymousFile',
    'anonymousContact',
    'pipeUnknown',
  ]),
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).describe('Where in the definition.'),
  question: z.string().optional(),
  language: z.string().optional(),
  values: z.record(z.string(), z.string()).optional(),
});
export type Problem = z.output<typeof Problem>;

/** Problems told at most: the first ones help. */
const PROBLEMS_LIMIT = 300;

type Code = Problem['code'];
type Path = (string | number)[];
type Say = (code: Code, path: Path, message: string, more?: Partial<Problem>) => void;

/** Everything that keeps a survey from working as meant, the errors first. */
export function check(definition: Definition): Problem[] {
  const found: Problem[] = [];
  const say: Say = (code, path, message, more = {}) => {
    if (found.length < PROBLEMS_LIMIT) found.push({ severity: 'error', code, message, path, ...more });
  };
  checkWhole(definition, say);
  checkIds(definition, say);
  checkTexts(definition, say);
  for (const [at, question] of definition.questions.entries()) checkQuestion(definition, question, at, say);
  checkReach(definition, say);
  for (const [at, ending] of definition.endings.entries())
    checkCondition(definition, ending.when, definition.questions.length, ['endings', at, 'when'], say);
  for (const [at, quota] of definition.quotas.entries()) {
    checkCondition(definition, quota.when, definition.questions.length, ['quotas', at, 'when'], say);
    if (quota.ending !== undefined && !definition.endings.some(({ id }) => id === quota.ending))
      say('unknownEnding', ['quotas', at, 'ending'], `The quota "${quota.name}" leads to an ending that is not there.`);
  }
  return found.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

function checkWhole(definition: Definition, say: Say): void {
  if (definition.questions.every(({ kind }) => kind === 'statement'))
    say('noQuestions', ['questions'], 'Ask at least one question.');
  if (!definition.languages.includes(definition.defaultLanguage))
    say('defaultLanguageMissing', ['defaultLanguage'], 'The default language is none of the survey’s languages.');
  if (definition.from && definition.to && Date.parse(definition.from) >= Date.parse(definition.to))
    say('periodEmpty', ['to'], 'The time in which answers are taken ends before it begins.');
  if (!definition.popover && !definition.openLink)
    say('noChannel', ['openLink'], 'It is shown only to those who get a link or a mail of their own.', {
      severity: 'warning',
    });
  for (const mode of ['light', 'dark'] as const) checkColours(definition.theme[mode], mode, say);
}

function checkColours(colours: Colours, mode: 'light' | 'dark', say: Say): void {
  for (const part of ['text', 'accent'] as const) {
    const ratio = contrast(colours[part], colours.background);
    if (ratio >= CONTRAST[part]) continue;
    const values = { ratio: ratio.toFixed(1), needed: String(CONTRAST[part]) };
    const message = `The colour is hard to see on its ground: contrast ${values.ratio}, at least ${values.needed} is needed.`;
    say('lowContrast', ['theme', mode, part], message, { values });
  }
}

function checkIds(definition: Definition, say: Say): void {
  const once = (list: readonly { id: string }[], path: Path) => {
    const seen = new Set<string>();
    for (const [at, { id }] of list.entries()) {
      if (seen.has(id)) say('duplicateId', [...path, at, 'id'], `The ID "${id}" is used twice.`);
      seen.add(id);
    }
  };
  // Jumps name questions and endings alike.
  const targets = [...definition.questions, ...definition.endings];
  const seen = new Set<string>();
  for (const [at, { id }] of targets.entries()) {
    const inQuestions = at < definition.questions.length;
    const path = inQuestions ? ['questions', at, 'id'] : ['endings', at - definition.questions.length, 'id'];
    if (id === 'end') say('reservedId', path, 'The ID "end" means the end of the survey.');
    if (seen.has(id)) say('duplicateId', path, `The ID "${id}" is used twice.`);
    seen.add(id);
  }
  once(definition.quotas, ['quotas']);
  for (const [at, question] of definition.questions.entries()) {
    for (const key of ['options', 'rows', 'columns'] as const) {
      const list = optionsAt(question, key);
      if (!list) continue;
      once(list, ['questions', at, key]);
      const other = list.findIndex(({ id }) => id === 'other');
      if (other >= 0 && 'other' in question && question.other)
        say('reservedId', ['questions', at, key, other, 'id'], 'The ID "other" is that of an answer in own words.', {
          question: question.id,
        });
    }
  }
}

const optionsAt = (question: Question, key: 'options' | 'rows' | 'columns'): Option[] | undefined =>
  (question as Partial<Record<typeof key, Option[]>>)[key];

function checkTexts(definition: Definition, say: Say): void {
  const { defaultLanguage } = definition;
  const missing = (texts: Texts | undefined, path: Path, required: boolean, question?: string) => {
    const about = question === undefined ? {} : { question };
    const filled = (language: string) => (texts?.[language] ?? '').trim() !== '';
    if (!filled(defaultLanguage)) {
      const used = required || definition.languages.some(filled);
      if (used)
        say('emptyText', path, 'A text is missing in the default language.', { language: defaultLanguage, ...about });
      return;
    }
    for (const language of definition.languages)
      if (!filled(language))
        say('missingTranslation', path, `A text is missing in "${language}"; it is read in the default language.`, {
          severity: 'warning',
          language,
          ...about,
        });
    for (const [language, text] of Object.entries(texts ?? {}))
      checkPipes(definition, text, [...path, language], say, question);
  };
  const { welcome, questions, endings, words } = definition;
  if (welcome) {
    missing(welcome.title, ['welcome', 'title'], true);
    missing(welcome.description, ['welcome', 'description'], false);
  }
  for (const [at, question] of questions.entries()) {
    const path = ['questions', at];
    missing(question.title, [...path, 'title'], true, question.id);
    for (const key of ['description', 'lowLabel', 'highLabel', 'placeholder'] as const)
      missing((question as Partial<Record<typeof key, Texts>>)[key], [...path, key], false, question.id);
    if (question.kind === 'consent') missing(question.label, [...path, 'label'], true, question.id);
    if ('other' in question && question.other?.label)
      missing(question.other.label, [...path, 'other', 'label'], false, question.id);
    for (const key of ['options', 'rows', 'columns'] as const)
      for (const [n, option] of (optionsAt(question, key) ?? []).entries())
        missing(option.label, [...path, key, n, 'label'], question.kind !== 'picture' || !option.picture, question.id);
  }
  for (const [at, ending] of endings.entries()) {
    missing(ending.title, ['endings', at, 'title'], true);
    missing(ending.description, ['endings', at, 'description'], false);
    if (ending.link) missing(ending.link.label, ['endings', at, 'link', 'label'], true);
  }
  for (const [key, texts] of Object.entries(words)) missing(texts, ['words', key], false);
}

function checkPipes(definition: Definition, text: string, path: Path, say: Say, question?: string): void {
  const here = definition.questions.findIndex(({ id }) => id === question);
  for (const [, of, name = ''] of text.matchAll(/\{\{\s*(answer|trait|field):([^{}|]*)/g)) {
    const key = name.trim();
    const at = definition.questions.findIndex(({ id }) => id === key);
    const known =
      of === 'trait' || (of === 'field' ? definition.fields.includes(key) : at >= 0 && (here < 0 || at < here));
    if (known) continue;
    const message = `"${of}:${key}" is not known here, so nothing is put in its place.`;
    say('pipeUnknown', path, message, {
      severity: 'warning',
      values: { pipe: `${of}:${key}` },
      ...(question ? { question } : {}),
    });
  }
}

function checkQuestion(definition: Definition, question: Question, at: number, say: Say): void {
  const about = { question: question.id };
  const path = ['questions', at];
  for (const key of ['options', 'rows', 'columns'] as const) {
    const list = optionsAt(question, key);
    const enough = key === 'options' && 'other' in question && question.other ? 0 : 1;
    if (list && list.length < enough) say('noOptions', [...path, key], 'There is nothing to choose from.', about);
  }
  const impossible = (key: string) =>
    say('impossibleNumber', [...path, key], 'This number can never be reached, or contradicts another.', about);
  if ((question.kind === 'multiple' || question.kind === 'picture') && question.options.length > 0) {
    const most = question.options.length + (question.kind === 'multiple' && question.other ? 1 : 0);
    if (question.min > most || (question.max !== undefined && question.max < question.min)) impossible('min');
  }
  if ((question.kind === 'shortText' || question.kind === 'longText') && question.min > question.max) impossible('min');
  if (question.kind === 'date' && question.earliest && question.latest && question.earliest > question.latest)
    impossible('latest');
  if (definition.anonymous && question.kind === 'file')
    say('anonymousFile', path, 'A file tells who made it. An anonymous survey cannot ask for one.', about);
  if (definition.anonymous && (question.kind === 'email' || question.kind === 'phone'))
    say('anonymousContact', path, 'Whoever answers this is not anonymous any more.', { severity: 'warning', ...about });
  checkCondition(definition, question.showIf, at, [...path, 'showIf'], say, question.id);
  for (const [n, jump] of question.jumps.entries()) {
    // A jump is taken once the question is answered, so it may look at it.
    checkCondition(definition, jump.when, at + 1, [...path, 'jumps', n, 'when'], say, question.id);
    const to = definition.questions.findIndex(({ id }) => id === jump.to);
    const ends = jump.to === 'end' || definition.endings.some(({ id }) => id === jump.to);
    const where = [...path, 'jumps', n, 'to'];
    if (to < 0 && !ends) say('unknownTarget', where, 'A jump leads to something that is not there.', about);
    if (to >= 0 && to <= at)
      say('jumpBack', where, 'A jump may only lead to a later question; backwards it could go round for ever.', about);
  }
}

/** A condition asked before the question at `before` is shown: only those before it can have been answered. */
function checkCondition(
  definition: Definition,
  condition: Condition | undefined,
  before: number,
  path: Path,
  say: Say,
  question?: string,
): void {
  if (!condition) return;
  const about = question === undefined ? {} : { question };
  for (const test of testsOf(condition)) {
    const { of } = test;
    if ('trait' in of && definition.anonymous)
      say(
        'anonymousTrait',
        path,
        'An anonymous survey cannot ask by traits: what is asked would tell who it is.',
        about,
      );
    if ('field' in of && !definition.fields.includes(of.field))
      say('unknownField', path, `There is no hidden field "${of.field}".`, { values: { field: of.field }, ...about });
    if (!['answered', 'unanswered'].includes(test.test) && test.value === undefined)
      say('valueMissing', path, 'A condition compares with nothing.', about);
    if (!('answer' in of)) continue;
    const at = definition.questions.findIndex(({ id }) => id === of.answer);
    if (at < 0) {
      say('unknownQuestion', path, `A condition looks at a question that is not there ("${of.answer}").`, about);
      continue;
    }
    if (at >= before) say('laterQuestion', path, 'A condition looks at a question that comes later.', about);
    checkValue(definition.questions[at]!, test, path, say, about);
  }
}

function checkValue(asked: Question, test: Test, path: Path, say: Say, about: Partial<Problem>): void {
  const { of } = test;
  if (!('answer' in of)) return;
  if (of.row !== undefined && !(asked.kind === 'matrix' && asked.rows.some(({ id }) => id === of.row)))
    say('unknownOption', path, `A condition looks at a row that is not there ("${of.row}").`, about);
  if (['contains', 'lacks', 'startsWith', 'endsWith'].includes(test.test)) return;
  const ids = asked.kind === 'matrix' ? asked.columns : 'options' in asked ? asked.options : null;
  if (!ids) return;
  for (const value of Array.isArray(test.value) ? test.value : test.value === undefined ? [] : [test.value])
    if (value !== 'other' && !ids.some(({ id }) => id === value))
      say('unknownOption', path, `A condition asks for an option that is not there ("${value}").`, about);
}

/** Questions that no way through the survey comes to: all jumps before them lead past. Conditions are taken as open. */
function checkReach({ questions, endings }: Definition, say: Say): void {
  const reached = new Set<number>([0]);
  for (const [at, question] of questions.entries()) {
    if (!reached.has(at)) {
      say('unreachable', ['questions', at], 'No way leads to this question: the jumps before it all lead past it.', {
        question: question.id,
      });
      continue;
    }
    const always = question.jumps.findIndex(({ when }) => !when);
    for (const { to } of always < 0 ? question.jumps : question.jumps.slice(0, always + 1)) {
      const target = questions.findIndex(({ id }) => id === to);
      if (target > at) reached.add(target);
    }
    // A question that is not shown takes no jump.
    if (always < 0 || question.showIf) reached.add(at + 1);
  }
  const always = endings.findIndex(({ when }) => !when);
  const jumpedTo = new Set(questions.flatMap(({ jumps }) => jumps.map(({ to }) => to)));
  for (const [at, ending] of endings.entries())
    if (always >= 0 && at > always && !ending.when && !jumpedTo.has(ending.id))
      say('neverShown', ['endings', at], 'This ending is never shown: one before it has no condition either.', {
        severity: 'warning',
      });
}
