import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatDate, formatExact, locale } from '../../format.ts';
import { Segments, SelectField, Switch } from '../../kit/field.tsx';
import { useNow } from '../../kit/hooks.ts';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { choosePreferences, firstDayOfWeek, type Preferences, usePreference } from '../../preferences.ts';
import { LANGUAGES, preferredLanguage, useText } from '../../text.tsx';
import { zoneNames } from '../../zone.ts';
import styles from './preferences.module.css';

/** 2 January 2023 was a Monday: for the names of days. */
const MONDAY = Date.UTC(2023, 0, 2, 12);
const DAY_MS = 86_400_000;

const dayName = (day: number) =>
  formatDate(new Date(MONDAY + (day - 1) * DAY_MS), { weekday: 'long', timeZone: 'UTC' });
const ownZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How the console looks and writes, for its user: kept on the server, so it is the same in each browser. */
export function PreferencesPage() {
  const t = useText();
  const now = new Date(useNow()).toISOString();
  const scheme = usePreference('scheme');
  const density = usePreference('density');
  const timeZone = usePreference('timeZone');
  const language = usePreference('language');
  const weekStart = usePreference('weekStart');
  const shortcuts = usePreference('shortcuts');
  const zones = useMemo(zoneNames, []);
  const change = useMutation({ mutationFn: choosePreferences });
  const choose = (chosen: Preferences) => change.mutate(chosen);
  return (
    <Page title={t('preferences.title')} purpose={t('preferences.purpose')}>
      <Stack gap={16}>
        {change.error ? (
          <Refusal
            title={t('preferences.failed')}
            error={change.error}
            onRetry={() => change.variables && change.mutate(change.variables)}
          />
        ) : null}
        <Card title={t('preferences.look')}>
          <div className={styles.rows}>
            <div className={styles.row}>
              <span>{t('user.appearance')}</span>
              <Segments
                label={t('user.appearance')}
                value={scheme}
                choices={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`user.${value}`) }))}
                onChange={(value) => choose({ scheme: value as 'auto' })}
              />
            </div>
            <div className={styles.row}>
              <span>
                {t('preferences.density')}
                <span className={styles.hint}>{t('preferences.densityHint')}</span>
              </span>
              <Segments
                label={t('preferences.density')}
                value={density}
                choices={(['comfortable', 'compact'] as const).map((value) => ({
                  value,
                  label: t(`preferences.${value}`),
                }))}
                onChange={(value) => choose({ density: value as 'compact' })}
              />
            </div>
          </div>
        </Card>
        <Card title={t('preferences.words')}>
          <div className={styles.rows}>
            <SelectField
              label={t('user.language')}
              value={language}
              choices={[
                { value: 'auto', label: t('preferences.browser', { what: LANGUAGES[preferredLanguage()] }) },
                ...Object.entries(LANGUAGES).map(([value, label]) => ({ value, label })),
              ]}
              onChange={(value) => choose({ language: value as 'auto' })}
            />
            <SelectField
              searchable
              label={t('preferences.timeZone')}
              value={timeZone}
              choices={[
                { value: 'auto', label: t('preferences.browser', { what: ownZone() }) },
                ...zones.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
              ]}
              onChange={(value) => choose({ timeZone: value })}
            />
            <p className={styles.hint}>{t('preferences.nowIs', { time: formatExact(now) })}</p>
            <SelectField
              label={t('preferences.weekStart')}
              value={weekStart}
              choices={[
                {
                  value: 'auto',
                  label: t('preferences.locale', {
                    what: dayName(firstDayOfWeek(locale(), 'auto')),
                  }),
                },
                { value: 'monday', label: dayName(1) },
                { value: 'saturday', label: dayName(6) },
                { value: 'sunday', label: dayName(7) },
              ]}
              onChange={(value) => choose({ weekStart: value as 'auto' })}
            />
          </div>
        </Card>
        <Card title={t('preferences.keyboard')} hint={t('preferences.keyboardHint')}>
          <Switch
            label={t('preferences.shortcuts')}
            checked={shortcuts}
            onChange={(checked) => choose({ shortcuts: checked })}
          />
        </Card>
      </Stack>
    </Page>
  );
}
