import {
  IconAlignLeft,
  IconArrowsSort,
  IconAt,
  IconCalendar,
  IconCheckbox,
  IconCircleDot,
  IconGauge,
  IconGridDots,
  IconInfoSquareRounded,
  IconLetterT,
  IconMoodSmile,
  IconPaperclip,
  IconPhone,
  IconPhoto,
  IconRoad,
  IconShieldCheck,
  IconStar,
  type TablerIcon,
} from '@tabler/icons-react';
import type { QuestionKind } from './draft.ts';

const ICONS: Record<QuestionKind, TablerIcon> = {
  nps: IconGauge,
  csat: IconMoodSmile,
  ces: IconRoad,
  rating: IconStar,
  single: IconCircleDot,
  multiple: IconCheckbox,
  picture: IconPhoto,
  ranking: IconArrowsSort,
  matrix: IconGridDots,
  shortText: IconLetterT,
  longText: IconAlignLeft,
  email: IconAt,
  phone: IconPhone,
  date: IconCalendar,
  consent: IconShieldCheck,
  file: IconPaperclip,
  statement: IconInfoSquareRounded,
};

/** The kinds of questions by what they are for, in the order in which they are offered. */
export const KIND_GROUPS = {
  scores: ['nps', 'csat', 'ces', 'rating'],
  choices: ['single', 'multiple', 'picture', 'ranking', 'matrix'],
  words: ['shortText', 'longText', 'email', 'phone', 'date'],
  others: ['consent', 'file', 'statement'],
} as const satisfies Record<string, readonly QuestionKind[]>;

export function KindIcon({ kind, size = 16 }: { kind: QuestionKind; size?: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} stroke={1.7} aria-hidden />;
}
