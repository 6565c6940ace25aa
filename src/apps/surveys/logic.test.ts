import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { check } from './checks.ts';
import { CONDITION_LIMITS, type Condition, TESTS } from './condition.ts';
import { DEFINITION_LIMITS, Definition, type DefinitionInput } from './definition.ts';
import {
  type Answers,
  completion,
  directionOf,
  type Facts,
  nextQuestion,
  optionsInOrder,
  pickLanguage,
  previousQuestion,
  say,
  shuffled,
  validateAnswer,
  walk,
} from './logic.ts';
import { QUESTION_LIMITS, Question } from './question.ts';
import { inShare } from './targeting.ts';
import { inLanguage, traitsUsed } from './used.ts';

const RUNS = { numRuns: 50 };
const facts = (answers: Answers = {}, more: Partial<Facts> = {}): Facts => ({
  ...{ answers, traits: {}, fields: {}, language: 'en' },
  ...more,
});
const survey = (input: Partial<DefinitionInput>): Definition => Definition.parse({ name: 'Test', ...input });
const nps = (id: string, more: object = {}) => ({
  id,
  kind: 'nps' as const,
  title: { en: `How likely (${id})?` },
  ...more,
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'constructor'];
const options = [
  { id: 'x', label: { en: 'X' } },
  { id: 'y', label: { en: 'Y' } },
];
const someId = fc.constantFrom(...ids, 'nowhere', 'end', 'ending');
const someCondition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition; leaf: Condition }>((tie) => ({
  leaf: fc.record({
    of: fc.oneof(
      someId.map((answer) => ({ answer })),
      fc.constant({ trait: 'plan' }),
      fc.constant({ field: 'order' }),
      fc.constant({ language: true as const }),
    ),
    test: fc.constantFrom(...TESTS),
    value: fc.oneof(
      fc.constantFrom<string | number>('x', 'y', 'other', 5, 'gold'),
      fc.array(fc.constantFrom('x', 'y'), { maxLength: 3 }),
    ),
  }),
  tree: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('tree'), { maxLength: 3 }).map((any) => ({ any })),
    fc.array(tie('tree'), { maxLength: 3 }).map((none) => ({ none })),
  ),
})).tree;
/** Any definition, also with jumps back, to nowhere and with conditions about what is not there. */
const someSurvey = fc
  .array(
    fc.record({
      kind: fc.constantFrom('nps', 'single', 'multiple', 'shortText', 'statement', 'ranking'),
      required: fc.boolean(),
      showIf: fc.option(someCondition, { nil: undefined }),
      jumps: fc.array(fc.record({ when: fc.option(someCondition, { nil: undefined }), to: someId }), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: ids.length },
  )
  .map((list) =>
    survey({
      questions: list.map((one, at) => ({
        ...{ id: ids[at]!, title: { en: 'Q' }, ...one },
        ...(['single', 'multiple', 'ranking'].includes(one.kind) ? { options } : {}),
      })) as DefinitionInput['questions'],
      endings: [{ id: 'ending', title: { en: 'Bye' } }],
    }),
  );
const someAnswer = fc.oneof(
  fc.integer({ min: -1, max: 12 }),
  fc.constantFrom('', 'text', 'x'),
  fc.subarray(['x', 'y', 'z']).map((list) => ({ options: list })),
  fc.shuffledSubarray(['x', 'y']),
  fc.constant(null),
  fc.jsonValue(),
);
const someAnswers = fc.dictionary(fc.constantFrom(...ids), someAnswer) as fc.Arbitrary<Answers>;

describe('any survey, whatever its definition says,', () => {
  it('comes to its end, forwards and backwards, and goes the way it says at once', () => {
    fc.assert(
      fc.property(someSurvey, someAnswers, (definition, answers) => {
        const way = walk(definition, facts(answers)).questions.map(({ id }) => id);
        const forward: string[] = [];
        for (
          let at = nextQuestion(definition, facts(answers), null);
          at;
          at = nextQuestion(definition, facts(answers), at.id)
        ) {
          assert.ok(forward.length <= definition.questions.length, 'goes on for ever');
          forward.push(at.id);
        }
        assert.deepEqual(forward, way);
        const backward: string[] = [];
        for (
          let at = previousQuestion(definition, facts(answers), null);
          at;
          at = previousQuestion(definition, facts(answers), at.id)
        )
          backward.push(at.id);
        assert.deepEqual(backward.reverse(), way);
      }),
      RUNS,
    );
  });

  it('keeps no answer to a question that is not shown, and no wrong one', () => {
    fc.assert(
      fc.property(someSurvey, someAnswers, (definition, answers) => {
        const { questions, kept } = walk(definition, facts(answers));
        for (const [id, answer] of Object.entries(kept)) {
          const question = questions.find((one) => one.id === id);
          assert.ok(question, `the answer to ${id} is kept, which is not shown`);
          assert.equal(validateAnswer(question, answer), null);
        }
      }),
      RUNS,
    );
  });

  it('is judged alike by who sees all answers at once and by who sends them one after another', () => {
    fc.assert(
      fc.property(someSurvey, someAnswers, (definition, answers) => {
        // The renderer: one question after another, only those shown, only what is right.
        let sent: Answers = {};
        const client: Answers = {};
        for (
          let at = nextQuestion(definition, facts(client), null);
          at;
          at = nextQuestion(definition, facts(client), at.id)
        ) {
          const answer = Object.hasOwn(answers, at.id) ? answers[at.id] : undefined;
          if (answer === undefined || validateAnswer(at, answer)) continue;
          client[at.id] = answer;
          // The server: merges each into what it has kept.
          sent = walk(definition, facts({ ...sent, [at.id]: answer })).kept;
        }
        const together = walk(definition, facts(client));
        assert.deepEqual(sent, together.kept);
        assert.deepEqual(walk(definition, facts(sent)), together);
        assert.equal(completion(definition, facts(sent)).complete, completion(definition, facts(client)).complete);
      }),
      RUNS,
    );
  });
});

describe('a way through a survey', () => {
  const branching = survey({
    fields: ['order'],
    questions: [
      nps('q1', { required: true, jumps: [{ when: { of: { answer: 'q1' }, test: 'atLeast', value: 9 }, to: 'q3' }] }),
      { id: 'q2', kind: 'longText', title: { en: 'What was wrong, {{trait:first_name|friend}}?' } },
      {
        id: 'q3',
        kind: 'shortText',
        title: { en: 'Why {{answer:q1}}?' },
        showIf: { of: { answer: 'q1' }, test: 'answered' },
      },
    ],
    endings: [
      { id: 'sorry', when: { of: { answer: 'q1' }, test: 'atMost', value: 6 }, title: { en: 'Sorry' } },
      { id: 'thanks', title: { en: 'Thanks' } },
    ],
  });

  it('jumps by an answer, drops what it jumps over, and ends as its conditions say', () => {
    const low = walk(branching, facts({ q1: 3, q2: 'Late' }));
    assert.deepEqual(
      low.questions.map(({ id }) => id),
      ['q1', 'q2', 'q3'],
    );
    assert.equal(low.ending?.id, 'sorry');
    const changed = walk(branching, facts({ q1: 10, q2: 'Late' }));
    assert.deepEqual(
      changed.questions.map(({ id }) => id),
      ['q1', 'q3'],
    );
    assert.deepEqual(changed.kept, { q1: 10 });
    assert.equal(changed.ending?.id, 'thanks');
  });

  it('puts answers and traits into texts, with what to say where there is none', () => {
    const [, two, three] = branching.questions;
    assert.equal(say(branching, two!.title, facts()), 'What was wrong, friend?');
    assert.equal(
      say(branching, two!.title, facts({}, { traits: { first_name: '<b>Ada</b>' } })),
      'What was wrong, <b>Ada</b>?',
    );
    assert.equal(say(branching, three!.title, facts({ q1: 7 })), 'Why 7?');
    assert.deepEqual([...traitsUsed(branching)], ['first_name']);
  });

  it('is not complete while something required is missing', () => {
    assert.deepEqual(completion(branching, facts()).wrong, [{ question: 'q1', reason: 'required' }]);
    assert.equal(completion(branching, facts({ q1: 0 })).complete, true);
  });

  it('is read in the language asked for, its base or the default one, and from the right where that is so', () => {
    const many = survey({
      languages: ['en', 'pt-BR', 'ar'],
      questions: [nps('q', { title: { en: 'Hi', ar: 'مرحبا' } })],
    });
    assert.equal(pickLanguage(many, ['pt-PT', 'en']), 'pt-BR');
    assert.equal(pickLanguage(many, ['ja']), 'en');
    assert.equal(directionOf('ar-EG'), 'rtl');
    assert.equal(directionOf('pl'), 'ltr');
    assert.equal(say(many, many.questions[0]!.title, facts({}, { language: 'pt-BR' })), 'Hi');
    assert.deepEqual(inLanguage(many, 'ar').questions[0]!.title, { en: 'Hi', ar: 'مرحبا' });
    assert.deepEqual(inLanguage(many, 'en').questions[0]!.title, { en: 'Hi' });
  });
});

describe('an answer', () => {
  const question = (value: object) => Question.parse({ id: 'q', title: { en: 'Q' }, ...value });
  const cases: [object, unknown, string | null][] = [
    [{ kind: 'nps' }, 10, null],
    [{ kind: 'nps' }, 11, 'range'],
    [{ kind: 'nps' }, 1.5, 'shape'],
    [{ kind: 'rating', scale: 7 }, 0, 'range'],
    [{ kind: 'single', options }, { options: ['x'] }, null],
    [{ kind: 'single', options }, { options: ['x', 'y'] }, 'tooMany'],
    [{ kind: 'single', options }, { options: ['q'] }, 'unknownOption'],
    [{ kind: 'single', options }, { options: [], other: 'mine' }, 'unknownOption'],
    [{ kind: 'single', options, other: {} }, { options: [], other: 'mine' }, null],
    [{ kind: 'multiple', options, min: 2 }, { options: ['x'] }, 'tooFew'],
    [{ kind: 'multiple', options }, { options: ['x', 'x'] }, 'shape'],
    [{ kind: 'ranking', options }, ['y', 'x'], null],
    [{ kind: 'ranking', options }, ['y'], 'tooFew'],
    [{ kind: 'matrix', rows: options, columns: options, required: true }, { x: 'y' }, 'rowsMissing'],
    [{ kind: 'matrix', rows: options, columns: options }, { x: 'z' }, 'unknownOption'],
    [{ kind: 'shortText', max: 3 }, 'long', 'tooLong'],
    [{ kind: 'shortText' }, 'a'.repeat(10_000), 'tooLong'],
    [{ kind: 'email' }, 'ada@example.com', null],
    [{ kind: 'email' }, 'ada@example', 'email'],
    [{ kind: 'phone' }, '+48 600 700 800', null],
    [{ kind: 'phone' }, 'call me', 'phone'],
    [{ kind: 'date' }, '2024-02-29', null],
    [{ kind: 'date' }, '2023-02-29', 'date'],
    [{ kind: 'date', earliest: '2024-01-01' }, '2023-01-01', 'tooEarly'],
    [{ kind: 'consent', label: { en: 'I agree' }, required: true }, false, 'required'],
    [{ kind: 'file' }, [{ id: 'no', name: 'x' }], 'shape'],
    [{ kind: 'statement' }, 'anything', 'shape'],
  ];
  for (const [value, given, reason] of cases)
    it(`of ${JSON.stringify(given).slice(0, 40)} to ${JSON.stringify(value).slice(0, 60)} is ${reason ?? 'taken'}`, () => {
      assert.equal(validateAnswer(question(value), given), reason);
    });
});

describe('options in random order', () => {
  it('come the same for one response, all of them, with the last kept last where asked for', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 }),
        fc.string(),
        (list, seed) => {
          assert.deepEqual(shuffled(list, seed), shuffled(list, seed));
          assert.deepEqual([...shuffled(list, seed)].sort(), [...list].sort());
        },
      ),
      RUNS,
    );
    const many = Array.from({ length: 6 }, (_, n) => ({ id: `o${n}`, label: { en: `O${n}` } }));
    const question = Question.parse({ id: 'q', kind: 'single', title: {}, options: many, order: 'randomButLast' });
    const orders = new Set(
      Array.from({ length: 50 }, (_, n) =>
        optionsInOrder(question, String(n))
          .map(({ id }) => id)
          .join(),
      ),
    );
    assert.ok(orders.size > 20);
    for (const order of orders) assert.ok(order.endsWith('o5'));
  });
});

describe('the share of visitors', () => {
  it('is what it says, grows without leaving anybody out, and is another for another survey', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 100 }), (surveyId, share) => {
        const visitors = Array.from({ length: 4000 }, (_, n) => `visitor-${n}`);
        const asked = visitors.filter((one) => inShare(share, one, surveyId));
        // Five standard deviations: once in two million runs by chance.
        const off = 5 * Math.sqrt(4000 * (share / 100) * (1 - share / 100)) + 1e-9;
        assert.ok(Math.abs(asked.length - 40 * share) <= off, `${asked.length} of 4000 at ${share} %`);
        for (const one of asked) assert.ok(inShare(Math.min(100, share + 1), one, surveyId));
      }),
      { numRuns: 25 },
    );
    const both = Array.from({ length: 4000 }, (_, n) => `v${n}`).filter(
      (one) => inShare(10, one, crypto.randomUUID()) && inShare(10, one, 'another'),
    );
    assert.ok(both.length < 100);
    assert.equal(inShare(0, 'v', 's'), false);
    assert.equal(inShare(100, 'v', 's'), true);
  });
});

describe('a definition', () => {
  it('is refused past its limits', () => {
    const parse = (input: object) => Definition.safeParse({ name: 'Test', ...input }).success;
    const many = (n: number) => Array.from({ length: n }, (_, at) => nps(`q${at}`));
    assert.equal(parse({ questions: many(DEFINITION_LIMITS.questions) }), true);
    assert.equal(parse({ questions: many(DEFINITION_LIMITS.questions + 1) }), false);
    assert.equal(parse({ questions: [nps('q', { title: { en: 'x'.repeat(QUESTION_LIMITS.text + 1) } })] }), false);
    const list = Array.from({ length: QUESTION_LIMITS.options + 1 }, (_, n) => ({ id: `o${n}`, label: {} }));
    assert.equal(parse({ questions: [{ id: 'q', kind: 'single', title: {}, options: list }] }), false);
    const long = Object.fromEntries(['en', 'pl', 'it', 'ru', 'zh'].map((one) => [one, 'x'.repeat(2000)]));
    assert.equal(parse({ questions: many(60).map((one) => ({ ...one, title: long })) }), false);
    let deep: object = { of: { answer: 'q0' }, test: 'answered' };
    for (let n = 0; n <= CONDITION_LIMITS.depth; n += 1) deep = { all: [deep] };
    assert.equal(parse({ questions: [nps('q0'), nps('q1', { showIf: deep })] }), false);
    assert.equal(parse({ embed: ["https://x.example; script-src 'unsafe-inline'"] }), false);
    assert.equal(parse({ theme: { logo: 'javascript:alert(1)' } }), false);
  });

  it('with nothing wrong has no problems, and each mistake is named where it is', () => {
    const good = survey({
      languages: ['en'],
      questions: [nps('q1'), nps('q2')],
      endings: [{ id: 'bye', title: { en: 'Bye' } }],
    });
    assert.deepEqual(check(good), []);
    const codes = (input: Partial<DefinitionInput>) =>
      check(survey({ questions: [nps('q1'), nps('q2'), nps('q3')], ...input })).map(({ code }) => code);
    const asks = (answer: string, value: string | number = 5) => ({ of: { answer }, test: 'is' as const, value });
    assert.deepEqual(codes({ questions: [] }), ['noQuestions']);
    assert.deepEqual(codes({ questions: [nps('q1', { title: {} })] }), ['emptyText']);
    assert.deepEqual(codes({ languages: ['en', 'pl'], questions: [nps('q1')] }), ['missingTranslation']);
    assert.deepEqual(codes({ questions: [nps('q1'), nps('q1')] }), ['duplicateId']);
    assert.deepEqual(codes({ questions: [nps('q1'), nps('q2', { jumps: [{ to: 'q1' }] })] }), ['jumpBack']);
    assert.deepEqual(codes({ questions: [nps('q1', { jumps: [{ to: 'q9' }] }), nps('q2')] }), [
      'unknownTarget',
      'unreachable',
    ]);
    assert.deepEqual(codes({ questions: [nps('q1', { jumps: [{ to: 'q3' }] }), nps('q2'), nps('q3')] }), [
      'unreachable',
    ]);
    assert.deepEqual(codes({ questions: [nps('q1', { showIf: asks('q2') }), nps('q2')] }), ['laterQuestion']);
    assert.deepEqual(codes({ questions: [nps('q1'), nps('q2', { showIf: asks('q9') })] }), ['unknownQuestion']);
    assert.deepEqual(
      codes({
        questions: [
          { id: 'c', kind: 'single', title: { en: 'C' }, options: [{ id: 'x', label: { en: 'X' } }] },
          nps('q2', { showIf: asks('c', 'z') }),
        ],
      }),
      ['unknownOption'],
    );
    assert.deepEqual(codes({ theme: { light: { background: '#ffffff', text: '#dddddd', accent: '#2457d6' } } }), [
      'lowContrast',
    ]);
    assert.deepEqual(
      codes({ anonymous: true, questions: [nps('q1', { showIf: { of: { trait: 'plan' }, test: 'answered' } })] }),
      ['anonymousTrait'],
    );
    assert.deepEqual(codes({ questions: [nps('q1', { title: { en: 'Hi {{field:nope}}' } })] }), ['pipeUnknown']);
  });
});
