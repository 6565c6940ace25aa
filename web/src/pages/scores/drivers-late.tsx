import { late } from '../../kit/late.tsx';
import type { ScoreReport } from '../reports/report.ts';

/** What goes with a score; comes after the score itself. */
export const Drivers = late<{ report: ScoreReport }>(() => import('./drivers.tsx').then((part) => part.Drivers));
