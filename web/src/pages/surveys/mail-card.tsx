import { IconMail, IconMailFast } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Skipped } from '../../../../src/apps/surveys/people.ts';
import { formatList, formatLocaleName, formatNumber } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Segments, SelectField, TextField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { AudienceEntry } from './audience-entry.tsx';
import { type SendingMail, type SendingRow, surveys } from './calls.ts';
import type { Texts, Where } from './draft.ts';
import { BEFORE_ALL, EditingOf } from './editing.ts';
import { EventWhere } from './event-where.tsx';
import { NumberField } from './number-field.tsx';
import { EventEntry } from './popover-editor.tsx';
import { useAudienceNames } from './summary.tsx';
import type { Opened } from './survey-frame.tsx';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

/** Characters of a hidden field's value, as the server takes it. */
const FIELD_LIMIT = 500;

/** A subject has no line breaks, also where some were pasted. */
const oneLine = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, text.replaceAll(/\s*\n\s*/g, ' ')]));

/** A mail with the first question in it: to an audience now, or to each one after an event; first to oneself. */
export function MailCard({ survey, draft, mayWrite }: Opened) {
  const t = useText();
  const queries = useQueryClient();
  const { definition } = draft;
  const { languages, defaultLanguage, anonymous } = definition;
  const [to, setTo] = useState<'audience' | 'event'>('audience');
  const [audience, setAudience] = useState<number | null>(null);
  const [event, setEvent] = useState<string | undefined>();
  const [where, setWhere] = useState<Where[]>([]);
  const [hours, setHours] = useState<number | undefined>(24);
  const [language, setLanguage] = useState(defaultLanguage);
  const [subject, setSubject] = useState<Texts>({});
  const [intro, setIntro] = useState<Texts>({});
  const [days, setDays] = useState<number | undefined>(30);
  const [given, setGiven] = useState<Record<string, string>>({});
  const fields = Object.fromEntries(
    definition.fields.flatMap((name) => (given[name] ? [[name, given[name].slice(0, FIELD_LIMIT)]] : [])),
  );
  const mail: SendingMail = { subject, intro, expiresInDays: days ?? 30, perHour: 2000, fields };
  const sendings = useQuery({
    queryKey: ['surveys', 'sendings', survey.id],
    queryFn: () => surveys.sendings(survey.id),
    refetchInterval: (found) => (found.state.data?.items.some((one) => one.state === 'running') ? 3_000 : false),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['surveys', 'sendings', survey.id] });
  const send = useMutation({
    mutationFn: () =>
      surveys.send(survey.id, {
        to: to === 'audience' ? { audience: audience! } : { event: { name: event!, where }, hours: hours ?? 0 },
        mail,
      }),
    onSuccess: () => {
      toast(t('surveySend.sending'));
      again();
    },
  });
  const test = useMutation({
    mutationFn: () => surveys.testMail(survey.id, { mail, language }),
    onSuccess: ({ to: address }) => toast(t('surveySend.testSent', { address })),
  });
  const stop = useMutation({ mutationFn: (id: string) => surveys.stopSending(survey.id, id), onSuccess: again });
  const worded_ = (subject[defaultLanguage] ?? '').trim() !== '';
  const published = survey.version !== null;
  const ready = worded_ && published && (to === 'audience' ? audience !== null : event !== undefined);
  const rows = sendings.data?.items ?? [];
  return (
    <Card title={t('surveySend.mail')} hint={t('surveySend.mailHint')}>
      <Stack gap={14}>
        {mayWrite ? (
          <>
            <Segments
              label={t('surveySend.mailTo')}
              value={to}
              choices={[
                { value: 'audience', label: t('surveySend.toAudience') },
                { value: 'event', label: t('surveySend.afterEvent') },
              ]}
              onChange={(next) => setTo(next as typeof to)}
            />
            {to === 'audience' ? (
              <AudienceEntry value={audience} onChange={setAudience} />
            ) : (
              <div className={styles.pair}>
                <div>
                  <span className={styles.label}>{t('surveyEdit.event')}</span>
                  <div>
                    <EventEntry
                      value={event}
                      onChange={(name) => {
                        setEvent(name);
                        setWhere([]);
                      }}
                    />
                  </div>
                </div>
                <NumberField
                  label={t('surveySend.hours')}
                  whole={false}
                  value={hours}
                  low={0}
                  high={2160}
                  onChange={setHours}
                />
              </div>
            )}
            {to === 'event' && event ? (
              <EventWhere key={event} event={event} value={where} onChange={setWhere} />
            ) : null}
            {languages.length > 1 ? (
              <div>
                <SelectField
                  label={t('surveyEdit.writtenIn')}
                  width={220}
                  value={language}
                  choices={languages.map((one) => ({ value: one, label: formatLocaleName(one) }))}
                  onChange={setLanguage}
                />
              </div>
            ) : null}
            <EditingOf value={{ definition, language, change: () => {}, locked: false }}>
              <TextsField
                label={t('surveySend.subject')}
                before={BEFORE_ALL}
                texts={subject}
                onChange={(texts) => setSubject(oneLine(texts))}
              />
              <TextsField
                label={t('surveySend.intro')}
                rows={3}
                before={BEFORE_ALL}
                texts={intro}
                onChange={setIntro}
              />
            </EditingOf>
            {definition.fields.length > 0 ? (
              <Stack gap={8}>
                {definition.fields.map((name) => (
                  <TextField
                    key={name}
                    label={t('surveySend.fieldNamed', { name })}
                    value={given[name] ?? ''}
                    onChange={(text) => setGiven((now) => ({ ...now, [name]: text }))}
                  />
                ))}
                <p className={styles.dim}>
                  {t('surveySend.fieldsHint')} {to === 'event' && !anonymous ? t('surveySend.fieldsOfEvent') : null}
                </p>
              </Stack>
            ) : null}
            <div className={styles.pair}>
              <NumberField label={t('surveySend.expires')} value={days} low={1} high={365} onChange={setDays} />
            </div>
            {test.error ? <Refusal title={t('surveySend.testFailed')} error={test.error} /> : null}
            {send.error ? <Refusal title={t('surveySend.sendFailed')} error={send.error} /> : null}
            {anonymous ? <p className={styles.dim}>{t('surveySend.mailAnonymous')}</p> : null}
            <Row gap={8}>
              <Button
                icon={<IconMail size={16} />}
                busy={test.isPending}
                disabled={!worded_ || !published}
                onClick={() => test.mutate()}
              >
                {t('surveySend.test')}
              </Button>
              {ready ? (
                <ConfirmButton
                  small={false}
                  icon={<IconMailFast size={16} />}
                  busy={send.isPending}
                  question={to === 'audience' ? t('surveySend.sureAudience') : t('surveySend.sureEvent')}
                  confirm={t('surveySend.send')}
                  onConfirm={() => send.mutate()}
                >
                  {t('surveySend.send')}
                </ConfirmButton>
              ) : null}
            </Row>
          </>
        ) : null}
        {rows.length > 0 ? (
          <ul className={styles.versions}>
            {rows.map((one) => (
              <Sending
                key={one.id}
                of={one}
                {...(mayWrite && one.state === 'running' ? { onStop: () => stop.mutate(one.id) } : {})}
              />
            ))}
          </ul>
        ) : null}
      </Stack>
    </Card>
  );
}

/** Also a mail that could not be written. */
type WhyLeftOut = Skipped | 'failed';

function Sending({ of, onStop }: { of: SendingRow; onStop?: () => void }) {
  const t = useText();
  const { nameOf } = useAudienceNames();
  const to =
    'audience' in of.to
      ? nameOf(of.to.audience)
      : 'event' in of.to
        ? of.to.event.name
        : t('surveySend.people', { count: of.to.people.length });
  const skipped = Object.values(of.skipped).reduce((sum, one) => sum + one, 0);
  const reasons = Object.entries(of.skipped).map(
    ([reason, count]) => `${t(`surveySend.why.${reason as WhyLeftOut}`)}: ${formatNumber(count)}`,
  );
  return (
    <li>
      <div>
        <Row gap={8}>
          <strong>
            <bdi>{to}</bdi>
          </strong>
          <Tag tone={of.state === 'running' ? 'accent' : of.state === 'done' ? 'good' : 'plain'}>
            {t(`surveySend.states.${of.state}`)}
          </Tag>
        </Row>
        <span className={styles.sub}>
          {t('surveySend.counts', {
            sent: formatNumber(of.sent),
            opened: formatNumber(of.opened),
            answered: formatNumber(of.answered),
          })}
          {of.waiting > 0 ? ` · ${t('surveySend.waiting', { count: of.waiting })}` : ''}
          {skipped > 0 ? ` · ${t('surveySend.skipped', { count: skipped })} (${formatList(reasons)})` : ''}
          {' · '}
          <Time at={of.createdAt} />
        </span>
        {of.error ? <p className={styles.bad}>{of.error}</p> : null}
      </div>
      {onStop ? (
        <Button small onClick={onStop}>
          {t('surveySend.stop')}
        </Button>
      ) : null}
    </li>
  );
}
