import { LinkButton } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { homeOf, nameOfKind } from '../reports/saved/home-of.ts';
import type { ShownReportTile } from './draft.ts';
import styles from './grid.module.css';

/** What a report is that is not drawn on dashboards, and the way to where it is looked at. */
export function Elsewhere({ report, saved }: { report: NonNullable<ShownReportTile['report']>; saved: string | null }) {
  const t = useText();
  const home = homeOf(report, saved);
  return (
    <Stack gap={10}>
      <div className={styles.trouble}>
        <b>{nameOfKind(report.kind, t)}</b>
        {t(home ? 'saved.ownPageText' : 'dashboards.noPicture')}
      </div>
      {home ? (
        <div>
          <LinkButton small to={home}>
            {t('saved.ownPage')}
          </LinkButton>
        </div>
      ) : null}
    </Stack>
  );
}
