import { IconPlus, IconX } from '@tabler/icons-react';
import { formatLocaleName } from '../../format.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { SelectField, Switch } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Picker, TYPED } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { useEvents } from '../reports/parts/choices.ts';
import { CheckedField } from './checked-field.tsx';
import type { Page, Popover } from './draft.ts';
import { useEditing } from './editing.ts';
import { EventWhere } from './event-where.tsx';
import { NumberField } from './number-field.tsx';
import { useAudienceNames } from './summary.tsx';
import styles from './surveys.module.css';

const DEVICES = ['desktop', 'tablet', 'mobile'] as const;
const MATCHES = ['pattern', 'is', 'startsWith', 'contains'] as const;
const POSITIONS = ['bottomEnd', 'bottomStart', 'bottom', 'centre'] as const;

/** In which pages a survey opens, at what moment, and for which visitors. */
export function PopoverEditor({ popover }: { popover: Popover }) {
  const t = useText();
  const { definition, change, locked } = useEditing();
  const put = (next: Partial<Popover>) =>
    change((now) => (now.popover ? { ...now, popover: { ...now.popover, ...next } } : now));
  const without = (name: 'event' | 'scrollPercent', value: unknown) =>
    change((now) => {
      if (!now.popover) return now;
      const { [name]: _, ...rest } = now.popover;
      return { ...now, popover: (value === undefined ? rest : { ...rest, [name]: value }) as Popover };
    });
  const pages = (next: (all: Page[]) => Page[]) => put({ pages: next(popover.pages) });
  return (
    <Stack gap={22}>
      <Stack gap={10}>
        <h3 className={styles.label}>{t('surveyEdit.where')}</h3>
        {popover.pages.length === 0 ? <p className={styles.dim}>{t('surveyEdit.everyPage')}</p> : null}
        {popover.pages.map((page, index) => {
          const name = t('surveyEdit.pageNumber', { number: index + 1 });
          const set = (next: Partial<Page>) => pages((all) => all.with(index, { ...page, ...next }));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: pages have no other identity than their place.
            <div key={index} className={styles.pageRow}>
              <SelectField
                hideLabel
                label={t('surveyEdit.whetherOf', { what: name })}
                width={130}
                value={page.not ? 'not' : 'on'}
                choices={[
                  { value: 'on', label: t('surveyEdit.on') },
                  { value: 'not', label: t('surveyEdit.notOn') },
                ]}
                onChange={(next) => set({ not: next === 'not' })}
              />
              <SelectField
                hideLabel
                label={t('surveyEdit.matchOf', { what: name })}
                width={170}
                value={page.match}
                choices={MATCHES.map((match) => ({ value: match, label: t(`surveyEdit.match.${match}`) }))}
                onChange={(match) => set({ match: match as Page['match'] })}
              />
              <div className={styles.grow}>
                <CheckedField
                  hideLabel
                  label={t('surveyEdit.addressOf', { what: name })}
                  placeholder="/checkout/*"
                  value={page.value}
                  problem={(text) => (text === '' || text.length > 500 ? t('surveyEdit.pageProblem') : null)}
                  onChange={(value) => set({ value })}
                />
              </div>
              {locked ? null : (
                <IconButton
                  small
                  label={t('surveyEdit.removeNamed', { name })}
                  onClick={() => pages((all) => all.toSpliced(index, 1))}
                >
                  <IconX size={15} />
                </IconButton>
              )}
            </div>
          );
        })}
        {locked ? null : (
          <div>
            <Button
              small
              look="quiet"
              icon={<IconPlus size={15} />}
              onClick={() => pages((all) => [...all, { match: 'pattern', value: '/*', not: false }])}
            >
              {t('surveyEdit.addPage')}
            </Button>
          </div>
        )}
        <Row gap={18}>
          {DEVICES.map((device) => (
            <Checkbox
              key={device}
              label={t(`surveyEdit.device.${device}`)}
              disabled={locked}
              // None chosen means all.
              checked={popover.devices.length === 0 || popover.devices.includes(device)}
              onChange={(on) => {
                const now = popover.devices.length === 0 ? [...DEVICES] : popover.devices;
                const next = DEVICES.filter((one) => (one === device ? on : now.includes(one)));
                put({ devices: next.length === DEVICES.length ? [] : next });
              }}
            />
          ))}
        </Row>
      </Stack>
      <Stack gap={10}>
        <h3 className={styles.label}>{t('surveyEdit.when')}</h3>
        <Row gap={8}>
          <span>{t('surveyEdit.onceEvent')}</span>
          <EventEntry
            value={popover.event?.name}
            onChange={(name) => without('event', name ? { name, where: popover.event?.where ?? [] } : undefined)}
          />
        </Row>
        {popover.event && !locked ? (
          <EventWhere
            key={popover.event.name}
            event={popover.event.name}
            value={popover.event.where}
            onChange={(where) => popover.event && put({ event: { ...popover.event, where } })}
          />
        ) : null}
        <div className={styles.thirds}>
          <NumberField
            label={t('surveyEdit.delay')}
            whole={false}
            value={popover.delaySeconds || undefined}
            placeholder="0"
            low={0}
            high={3600}
            onChange={(seconds) => put({ delaySeconds: seconds ?? 0 })}
          />
          <NumberField
            label={t('surveyEdit.scroll')}
            value={popover.scrollPercent}
            placeholder={t('surveyEdit.any')}
            low={1}
            high={100}
            onChange={(percent) => without('scrollPercent', percent)}
          />
          <SelectField
            label={t('surveyEdit.position')}
            value={popover.position}
            choices={POSITIONS.map((one) => ({ value: one, label: t(`surveyEdit.positions.${one}`) }))}
            onChange={(position) => put({ position: position as Popover['position'] })}
          />
        </div>
        <Switch
          label={t('surveyEdit.exit')}
          checked={popover.exitIntent}
          disabled={locked}
          onChange={(exitIntent) => put({ exitIntent })}
        />
      </Stack>
      <Stack gap={10}>
        <h3 className={styles.label}>{t('surveyEdit.who')}</h3>
        <div className={styles.pair}>
          <NumberField
            label={t('surveyEdit.share')}
            hint={t('surveyEdit.shareHint')}
            whole={false}
            value={popover.share}
            low={0}
            high={100}
            onChange={(share) => share !== undefined && put({ share })}
          />
        </div>
        <Row gap={8}>
          <AudiencesEntry
            label={t('surveyEdit.audiences')}
            empty={t('surveyEdit.everybody')}
            value={popover.audiences}
            onChange={(audiences) => put({ audiences })}
          />
          <AudiencesEntry
            label={t('surveyEdit.notAudiences')}
            empty={t('surveyEdit.nobody')}
            value={popover.notAudiences}
            onChange={(notAudiences) => put({ notAudiences })}
          />
          {definition.languages.length > 1 ? (
            <Picker
              several
              label={t('surveyEdit.visitorLanguages')}
              empty={popover.languages.length === 0}
              chosen={popover.languages}
              groups={[
                {
                  key: 'languages',
                  items: definition.languages.map((one) => ({ value: one, label: formatLocaleName(one) })),
                },
              ]}
              onPick={(code) =>
                put({
                  languages: popover.languages.includes(code)
                    ? popover.languages.filter((one) => one !== code)
                    : [...popover.languages, code],
                })
              }
            >
              {t('surveyEdit.visitorLanguages')}:{' '}
              {popover.languages.map(formatLocaleName).join(', ') || t('surveyEdit.any')}
            </Picker>
          ) : null}
        </Row>
      </Stack>
    </Stack>
  );
}

/** An event by its name; one that has not come yet can be typed. */
export function EventEntry({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (name: string | undefined) => void;
}) {
  const t = useText();
  const events = useEvents();
  const names = [...new Set(events.items.filter((one) => one.name !== one.type).map((one) => one.name))];
  return (
    <Picker
      searchable
      label={t('surveyEdit.event')}
      chosen={[value ?? '']}
      typed={(name) => name}
      onPick={(picked) => onChange((picked.startsWith(TYPED) ? picked.slice(TYPED.length) : picked) || undefined)}
      groups={[
        { key: 'none', items: [{ value: '', label: t('surveyEdit.noEvent') }] },
        { key: 'events', label: t('surveyEdit.events'), items: names.map((name) => ({ value: name, label: name })) },
      ]}
    >
      <bdi>{value ?? t('surveyEdit.noEvent')}</bdi>
    </Picker>
  );
}

function AudiencesEntry({
  label,
  empty,
  value,
  onChange,
}: {
  label: string;
  empty: string;
  value: readonly number[];
  onChange: (ids: number[]) => void;
}) {
  const { names, nameOf } = useAudienceNames();
  return (
    <Picker
      several
      searchable
      label={label}
      empty={value.length === 0}
      chosen={value.map(String)}
      groups={[
        {
          key: 'audiences',
          items: [...new Set([...names.keys(), ...value])].map((id) => ({ value: String(id), label: nameOf(id) })),
        },
      ]}
      onPick={(picked) => {
        const id = Number(picked);
        onChange(value.includes(id) ? value.filter((one) => one !== id) : [...value, id]);
      }}
    >
      {label}: <bdi>{value.map(nameOf).join(', ') || empty}</bdi>
    </Picker>
  );
}
