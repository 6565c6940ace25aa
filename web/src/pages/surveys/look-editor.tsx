import { IconPhotoPlus } from '@tabler/icons-react';
import { SelectField, Switch } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { CheckedField } from './checked-field.tsx';
import type { Definition, Texts, Theme } from './draft.ts';
import { useEditing } from './editing.ts';
import { NumberField } from './number-field.tsx';
import { PictureField } from './picture-field.tsx';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

const PARTS = ['background', 'text', 'accent'] as const;
const SCHEMES = ['light', 'dark'] as const;
const WORDS = ['next', 'back', 'submit', 'start', 'close', 'skip', 'other', 'required'] as const;

/** Colours, letters and the words of the buttons: how the survey looks in customers' pages. */
export function LookEditor() {
  const t = useText();
  const { definition, change, locked } = useEditing();
  const { theme } = definition;
  const put = (next: Partial<Theme>) => change((now) => ({ ...now, theme: { ...now.theme, ...next } }));
  const whole = (next: Partial<Definition>) => change((now) => ({ ...now, ...next }));
  return (
    <Stack gap={14}>
      <Card title={t('surveyEdit.survey')}>
        <Stack gap={14}>
          <CheckedField
            label={t('surveyEdit.name')}
            hint={t('surveyEdit.nameHint')}
            value={definition.name}
            onChange={(name) => whole({ name })}
            problem={(name) => (name.trim() === '' || name.length > 200 ? t('surveyEdit.nameProblem') : null)}
          />
          <CheckedField
            label={t('surveyEdit.touchpoint')}
            hint={t('surveyEdit.touchpointHint')}
            value={definition.touchpoint}
            onChange={(touchpoint) => whole({ touchpoint })}
            problem={(text) => (text.length > 100 ? t('surveyEdit.tooLong', { count: 100 }) : null)}
          />
          <Switch
            label={t('surveyEdit.progress')}
            checked={definition.progress}
            disabled={locked}
            onChange={(progress) => whole({ progress })}
          />
          <Switch
            label={t('surveyEdit.back')}
            checked={definition.back}
            disabled={locked}
            onChange={(back) => whole({ back })}
          />
          <Switch
            label={t('surveyEdit.anonymous')}
            hint={t('surveyEdit.anonymousHint')}
            checked={definition.anonymous}
            disabled={locked}
            onChange={(anonymous) => whole({ anonymous })}
          />
          {definition.anonymous ? (
            <NumberField
              label={t('surveyEdit.groupSize')}
              hint={t('surveyEdit.groupSizeHint')}
              value={definition.groupSize}
              low={3}
              high={1000}
              onChange={(groupSize) => groupSize !== undefined && whole({ groupSize })}
            />
          ) : null}
        </Stack>
      </Card>
      <Card title={t('surveyEdit.colours')}>
        <Stack gap={14}>
          {SCHEMES.map((scheme) => (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out like this.
            <div key={scheme} role="group" aria-label={t(`surveyEdit.schemes.${scheme}`)} className={styles.colours}>
              <span className={styles.label}>{t(`surveyEdit.schemes.${scheme}`)}</span>
              {PARTS.map((part) => (
                <label key={part} className={styles.colour}>
                  <input
                    type="color"
                    value={theme[scheme][part]}
                    disabled={locked}
                    onChange={(event) => put({ [scheme]: { ...theme[scheme], [part]: event.currentTarget.value } })}
                  />
                  {t(`surveyEdit.colourOf.${part}`)}
                </label>
              ))}
            </div>
          ))}
          <div className={styles.thirds}>
            <SelectField
              label={t('surveyEdit.mode')}
              value={theme.mode}
              choices={(['auto', 'light', 'dark'] as const).map((one) => ({
                value: one,
                label: t(`surveyEdit.modes.${one}`),
              }))}
              onChange={(mode) => put({ mode: mode as Theme['mode'] })}
            />
            <SelectField
              label={t('surveyEdit.font')}
              value={theme.font}
              choices={(['system', 'serif', 'rounded'] as const).map((one) => ({
                value: one,
                label: t(`surveyEdit.fonts.${one}`),
              }))}
              onChange={(font) => put({ font: font as Theme['font'] })}
            />
            <NumberField
              label={t('surveyEdit.fontSize')}
              value={theme.fontSize}
              low={13}
              high={22}
              onChange={(fontSize) => fontSize !== undefined && put({ fontSize })}
            />
            <NumberField
              label={t('surveyEdit.radius')}
              value={theme.radius}
              low={0}
              high={24}
              onChange={(radius) => radius !== undefined && put({ radius })}
            />
          </div>
          <PictureField
            showLabel
            label={t('surveyEdit.logo')}
            value={theme.logo}
            icon={<IconPhotoPlus size={15} />}
            onChange={(logo) =>
              change(({ theme: { logo: _, ...rest }, ...now }) => ({
                ...now,
                theme: logo ? { ...rest, logo } : rest,
              }))
            }
          />
        </Stack>
      </Card>
      <Card title={t('surveyEdit.buttons')} hint={t('surveyEdit.buttonsHint')}>
        <div className={styles.pair}>
          {WORDS.map((word) => (
            <TextsField
              key={word}
              label={t(`surveyEdit.words.${word}`)}
              texts={definition.words[word]}
              onChange={(texts: Texts) =>
                change((now) => {
                  const { [word]: _, ...others } = now.words;
                  return { ...now, words: Object.keys(texts).length ? { ...others, [word]: texts } : others };
                })
              }
            />
          ))}
        </div>
      </Card>
    </Stack>
  );
}
