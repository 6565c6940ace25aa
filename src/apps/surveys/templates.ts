import type { Condition } from './condition.ts';
import { Definition, type DefinitionInput } from './definition.ts';
import { SAID } from './template-texts.ts';

type QuestionInput = NonNullable<DefinitionInput['questions']>[number];
type Key = keyof typeof SAID;

export const TEMPLATE_LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh'];

const said = (key: Key): Record<string, string> => ({ ...SAID[key] });
const options = (...of: [id: string, key: Key][]) => of.map(([id, key]) => ({ id, label: said(key) }));
const yesNo = options(['yes', 'yes'], ['no', 'no']);
const between = (question: string, low: number, high: number): Condition => ({
  of: { answer: question },
  test: 'between',
  value: [low, high],
});
const is = (question: string, option: string): Condition => ({ of: { answer: question }, test: 'is', value: option });
const longText = (id: string, title: Key, showIf?: Condition): QuestionInput => ({
  id,
  kind: 'longText',
  title: said(title),
  ...(showIf ? { showIf } : {}),
});
const likely = { lowLabel: said('unlikely'), highLabel: said('likely') };
const agreement = options(
  ['no', 'disagree'],
  ['ratherNo', 'partlyDisagree'],
  ['ratherYes', 'partlyAgree'],
  ['yes', 'agree'],
);

interface Template extends Omit<DefinitionInput, 'name' | 'languages' | 'defaultLanguage' | 'endings'> {
  thanks?: Key;
}

/**
 * What to begin with, by what one wants to know: questions in five languages with their logic, and when to ask. Names and
 * what each is for are the console's messages `surveys.template.<key>`.
 */
const TEMPLATES = {
  nps: {
    touchpoint: 'Purchase',
    questions: [
      { id: 'score', kind: 'nps', title: said('npsAsk'), required: true, ...likely },
      longText('low', 'npsLow', between('score', 0, 6)),
      longText('middle', 'npsMiddle', between('score', 7, 8)),
      longText('high', 'npsHigh', between('score', 9, 10)),
      { id: 'mayWrite', kind: 'single', title: said('mayWrite'), options: yesNo, showIf: between('score', 0, 6) },
    ],
    popover: { event: { name: 'Order Completed' }, delaySeconds: 3 },
    repeat: { kind: 'every', days: 90 },
  },
  csat: {
    touchpoint: 'Service',
    questions: [
      {
        id: 'score',
        kind: 'csat',
        title: said('csatAsk'),
        required: true,
        lowLabel: said('dissatisfied'),
        highLabel: said('satisfied'),
      },
      {
        id: 'solved',
        kind: 'single',
        title: said('csatSolved'),
        options: options(['yes', 'yes'], ['partly', 'partly'], ['no', 'no']),
      },
      {
        id: 'why',
        kind: 'multiple',
        title: said('csatWhy'),
        order: 'random',
        options: options(
          ['speed', 'csatSpeed'],
          ['friendly', 'csatFriendly'],
          ['knowledge', 'csatKnowledge'],
          ['result', 'csatResult'],
          ['repeat', 'csatRepeat'],
        ),
        other: { label: said('other') },
      },
      longText('more', 'anythingElse'),
    ],
    repeat: { kind: 'every', days: 30 },
  },
  ces: {
    touchpoint: 'Self-service',
    questions: [
      {
        id: 'score',
        kind: 'ces',
        title: said('cesAsk'),
        required: true,
        lowLabel: said('disagree'),
        highLabel: said('agree'),
      },
      longText('hard', 'cesHard', { of: { answer: 'score' }, test: 'atMost', value: 4 }),
    ],
    repeat: { kind: 'every', days: 60 },
  },
  product: {
    touchpoint: 'Product',
    questions: [
      { id: 'stars', kind: 'rating', title: said('productStars'), required: true },
      {
        id: 'parts',
        kind: 'matrix',
        title: said('productParts'),
        order: 'random',
        rows: options(
          ['ease', 'productEase'],
          ['reliable', 'productReliable'],
          ['value', 'productValue'],
          ['support', 'productSupport'],
        ),
        columns: options(['poor', 'poor'], ['fair', 'fair'], ['good', 'good'], ['excellent', 'excellent']),
      },
      {
        id: 'first',
        kind: 'ranking',
        title: said('productFirst'),
        order: 'random',
        options: options(
          ['ease', 'productEase'],
          ['speed', 'productSpeed'],
          ['features', 'productFeatures'],
          ['reliable', 'productReliable'],
          ['help', 'productHelp'],
        ),
      },
      longText('one', 'productOne'),
    ],
    popover: { delaySeconds: 20, share: 20 },
  },
  churn: {
    touchpoint: 'Cancellation',
    thanks: 'churnThanks',
    questions: [
      {
        id: 'why',
        kind: 'single',
        title: said('churnWhy'),
        required: true,
        order: 'random',
        options: options(
          ['price', 'churnPrice'],
          ['missing', 'churnMissing'],
          ['hard', 'churnHard'],
          ['support', 'churnSupport'],
          ['moved', 'churnMoved'],
          ['over', 'churnOver'],
        ),
        other: { label: said('other') },
        jumps: [{ when: is('why', 'over'), to: 'end' }],
      },
      longText('whatMissing', 'churnWhatMissing', is('why', 'missing')),
      { id: 'where', kind: 'shortText', title: said('churnWhere'), showIf: is('why', 'moved') },
      longText('back', 'churnBack'),
    ],
  },
  fit: {
    touchpoint: 'Product',
    questions: [
      {
        id: 'feel',
        kind: 'single',
        title: said('fitFeel'),
        required: true,
        options: options(['very', 'fitVery'], ['some', 'fitSome'], ['not', 'fitNot']),
      },
      longText('benefit', 'fitBenefit', {
        of: { answer: 'feel' },
        test: 'includesAny',
        value: ['very', 'some'],
      }),
      longText('who', 'fitWho', is('feel', 'very')),
      longText('better', 'fitBetter'),
    ],
    popover: { delaySeconds: 30, share: 50 },
  },
  enps: {
    touchpoint: 'Work',
    anonymous: true,
    groupSize: 5,
    welcome: { title: said('enpsWelcome') },
    questions: [
      { id: 'score', kind: 'nps', title: said('enpsAsk'), required: true, ...likely },
      {
        id: 'parts',
        kind: 'matrix',
        title: said('enpsParts'),
        order: 'random',
        rows: options(['expected', 'enpsExpected'], ['tools', 'enpsTools'], ['seen', 'enpsSeen'], ['open', 'enpsOpen']),
        columns: agreement,
      },
      longText('better', 'enpsBetter'),
    ],
  },
} satisfies Record<string, Template>;

export type TemplateKey = keyof typeof TEMPLATES;
export const TEMPLATE_KEYS = Object.keys(TEMPLATES) as TemplateKey[];

/** A survey made of a template, in all its languages; `language` is the one that others fall back to. */
export function fromTemplate(key: TemplateKey, name: string, language = 'en'): Definition {
  const { thanks = 'thanks', ...rest }: Template = TEMPLATES[key];
  return Definition.parse({
    ...rest,
    name,
    languages: TEMPLATE_LANGUAGES,
    defaultLanguage: TEMPLATE_LANGUAGES.includes(language) ? language : 'en',
    endings: [{ id: 'thanks', title: said(thanks) }],
  } satisfies DefinitionInput);
}
