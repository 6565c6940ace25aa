import { openVisit } from '../replay/visit.ts';
import type { Throughline } from '../types.ts';

/** What the part `replay` loads where a visit may be recorded; the others need not carry it. */
(window as never as { throughline: Throughline }).throughline.register!('recorder', () => openVisit);
