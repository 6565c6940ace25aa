import { Picker } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { useAudienceNames } from './summary.tsx';
import styles from './surveys.module.css';

/** One audience. */
export function AudienceEntry({ value, onChange }: { value: number | null; onChange: (id: number) => void }) {
  const t = useText();
  const { names, nameOf } = useAudienceNames();
  return (
    <div>
      <span className={styles.label}>{t('surveySend.audience')}</span>
      <div>
        <Picker
          tall
          searchable
          label={t('surveySend.audience')}
          empty={value === null}
          chosen={value === null ? [] : [String(value)]}
          groups={[{ key: 'all', items: [...names].map(([id, name]) => ({ value: String(id), label: name })) }]}
          onPick={(id) => onChange(Number(id))}
        >
          <bdi>{value === null ? t('surveySend.chooseAudience') : nameOf(value)}</bdi>
        </Picker>
      </div>
    </div>
  );
}
