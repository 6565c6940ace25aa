import { lazy, type ReactNode, Suspense } from 'react';
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

const PeoplePanelLate = lazy(() =>
  import('./people-panel-late.tsx').then((part) => ({ default: part.PeoplePanelLate })),
);

/** The people behind a part of a report. `part` is of the report's kind, as its server side has it. */
export function PeoplePanel(props: PeoplePanelProps) {
  return (
    <Suspense fallback={null}>
      <PeoplePanelLate {...props} />
    </Suspense>
  );
}
