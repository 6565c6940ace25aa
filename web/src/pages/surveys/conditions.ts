import type { Condition, Definition, Question, Test, TestName } from './draft.ts';

/** How the value of a test is entered. */
export type Entry = 'none' | 'number' | 'range' | 'one' | 'several' | 'text' | 'date';

const ANSWERED = ['answered', 'unanswered'] as const;
const TESTS_OF: Record<Question['kind'] | 'matrixRow' | 'loose' | 'language', readonly TestName[]> = {
  nps: ['between', 'atMost', 'atLeast', 'is', 'isNot', ...ANSWERED],
  csat: ['between', 'atMost', 'atLeast', 'is', 'isNot', ...ANSWERED],
  ces: ['between', 'atMost', 'atLeast', 'is', 'isNot', ...ANSWERED],
  rating: ['between', 'atMost', 'atLeast', 'is', 'isNot', ...ANSWERED],
  single: ['oneOf', 'noneOf', ...ANSWERED],
  multiple: ['includesAny', 'includesAll', 'noneOf', ...ANSWERED],
  picture: ['includesAny', 'includesAll', 'noneOf', ...ANSWERED],
  ranking: ['is', 'isNot', ...ANSWERED],
  matrix: ANSWERED,
  matrixRow: ['oneOf', 'noneOf', ...ANSWERED],
  shortText: ['contains', 'lacks', 'is', ...ANSWERED],
  longText: ['contains', 'lacks', ...ANSWERED],
  email: ['contains', 'lacks', 'endsWith', ...ANSWERED],
  phone: ['startsWith', ...ANSWERED],
  date: ['less', 'atMost', 'atLeast', 'more', ...ANSWERED],
  consent: ANSWERED,
  file: ANSWERED,
  statement: ANSWERED,
  loose: ['is', 'isNot', 'contains', 'lacks', 'atLeast', 'atMost', ...ANSWERED],
  language: ['oneOf', 'noneOf'],
};

export function questionOf(definition: Definition, test: Test): Question | undefined {
  const { of } = test;
  return 'answer' in of ? definition.questions.find((one) => one.id === of.answer) : undefined;
}

/** The kind of what a test looks at, and with it which tests there are. */
function shapeOf(definition: Definition, of: Test['of']): keyof typeof TESTS_OF {
  if ('language' in of) return 'language';
  if (!('answer' in of)) return 'loose';
  if (of.row) return 'matrixRow';
  return definition.questions.find((one) => one.id === of.answer)?.kind ?? 'loose';
}

export function testsFor(definition: Definition, test: Test): readonly TestName[] {
  const found = TESTS_OF[shapeOf(definition, test.of)];
  return found.includes(test.test) ? found : [...found, test.test];
}

export function entryOf(definition: Definition, { of, test }: Test): Entry {
  if (test === 'answered' || test === 'unanswered') return 'none';
  const shape = shapeOf(definition, of);
  if (shape === 'date') return 'date';
  if (test === 'between') return 'range';
  if (['nps', 'csat', 'ces', 'rating'].includes(shape)) return 'number';
  if (shape === 'ranking') return 'one';
  if (['single', 'multiple', 'picture', 'matrixRow', 'language'].includes(shape))
    return test === 'is' || test === 'isNot' || test === 'includes' || test === 'excludes' ? 'one' : 'several';
  return 'text';
}

/** A test as it begins when its source or its sort is chosen. */
export function begun(definition: Definition, of: Test['of'], wanted?: TestName): Test {
  const shape = shapeOf(definition, of);
  const test = wanted ?? TESTS_OF[shape][0]!;
  const question = 'answer' in of ? definition.questions.find((one) => one.id === of.answer) : undefined;
  const entry = entryOf(definition, { of, test });
  if (entry === 'none') return { of, test };
  if (entry === 'range') return { of, test, value: question?.kind === 'nps' ? [0, 6] : [1, 2] };
  if (entry === 'number') return { of, test, value: question?.kind === 'nps' ? 6 : 3 };
  if (entry === 'several') return { of, test, value: [] };
  return { of, test, value: '' };
}

export type Join = 'all' | 'any' | 'none';
export interface Group {
  join: Join;
  items: Condition[];
}

export const toGroup = (condition: Condition | undefined): Group => {
  if (!condition) return { join: 'all', items: [] };
  if ('test' in condition) return { join: 'all', items: [condition] };
  const [join, items] = Object.entries(condition)[0] as [Join, Condition[]];
  return { join, items };
};

/** A group of one that must hold is that one; of none, no condition. */
export function fromGroup({ join, items }: Group): Condition | undefined {
  if (items.length === 0) return undefined;
  const [only] = items;
  if (items.length === 1 && only && join !== 'none') return only;
  return { [join]: items } as Condition;
}
