import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { SearchField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls } from './calls.ts';
import styles from './notebooks.module.css';
import type { Insert } from './sql-editor.tsx';

/** Tables, columns and properties; a click puts the name where the caret stood last. */
export function SchemaBrowser({ insert }: { insert: Insert | null }) {
  const t = useText();
  const [find, setFind] = useState('');
  const schema = useQuery({ queryKey: ['sql-schema'], queryFn: calls.schema, staleTime: 60_000 });
  const has = (name: string) => name.toLowerCase().includes(find.trim().toLowerCase());
  const name = (text: string, title: string, note: string, put = text) => (
    <li key={text}>
      <button type="button" className={styles.column} title={title} onClick={() => insert?.(put)}>
        <span>{text}</span>
        <span className={styles.type}>{note}</span>
      </button>
    </li>
  );
  const properties = (schema.data?.properties ?? []).filter((one) => has(one.name));
  return (
    <Card title={t('notebooks.schema')} hint={t('notebooks.schemaHint')}>
      <Stack gap={8}>
        <Row>
          <SearchField
            label={t('notebooks.findColumn')}
            placeholder={t('notebooks.findColumn')}
            value={find}
            onChange={setFind}
            width={220}
          />
        </Row>
        {schema.error ? (
          <Refusal title={t('notebooks.schemaFailed')} error={schema.error} onRetry={() => schema.refetch()} />
        ) : null}
        {schema.isPending ? (
          <Loading>
            <Skeleton height={180} />
          </Loading>
        ) : null}
        {(schema.data?.tables ?? []).map((table) => {
          const columns = table.columns.filter((column) => has(column.name) || has(table.name));
          if (columns.length === 0) return null;
          return (
            <details key={table.name} open={table.name === 'events' || find !== ''} className={styles.table}>
              <summary title={table.description}>{table.name}</summary>
              <ul>{columns.map((column) => name(column.name, column.description, column.type))}</ul>
            </details>
          );
        })}
        {properties.length > 0 && schema.data?.tables[0]?.columns.some((column) => column.name === 'properties') ? (
          <details className={styles.table} open={find !== ''}>
            <summary>{t('notebooks.properties')}</summary>
            <ul>{properties.map((one) => name(one.name, one.name, '', propertySql(one.name)))}</ul>
          </details>
        ) : null}
      </Stack>
    </Card>
  );
}

/** A property as SQL; a name with other characters is quoted. */
function propertySql(path: string): string {
  const part = (text: string) => (/^[A-Za-z_]\w*$/.test(text) ? text : `\`${text.replaceAll('`', '')}\``);
  return `properties.${path.split('.').map(part).join('.')}`;
}
