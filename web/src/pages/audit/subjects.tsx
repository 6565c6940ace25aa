import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { staffCalls } from '../staff/calls.ts';
import { useRoles } from '../staff/roles-query.ts';
import styles from './audit.module.css';
import { thingOf } from './words.ts';

const ID_SHOWN = 16;
const short = (id: string) => (id.length > ID_SHOWN ? `${id.slice(0, 8)}…` : id);

/** Names of things that the log keeps by ID; an ID where there is no name any more, or the visitor may not see it. */
function useThingNames(): (kind: string, id: string) => string {
  const maySeeStaff = useMay('staff.read');
  const members = useQuery({
    queryKey: ['staff', 'names'],
    queryFn: () => staffCalls.members({}, null),
    enabled: maySeeStaff,
    staleTime: 60_000,
  });
  const { nameOf: roleName, roles } = useRoles();
  const { nameOf: sourceName } = useSources();
  return (kind, id) => {
    if (kind === 'staff') return members.data?.items.find((one) => one.id === id)?.name ?? short(id);
    if (kind === 'roles') return roles.some((one) => one.id === id) ? roleName(id) : short(id);
    if (kind === 'sources') return sourceName(id);
    return `#${id}`;
  };
}

/** What an entry is about, each with a link to where it is shown; the first few, and how many more. */
export function Subjects({ of, most }: { of: readonly string[]; most?: number }) {
  const t = useText();
  const nameOf = useThingNames();
  const shown = most === undefined ? of : of.slice(0, most);
  return (
    <span className={styles.subjects}>
      {shown.map((subject) => {
        const { word, id, kind, to } = thingOf(subject);
        const text = word ? `${t(word)} ${nameOf(kind, id)}` : `${kind} ${short(id)}`;
        return to ? (
          <Link key={subject} to={to} className={styles.subject}>
            <bdi>{text}</bdi>
          </Link>
        ) : (
          <span key={subject} className={styles.subject}>
            <bdi>{text}</bdi>
          </span>
        );
      })}
      {of.length > shown.length ? (
        <span className={styles.dim}>{t('audit.more', { count: of.length - shown.length })}</span>
      ) : null}
    </span>
  );
}
