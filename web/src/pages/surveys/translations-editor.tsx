import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { formatLocaleName, formatNumber } from '../../format.ts';
import { IconButton } from '../../kit/button.tsx';
import { ProgressBar, Tag } from '../../kit/data.tsx';
import { SelectField, Switch } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Picker, TYPED } from '../../kit/picker.tsx';
import { toast } from '../../kit/toast.tsx';
import { WordsField } from '../../kit/words-field.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { textIn, textsOf, worded } from './draft.ts';
import { useEditing } from './editing.ts';
import styles from './surveys.module.css';

/** Languages that are offered by name; any other is typed by its code. */
const OFFERED = [
  'en',
  'pl',
  'it',
  'ru',
  'zh',
  'de',
  'fr',
  'es',
  'pt',
  'nl',
  'cs',
  'uk',
  'sv',
  'da',
  'fi',
  'nb',
  'ro',
  'hu',
  'el',
  'tr',
  'ar',
  'he',
  'fa',
  'hi',
  'ja',
  'ko',
  'vi',
  'th',
  'id',
];
const CODE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;
/** Texts shown at once; more are asked for. */
const SHOWN = 60;

/** All texts of the survey in one language beside its default one, and what is missing of each. */
export function TranslationsEditor({ onOpen }: { onOpen: (at: string) => void }) {
  const t = useText();
  const url = useUrlState();
  const { definition, change, locked } = useEditing();
  const { languages, defaultLanguage } = definition;
  const others = languages.filter((one) => one !== defaultLanguage);
  const asked = url.get('language');
  const language = others.includes(asked) ? asked : (others[0] ?? '');
  const [onlyMissing, setOnlyMissing] = useState(false);
  const [limit, setLimit] = useState(SHOWN);
  const places = textsOf(definition);
  const left = (one: string) => places.filter((place) => !place.texts[one]).length;
  // What is being filled in stays where it is until another language or filter is chosen.
  const [kept, setKept] = useState<string[]>([]);
  const keyOf = (index: number) => `${language} ${index}`;
  const rows = places
    .map((place, index) => ({ place, index }))
    .filter(({ place, index }) => !onlyMissing || !place.texts[language] || kept.includes(keyOf(index)));
  const add = (value: string) => {
    const code = value.startsWith(TYPED) ? value.slice(TYPED.length).trim() : value;
    if (!CODE.test(code)) return toast(t('surveyEdit.noLanguage', { code }), { bad: true });
    if (!languages.includes(code)) change((now) => ({ ...now, languages: [...now.languages, code] }));
    url.set({ language: code });
  };
  const remove = (code: string) => {
    change((now) => ({ ...now, languages: now.languages.filter((one) => one !== code) }));
    toast(t('surveyEdit.removedNamed', { name: formatLocaleName(code) }), {
      undo: () => change((now) => ({ ...now, languages: [...now.languages, code] })),
    });
  };
  return (
    <Stack gap={14}>
      <Card
        title={t('surveyEdit.languages')}
        action={
          locked ? null : (
            <Picker
              searchable
              label={t('surveyEdit.addLanguage')}
              icon={<IconPlus size={15} aria-hidden />}
              chosen={languages}
              onPick={add}
              typed={(code) => t('surveyEdit.languageNamed', { code })}
              groups={[
                {
                  key: 'offered',
                  items: OFFERED.map((one) => ({ value: one, label: formatLocaleName(one), note: one })),
                },
              ]}
            >
              {t('surveyEdit.addLanguage')}
            </Picker>
          )
        }
      >
        <ul className={styles.languages}>
          {languages.map((one) => (
            <li key={one}>
              <span className={styles.languageName}>
                <bdi>{formatLocaleName(one)}</bdi>
                {one === defaultLanguage ? <Tag tone="accent">{t('surveyEdit.isDefault')}</Tag> : null}
              </span>
              <span className={styles.languageBarLine}>
                <ProgressBar
                  label={t('surveyEdit.translatedOf', { language: formatLocaleName(one) })}
                  value={places.length ? 1 - left(one) / places.length : 1}
                />
              </span>
              <span className={styles.dim}>
                {left(one) > 0 ? t('surveyEdit.missing', { count: left(one) }) : formatNumber(1, { style: 'percent' })}
              </span>
              {locked || one === defaultLanguage ? null : (
                <IconButton
                  small
                  label={t('surveyEdit.removeNamed', { name: formatLocaleName(one) })}
                  onClick={() => remove(one)}
                >
                  <IconX size={15} />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
        <SelectField
          label={t('surveyEdit.defaultLanguage')}
          width={240}
          value={defaultLanguage}
          choices={languages.map((one) => ({ value: one, label: formatLocaleName(one) }))}
          onChange={(next) => change((now) => ({ ...now, defaultLanguage: next }))}
        />
      </Card>
      {language ? (
        <Card title={t('surveyEdit.texts')}>
          <Stack gap={14}>
            <Row gap={16}>
              <SelectField
                hideLabel
                label={t('surveyEdit.writtenIn')}
                width={200}
                value={language}
                choices={others.map((one) => ({ value: one, label: formatLocaleName(one) }))}
                onChange={(next) => {
                  setKept([]);
                  url.set({ language: next });
                }}
              />
              <Switch
                label={t('surveyEdit.onlyMissing')}
                checked={onlyMissing}
                onChange={(on) => {
                  setKept([]);
                  setOnlyMissing(on);
                }}
              />
            </Row>
            {rows.length === 0 ? <p className={styles.dim}>{t('surveyEdit.allTranslated')}</p> : null}
            {rows.slice(0, limit).map(({ place, index }) => {
              const number = definition.questions.findIndex((one) => one.id === place.at) + 1;
              const where = number
                ? `${number} · ${t(`surveyEdit.part.${place.part}`)}`
                : t(`surveyEdit.part.${place.part}`);
              return (
                <div key={keyOf(index)} className={styles.translation}>
                  <div>
                    <button type="button" className={styles.textButton} onClick={() => onOpen(place.at)}>
                      {where}
                    </button>
                    <p lang={defaultLanguage} dir="auto">
                      {textIn(place.texts, defaultLanguage, defaultLanguage)}
                    </p>
                  </div>
                  <WordsField
                    hideLabel
                    label={`${where}: ${textIn(place.texts, defaultLanguage, defaultLanguage)}`}
                    language={language}
                    disabled={locked}
                    value={place.texts[language] ?? ''}
                    onChange={(text) => {
                      if (!kept.includes(keyOf(index))) setKept((before) => [...before, keyOf(index)]);
                      change((now) => place.put(now, worded(place.texts, language, text)));
                    }}
                  />
                </div>
              );
            })}
            {rows.length > limit ? (
              <button type="button" className={styles.textButton} onClick={() => setLimit(limit + SHOWN)}>
                {t('kit.more')}
              </button>
            ) : null}
          </Stack>
        </Card>
      ) : null}
    </Stack>
  );
}
