import type { DefinitionInput } from '../src/apps/surveys/definition.ts';

/** What a customer might be called, or write, to break a page. */
export const HOSTILE = '<img src=x onerror="window.hacked=1"><b>Bobby</b> {{trait:plan}}';

/** Every kind of question once, with what the keyboard answers and what then must stand in the store. */
export const everyKind: DefinitionInput = {
  name: 'Every kind',
  languages: ['en'],
  welcome: { title: { en: 'How was it?' }, description: { en: 'It takes two minutes, and helps the next guest.' } },
  questions: [
    {
      id: 'nps',
      kind: 'nps',
      required: true,
      title: { en: 'How likely are you to recommend Brightcart to a friend?' },
    },
    {
      id: 'why',
      kind: 'longText',
      title: { en: 'You gave a {{answer:nps}}. What is the reason?' },
      showIf: { of: { answer: 'nps' }, test: 'atMost', value: 9 },
      placeholder: { en: 'In your own words' },
    },
    { id: 'csat', kind: 'csat', required: true, title: { en: 'How satisfied are you with your last order?' } },
    { id: 'ces', kind: 'ces', required: true, title: { en: 'How easy was it to find what you were looking for?' } },
    { id: 'stars', kind: 'rating', required: true, title: { en: 'How do you like the packaging?' } },
    {
      id: 'one',
      kind: 'single',
      required: true,
      title: { en: 'How did you first hear of us?' },
      options: [
        { id: 'friend', label: { en: 'From a friend' } },
        { id: 'search', label: { en: 'By searching the web' } },
        { id: 'advert', label: { en: 'In an advertisement' } },
      ],
      other: {},
    },
    {
      id: 'many',
      kind: 'multiple',
      required: true,
      max: 2,
      title: { en: 'What matters most to you in a shop?' },
      options: [
        { id: 'price', label: { en: 'Fair prices' } },
        { id: 'speed', label: { en: 'Quick delivery' } },
        { id: 'choice', label: { en: 'A wide choice' } },
        { id: 'advice', label: { en: 'Good advice' } },
      ],
    },
    {
      id: 'rank',
      kind: 'ranking',
      required: true,
      title: { en: 'Put these in the order in which we should improve them' },
      options: [
        { id: 'app', label: { en: 'The app' } },
        { id: 'store', label: { en: 'The stores' } },
        { id: 'help', label: { en: 'The help desk' } },
      ],
    },
    {
      id: 'grid',
      kind: 'matrix',
      required: true,
      title: { en: 'How content were you with each step?' },
      rows: [
        { id: 'order', label: { en: 'Placing the order' } },
        { id: 'pay', label: { en: 'Paying' } },
        { id: 'deliver', label: { en: 'Delivery' } },
      ],
      columns: [
        { id: 'not', label: { en: 'Not at all' } },
        { id: 'so', label: { en: 'Somewhat' } },
        { id: 'very', label: { en: 'Very' } },
      ],
    },
    { id: 'word', kind: 'shortText', required: true, title: { en: 'Describe us in one word' } },
    { id: 'mail', kind: 'email', required: true, title: { en: 'Where may we write to you?' } },
    { id: 'phone', kind: 'phone', required: true, title: { en: 'And where may we call?' } },
    {
      id: 'day',
      kind: 'date',
      required: true,
      title: { en: 'When did you visit us?' },
      earliest: '2020-01-01',
      latest: '2030-12-31',
    },
    {
      id: 'look',
      kind: 'picture',
      required: true,
      title: { en: 'Which of these would you hang on your wall?' },
      options: [
        { id: 'sea', label: { en: 'The sea' } },
        { id: 'wood', label: { en: 'A wood' } },
        { id: 'town', label: { en: 'A town' } },
      ],
    },
    { id: 'proof', kind: 'file', required: true, title: { en: 'Show us what went wrong' }, accept: ['image', 'text'] },
    {
      id: 'agree',
      kind: 'consent',
      required: true,
      title: { en: 'May we use your words?' },
      label: { en: 'You may quote me without my name.' },
      link: 'https://example.com/privacy',
    },
    { id: 'bye', kind: 'statement', title: { en: 'That was all.' }, description: { en: 'Press “Send” to finish.' } },
  ],
  endings: [
    { id: 'thanks', title: { en: 'Thank you!' }, description: { en: 'Your answers help us to become better.' } },
  ],
  popover: {},
};

const spoken = {
  en: ['How likely are you to recommend us?', 'What could we do better?', 'Thank you!'],
  pl: ['Jak bardzo prawdopodobne jest, że nas polecisz?', 'Co możemy poprawić?', 'Dziękujemy!'],
  it: ['Quanto è probabile che ci consigli?', 'Che cosa potremmo migliorare?', 'Grazie!'],
  ru: ['Насколько вероятно, что вы нас порекомендуете?', 'Что мы могли бы улучшить?', 'Спасибо!'],
  zh: ['您有多大可能推荐我们？', '我们可以改进什么？', '谢谢！'],
  ar: ['ما مدى احتمال أن توصي بنا؟', 'ماذا يمكننا أن نحسّن؟', 'شكرًا لك!'],
  he: ['מה הסיכוי שתמליצו עלינו?', 'מה נוכל לשפר?', 'תודה!'],
};
export const LANGUAGES = Object.keys(spoken) as (keyof typeof spoken)[];
const inAll = (at: number) => Object.fromEntries(LANGUAGES.map((language) => [language, spoken[language][at]!]));
export const titleIn = (language: keyof typeof spoken, at: number) => spoken[language][at]!;

/** A score and a word, in seven languages, two of them from right to left. */
export const short: DefinitionInput = {
  name: 'Short',
  languages: LANGUAGES,
  questions: [
    { id: 'nps', kind: 'nps', required: true, title: inAll(0) },
    { id: 'why', kind: 'longText', title: inAll(1), max: 100 },
  ],
  endings: [{ id: 'thanks', title: inAll(2) }],
  popover: {},
};
