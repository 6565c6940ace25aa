import { IconFolderPlus, IconPlus, IconX } from '@tabler/icons-react';
import { IconButton } from '../../kit/button.tsx';
import { Picker } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { JOINS, joinedBy, joinOf } from '../reports/parts/filter-value.ts';
import styles from './audiences.module.css';
import { type Group, isGroup, type Leaf, type LeafKind, newLeaf } from './draft.ts';
import { LeafEditor } from './leaf-editor.tsx';

/** Groups lie no deeper in one another: the server refuses what does. */
const DEPTH_LIMIT = 3;
const OF_PEOPLE: readonly LeafKind[] = [
  'did',
  'didNot',
  'first',
  'last',
  'sequence',
  'trait',
  'account',
  'audience',
  'known',
];
const OF_ACCOUNTS: readonly LeafKind[] = ['did', 'didNot', 'first', 'last', 'sequence', 'trait'];

/** Who is meant: conditions in groups, of which all, any, none or not all must hold. */
export function GroupEditor({
  label,
  group,
  onChange,
  depth = 0,
  ofAccount = false,
  self,
}: {
  /** What the conditions are about, for screen readers. */
  label: string;
  group: Group;
  onChange: (group: Group) => void;
  depth?: number;
  /** Conditions on accounts, not on people. */
  ofAccount?: boolean;
  /** The audience itself, which cannot be made of itself. */
  self?: number | undefined;
}) {
  const t = useText();
  const put = (at: number, item: Leaf | Group | null) =>
    onChange({
      ...group,
      items: item ? group.items.map((one, index) => (index === at ? item : one)) : group.items.toSpliced(at, 1),
    });
  const add = (item: Leaf | Group) => onChange({ ...group, items: [...group.items, item] });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group in a group, without a frame of its own.
    <div className={styles.group} role="group" aria-label={label}>
      {group.items.length > 1 || group.not || depth > 0 ? <Joining group={group} onChange={onChange} /> : null}
      {group.items.map((item, at) =>
        isGroup(item) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have a place, not an identity.
          <div key={at} className={styles.nested}>
            <GroupEditor
              label={t('audiences.groupNumber', { number: at + 1 })}
              group={item}
              depth={depth + 1}
              ofAccount={ofAccount}
              self={self}
              onChange={(next) => put(at, next.items.length > 0 ? next : null)}
            />
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have a place, not an identity.
          <div key={at} className={styles.leaf}>
            <div className={styles.leafBody}>
              <LeafEditor
                label={t('audiences.conditionNumber', { number: at + 1 })}
                leaf={item}
                onChange={(next) => put(at, next)}
                ofAccount={ofAccount}
                account={(of, change) => (
                  <GroupEditor
                    label={t('audiences.ofAccount')}
                    group={of}
                    onChange={change}
                    depth={depth + 1}
                    ofAccount
                  />
                )}
                self={self}
              />
            </div>
            <IconButton small label={t('audiences.removeCondition', { number: at + 1 })} onClick={() => put(at, null)}>
              <IconX size={15} />
            </IconButton>
          </div>
        ),
      )}
      <div className={styles.adding}>
        <Picker
          quiet
          label={t('audiences.addCondition')}
          icon={<IconPlus size={15} aria-hidden />}
          searchable={false}
          chosen={[]}
          groups={[
            {
              key: 'kinds',
              items: (ofAccount ? OF_ACCOUNTS : OF_PEOPLE).map((kind) => ({
                value: kind,
                label: t(`audiences.kind.${kind}`),
              })),
            },
          ]}
          onPick={(kind) => add(newLeaf(kind as LeafKind))}
          width={280}
        >
          {t('audiences.addCondition')}
        </Picker>
        {depth < DEPTH_LIMIT && group.items.length > 0 ? (
          <IconButton
            small
            label={t('audiences.addGroup')}
            onClick={() => add({ join: group.join === 'all' ? 'any' : 'all', not: false, items: [newLeaf('did')] })}
          >
            <IconFolderPlus size={16} />
          </IconButton>
        ) : null}
      </div>
    </div>
  );
}

function Joining({ group, onChange }: { group: Group; onChange: (group: Group) => void }) {
  const t = useText();
  const now = joinOf(group);
  return (
    <div>
      <Picker
        quiet
        label={t('audiences.joining')}
        searchable={false}
        chosen={[now]}
        groups={[{ key: 'join', items: JOINS.map((join) => ({ value: join, label: t(`audiences.join.${join}`) })) }]}
        onPick={(picked) => onChange({ ...group, ...joinedBy(picked) })}
      >
        {t(`audiences.join.${now}`)}
      </Picker>
    </div>
  );
}
