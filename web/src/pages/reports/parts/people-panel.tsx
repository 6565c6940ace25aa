import type { ReactNode } from 'react';
import { late } from '../../../kit/late.tsx';
import type { AnyReport } from '../calls.ts';

export interface PeoplePanelProps {
  report: AnyReport;
  part: unknown;
  title: ReactNode;
  sub?: ReactNode;
  onClose: () => void;
  /** What "Copy link" copies; the address of the page unless told. */
  link?: string;
}

/** The people behind a part of a report. `part` is of the report's kind, as its server side has it. */
export const PeoplePanel = late<PeoplePanelProps>(() =>
  import('./people-panel-late.tsx').then((part) => part.PeoplePanelLate),
);
