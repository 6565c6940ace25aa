import { IconArchive, IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Row } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { currentLanguage, LANGUAGES, useText } from '../../text.tsx';
import { type PersonExport, privacyApi } from './calls.ts';
import styles from './privacy.module.css';
import { Section } from './section.tsx';

const LOOK_MS = 1000;
const isOpen = ({ state }: PersonExport) => state === 'waiting' || state === 'running';

/** Archives of everything about the person: have one made, download it. */
export function PersonExports({ personId }: { personId: string }) {
  const t = useText();
  const queries = useQueryClient();
  const [language, setLanguage] = useState<string>(currentLanguage());
  const key = ['person', personId, 'exports'];
  const list = useQuery({
    queryKey: key,
    queryFn: () => privacyApi.exports(personId),
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? LOOK_MS : false),
  });
  const make = useMutation({
    mutationFn: () => privacyApi.makeExport(personId, language),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  const word = (made: PersonExport) =>
    isOpen(made)
      ? t('privacy.person.making')
      : made.state === 'expired'
        ? t('privacy.person.expired')
        : made.state === 'failed'
          ? t('privacy.person.exportFailed')
          : null;
  return (
    <Section title={t('privacy.person.export')} hint={t('privacy.person.exportHint')}>
      {make.error || list.error ? <Refusal title={t('privacy.failed')} error={make.error ?? list.error} /> : null}
      <Row gap={12} style={{ alignItems: 'end' }}>
        <SelectField
          label={t('privacy.person.exportIn')}
          value={language}
          choices={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          onChange={setLanguage}
        />
        <Button icon={<IconArchive size={16} />} busy={make.isPending} onClick={() => make.mutate()}>
          {t('privacy.person.make')}
        </Button>
      </Row>
      <ul className={styles.list} aria-live="polite">
        {(list.data?.items ?? []).map((made) => (
          <li key={made.id}>
            <Row style={{ justifyContent: 'space-between' }}>
              <span>
                <Time at={made.at} /> · {made.by}
              </span>
              {made.state === 'done' ? (
                <a className={styles.link} href={privacyApi.exportUrl(made.id)} download>
                  <IconDownload size={16} aria-hidden />
                  {t('privacy.person.download')}
                </a>
              ) : (
                <span className={styles.hint}>{word(made)}</span>
              )}
            </Row>
          </li>
        ))}
      </ul>
    </Section>
  );
}
