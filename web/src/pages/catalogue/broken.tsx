import { Link } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Tag, Time } from '../../kit/data.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Table } from '../../kit/table.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { Bars, byDay } from './bars.tsx';
import type { CatalogueDetail } from './calls.ts';
import styles from './catalogue.module.css';

type Line = CatalogueDetail['broken'][number];

/** Where the event broke the plan in the last 30 days. */
export function Broken({ event }: { event: CatalogueDetail }) {
  const t = useText();
  const { nameOf } = useSources();
  const lines = new Map<string, Line>();
  for (const one of event.broken) {
    const key = `${one.rule} ${one.property} ${one.sourceId}`;
    const known = lines.get(key);
    lines.set(key, known ? { ...known, count: known.count + one.count } : one);
  }
  return (
    <Card title={t('catalogue.broken')} hint={t('catalogue.brokenHint')}>
      <Stack gap={16}>
        <Bars bad label={t('catalogue.broken')} days={byDay(30, event.broken)} />
        <Table
          label={t('catalogue.broken')}
          rows={[...lines.values()].sort((a, b) => b.count - a.count)}
          keyOf={(line) => `${line.rule} ${line.property} ${line.sourceId}`}
          columns={[
            {
              name: t('catalogue.ruleBroken'),
              cell: (line) => <Tag tone="warn">{t(`catalogue.rule.${line.rule}`)}</Tag>,
            },
            {
              name: t('catalogue.property'),
              cell: (line) => <span className={styles.path}>{line.property || '—'}</span>,
            },
            { name: t('catalogue.source'), room: 'wide', cell: (line) => nameOf(line.sourceId) },
            { name: t('catalogue.times'), number: true, cell: (line) => formatNumber(line.count) },
            { name: t('catalogue.lastSeen'), room: 'medium', cell: (line) => <Time at={line.lastAt} /> },
            {
              name: t('catalogue.exampleId'),
              room: 'wide',
              cell: (line) => <span className={styles.examples}>{line.messageId}</span>,
            },
          ]}
        />
        <div>
          <Link to={`/quarantine?event=${encodeURIComponent(event.name)}&step=plan`}>
            {t('catalogue.inQuarantine')}
          </Link>
        </div>
      </Stack>
    </Card>
  );
}
