import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Card } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { Table } from '../../kit/table.tsx';
import { useText } from '../../text.tsx';
import { type CatalogueDetail, catalogue } from './calls.ts';
import { useChange } from './use-change.ts';

/** Who changed the schema when, and the way back. */
export function Versions({ event, mayWrite }: { event: CatalogueDetail; mayWrite: boolean }) {
  const t = useText();
  const back = useChange(event, (version: number) => catalogue.goBack(event, version));
  return (
    <Card title={t('catalogue.history')} flush>
      {back.error ? <Refusal title={t('catalogue.notSaved')} error={back.error} /> : null}
      <Table
        label={t('catalogue.history')}
        rows={event.versions}
        keyOf={(one) => String(one.version)}
        columns={[
          {
            name: t('catalogue.version'),
            cell: (one) => (
              <>
                {t('catalogue.versionNumber', { version: one.version })}{' '}
                {one.version === event.version ? <Tag tone="good">{t('catalogue.counts')}</Tag> : null}
              </>
            ),
          },
          { name: t('catalogue.by'), cell: (one) => one.byName },
          { name: t('catalogue.when'), room: 'medium', cell: (one) => <Time at={one.at} /> },
          {
            name: t('catalogue.properties'),
            number: true,
            room: 'wide',
            cell: (one) => Object.keys((one.schema.properties as object | undefined) ?? {}).length,
          },
          {
            name: t('catalogue.goBack'),
            cell: (one) =>
              mayWrite && one.version !== event.version ? (
                <Button small busy={back.isPending} onClick={() => back.mutate(one.version)}>
                  {t('catalogue.goBack')}
                </Button>
              ) : null,
          },
        ]}
      />
    </Card>
  );
}
