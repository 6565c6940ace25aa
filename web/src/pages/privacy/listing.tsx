import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, Table, TableSkeleton } from '../../kit/table.tsx';
import { useText } from '../../text.tsx';

/** A list of one of the tabs: its words, its action, its rows, or why there are none. */
export function Listing<T>({
  label,
  hint,
  action,
  query,
  rows,
  columns,
  keyOf,
  empty,
  icon,
  foot,
}: {
  label: string;
  hint?: string;
  action?: ReactNode;
  query: Pick<UseQueryResult, 'isPending' | 'error' | 'isSuccess' | 'refetch'>;
  rows: T[];
  columns: Column<T>[];
  keyOf: (row: T) => string;
  empty?: { title: string; text: string };
  icon?: ReactNode;
  foot?: ReactNode;
}) {
  const t = useText();
  const isEmpty = query.isSuccess && rows.length === 0 && empty !== undefined;
  return (
    <Stack gap={16}>
      {!isEmpty && (hint || action) ? (
        <Row gap={16} style={{ justifyContent: 'space-between' }}>
          <p style={{ color: 'var(--ink-dim)', maxInlineSize: '70ch', margin: 0 }}>{hint}</p>
          {action}
        </Row>
      ) : null}
      <UntilLoaded query={query} failed={t('privacy.failed')}>
        <TableSkeleton columns={columns.length} rows={4} />
      </UntilLoaded>
      {isEmpty ? <NothingHere icon={icon} title={empty.title} text={empty.text} action={action} /> : null}
      {rows.length > 0 ? <Table label={label} columns={columns} rows={rows} keyOf={keyOf} /> : null}
      {foot}
    </Stack>
  );
}
