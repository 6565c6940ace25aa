import { useText } from '../../../text.tsx';
import type { DrawnReport } from '../report.ts';
import { useShown } from '../results/result-of.ts';
import { useFields } from './choices.ts';
import { PeoplePanel } from './people-panel.tsx';

interface Props {
  report: DrawnReport;
  part: object;
  onClose: () => void;
  /** What "Copy link" copies; the address of the page unless told. */
  link?: string;
}

/** The people behind a part of a report, under the words for that part. */
export function PeopleBehind({ report, part, ...rest }: Props) {
  const t = useText();
  const { choices } = useFields([]);
  const shown = useShown(report.kind);
  if (!shown) return null;
  const words = shown.part(report, part, { t, choices });
  return <PeoplePanel report={report} part={part} title={<bdi>{words.title}</bdi>} sub={words.sub} {...rest} />;
}
