import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table } from '../../kit/table.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type CatalogueDetail, catalogue, type Property } from './calls.ts';
import styles from './catalogue.module.css';
import { useChange } from './use-change.ts';

const percent = (share: number) => formatNumber(share, { style: 'percent', maximumFractionDigits: 1 });

/** What the event carries: types, how often it is there, examples, and whether it tells who somebody is. */
export function Properties({ event, mayWrite }: { event: CatalogueDetail; mayWrite: boolean }) {
  const t = useText();
  const url = useUrlState();
  const [all, setAll] = useState(false);
  const open = event.properties.find((property) => property.path === url.get('property'));
  const hidden = event.properties.filter((property) => property.hidden).length;
  const rows = all ? event.properties : event.properties.filter((property) => !property.hidden);
  const columns: Column<Property>[] = [
    {
      name: t('catalogue.property'),
      cell: (row) => (
        <div style={{ minInlineSize: 0 }}>
          <span className={styles.path}>
            <RowLink keepScroll to={`?property=${encodeURIComponent(row.path)}`}>
              {row.path}
            </RowLink>
          </span>
          {row.description ? <div className={styles.sub}>{row.description}</div> : null}
        </div>
      ),
    },
    {
      name: t('catalogue.types'),
      cell: (row) => (
        <span className={styles.name}>
          {row.types.map(({ type, share }) => (
            <Tag key={type}>{share === 1 ? type : `${type} ${percent(share)}`}</Tag>
          ))}
        </span>
      ),
    },
    {
      name: t('catalogue.share'),
      number: true,
      room: 'medium',
      cell: (row) => (row.share === null ? '—' : percent(row.share)),
    },
    {
      name: t('catalogue.examples'),
      room: 'wide',
      long: true,
      cell: (row) =>
        row.personal ? (
          <Tag tone="accent" icon={<IconLock size={12} aria-hidden />}>
            {t('catalogue.personal')}
          </Tag>
        ) : (
          <span className={styles.examples}>{row.examples.slice(0, 3).join(', ')}</span>
        ),
    },
  ];
  return (
    <Card
      title={event.type === 'identify' || event.type === 'group' ? t('catalogue.traits') : t('catalogue.properties')}
      flush
      action={
        hidden > 0 ? (
          <Switch label={t('catalogue.hiddenToo', { count: hidden })} checked={all} onChange={setAll} />
        ) : undefined
      }
      {...(event.others > 0 ? { hint: t('catalogue.otherValues', { count: event.others }) } : {})}
    >
      {rows.length > 0 ? (
        <Table
          label={t('catalogue.properties')}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.path}
          isOpen={(row) => row.path === open?.path}
          clickable
        />
      ) : (
        <NothingHere title={t('catalogue.noProperties')} />
      )}
      {open ? (
        <PropertyPanel
          key={open.path}
          event={event}
          property={open}
          mayWrite={mayWrite}
          onClose={() => url.set({ property: null })}
        />
      ) : null}
    </Card>
  );
}

function PropertyPanel({
  event,
  property,
  mayWrite,
  onClose,
}: {
  event: CatalogueDetail;
  property: Property;
  mayWrite: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const [description, setDescription] = useState(property.description);
  const [hidden, setHidden] = useState(property.hidden);
  const [personal, setPersonal] = useState(property.personalBy === 'name' ? '' : String(property.personal));
  const save = useChange(event, () =>
    catalogue.changeProperty(event, property.path, {
      description,
      hidden,
      personal: personal === '' ? null : personal === 'true',
    }),
  );
  return (
    <SidePanel
      title={property.path}
      onClose={onClose}
      foot={
        mayWrite ? (
          <Button look="main" busy={save.isPending} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>
            {t('catalogue.save')}
          </Button>
        ) : null
      }
    >
      <Stack gap={16}>
        {save.error ? <Refusal title={t('catalogue.notSaved')} error={save.error} /> : null}
        <Pairs
          rows={[
            [t('catalogue.firstSeen'), <Time key="first" at={property.firstSeenAt} />],
            [t('catalogue.lastSeen'), <Time key="last" at={property.lastSeenAt} />],
            [t('catalogue.types'), property.types.map(({ type, share }) => `${type} ${percent(share)}`).join(', ')],
            [t('catalogue.examples'), property.examples.join(', ') || '—'],
          ]}
        />
        {mayWrite ? (
          <>
            <TextField label={t('catalogue.description')} value={description} onChange={setDescription} />
            <SelectField
              label={t('catalogue.personal')}
              value={personal}
              onChange={setPersonal}
              choices={[
                { value: '', label: t('catalogue.personalByName') },
                { value: 'true', label: t('catalogue.personalYes') },
                { value: 'false', label: t('catalogue.personalNo') },
              ]}
            />
            <p style={{ margin: 0, color: 'var(--ink-dim)' }}>{t('catalogue.personalHint')}</p>
            <Switch label={t('catalogue.hide')} checked={hidden} onChange={setHidden} />
          </>
        ) : null}
      </Stack>
    </SidePanel>
  );
}
