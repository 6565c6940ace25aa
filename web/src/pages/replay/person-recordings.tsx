import { late } from '../../kit/late.tsx';
import { useMay } from '../../session.tsx';

const Late = late<{ personId: string }>(() =>
  import('./person-recordings-late.tsx').then((part) => part.PersonRecordings),
);
const WatchLate = late<WatchProps>(() => import('./watch-link-late.tsx').then((part) => part.WatchLink));

export interface WatchProps {
  personId: string;
  /** ISO 8601. */
  at: string;
  /** The start of the session that is meant as a whole, where one is. */
  session?: string | null;
}

export function PersonRecordings({ personId }: { personId: string }) {
  return useMay('replay.read') ? <Late personId={personId} /> : null;
}

/** A link to the moment in its recording, where there is one. */
export function WatchLink(props: WatchProps) {
  return useMay('replay.read') ? <WatchLate {...props} /> : null;
}
