import { Link } from 'react-router';
import { useText } from '../../text.tsx';
import { KindPicture } from './kind-picture.tsx';
import { NoEvents } from './no-events.tsx';
import { useEvents } from './parts/choices.ts';
import { isKind, KINDS } from './report.ts';
import styles from './reports.module.css';
import { type SavedReportSummary, savedReports } from './saved/calls.ts';
import { SavedList } from './saved/saved-list.tsx';

/** What can be asked of all that happens, one card a kind of report. */
export function ReportsPage() {
  const t = useText();
  const events = useEvents();
  const nothing = events.isLoaded && events.items.length === 0;
  return (
    <SavedList<SavedReportSummary>
      list="reports"
      title={t('reports.title')}
      purpose={t('reports.purpose')}
      calls={savedReports}
      to={(row) => `/reports/${row.id}`}
      columns={[
        {
          id: 'kind',
          name: t('saved.kind'),
          room: 'medium',
          cell: (row) => (isKind(row.about.kind) ? t(`reports.kind.${row.about.kind}`) : row.about.kind),
        },
      ]}
      empty={null}
    >
      {nothing ? <NoEvents /> : <Kinds />}
    </SavedList>
  );
}

function Kinds() {
  const t = useText();
  return (
    <section aria-label={t('reports.newTitle')}>
      <h2 className={styles.heading}>{t('reports.newTitle')}</h2>
      <ul className={styles.kinds}>
        {KINDS.map((kind) => (
          <li key={kind} className={styles.kind}>
            <KindPicture kind={kind} />
            <h3>
              <Link to={`/reports/new/${kind}`} className={styles.kindLink}>
                {t(`reports.kind.${kind}`)}
              </Link>
            </h3>
            <p>{t(`reports.kindHint.${kind}`)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
