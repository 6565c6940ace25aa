import { IconPlus, IconTargetArrow } from '@tabler/icons-react';
import { Button } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { Row } from '../../kit/layout.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { actions, type SavedActionSummary } from '../reports/saved/calls.ts';
import { SavedList } from '../reports/saved/saved-list.tsx';
import { ActionPanel } from './action-panel.tsx';

/** Names of events shown in the list. */
const SHOWN = 4;

/** Actions: named sets of events and conditions that every report can use in place of events. */
export function ActionsPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  const open = url.get('action');
  const create = mayWrite ? (
    <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ action: 'new' }, true)}>
      {t('actions.new')}
    </Button>
  ) : null;
  return (
    <SavedList<SavedActionSummary>
      alwaysShared
      list="actions"
      title={t('actions.title')}
      purpose={t('actions.purpose')}
      calls={actions}
      to={(row) => `?action=${row.id}`}
      isOpen={(row) => row.id === open}
      columns={[
        {
          id: 'events',
          name: t('actions.events'),
          long: true,
          cell: (row) => (
            <Row gap={4}>
              {row.about.events.length === 0 ? t('actions.anyEvent') : null}
              {row.about.events.slice(0, SHOWN).map((name) => (
                <Tag key={name}>
                  <bdi>{name}</bdi>
                </Tag>
              ))}
              {row.about.events.length > SHOWN ? <span>+{row.about.events.length - SHOWN}</span> : null}
            </Row>
          ),
        },
      ]}
      action={create}
      empty={
        <NothingHere
          icon={<IconTargetArrow size={32} stroke={1.5} color="var(--accent-ink)" aria-hidden />}
          title={t('actions.emptyTitle')}
          text={t('actions.emptyText')}
          action={create}
        />
      }
    >
      {open ? (
        <ActionPanel key={open} id={open === 'new' ? null : open} onClose={() => url.set({ action: null })} />
      ) : null}
    </SavedList>
  );
}
