import { IconFilterPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { IconButton } from '../../../kit/button.tsx';
import { useText } from '../../../text.tsx';
import { AboutEvents } from './choices.ts';
import { EventPicker } from './event-picker.tsx';
import { FilterBuilder } from './filter-builder.tsx';
import styles from './parts.module.css';
import { type EventMatch, type Filter, namesOf, type What } from './types.ts';
import { matchName } from './words.ts';

/** Events taken together in one step or series: the server refuses more. */
const EVENTS_LIMIT = 20;

const without = (match: EventMatch, where: Filter | undefined): EventMatch => {
  const { where: _, ...rest } = match;
  return where ? { ...rest, where } : rest;
};

/** Which events a step or series is about: one or any of several, each with conditions of its own, and for all of them. */
export function WhatEditor({
  label,
  value,
  onChange,
  anyEvent = true,
}: {
  /** `Series A`, `Step 2`: begins the names of its fields for screen readers. */
  label: string;
  value: What;
  onChange: (what: What) => void;
  anyEvent?: boolean;
}) {
  const t = useText();
  const [adding, setAdding] = useState(false);
  const { events } = value;
  const put = (at: number, match: EventMatch | null) =>
    onChange({
      ...value,
      events: match ? events.map((one, index) => (index === at ? match : one)) : events.toSpliced(at, 1),
    });
  const add = (match: EventMatch) => {
    setAdding(false);
    onChange({ ...value, events: [...events, match] });
  };
  return (
    <AboutEvents value={namesOf([value])}>
      <div className={styles.what}>
        {events.map((match, at) => (
          <EventRow
            // biome-ignore lint/suspicious/noArrayIndexKey: events of a step have a place, not an identity.
            key={at}
            label={`${label}: ${t('query.event')}`}
            match={match}
            first={at === 0}
            anyEvent={anyEvent && events.length === 1}
            onChange={(next) => put(at, next)}
            {...(events.length > 1 ? { onRemove: () => put(at, null) } : {})}
          />
        ))}
        {events.length === 0 ? (
          <div className={styles.event}>
            <EventPicker label={`${label}: ${t('query.event')}`} onChange={add} anyEvent={anyEvent} />
          </div>
        ) : null}
        {adding ? (
          <div className={styles.event}>
            <span className={styles.or}>{t('query.or')}</span>
            <EventPicker label={`${label}: ${t('query.event')}`} onChange={add} anyEvent={false} />
            <IconButton small label={t('query.removeEmpty')} onClick={() => setAdding(false)}>
              <IconX size={14} />
            </IconButton>
          </div>
        ) : null}
        {events.length > 0 ? (
          <div className={styles.under}>
            <FilterBuilder
              label={`${label}: ${t('query.conditions')}`}
              value={value.where}
              onChange={(where) => {
                const { where: _, ...rest } = value;
                onChange(where ? { ...rest, where } : rest);
              }}
            />
            {events.length < EVENTS_LIMIT && !adding && isNarrow(events) ? (
              <button type="button" className={styles.add} onClick={() => setAdding(true)}>
                {t('query.orEvent')}
              </button>
            ) : null}
          </div>
        ) : null}
      </div>
    </AboutEvents>
  );
}

/** Beside "any event" another would change nothing. */
const isNarrow = (events: readonly EventMatch[]) =>
  events.every((match) => 'action' in match || match.name !== undefined || match.type !== undefined);

function EventRow({
  label,
  match,
  first,
  anyEvent,
  onChange,
  onRemove,
}: {
  label: string;
  match: EventMatch;
  first: boolean;
  anyEvent: boolean;
  onChange: (match: EventMatch) => void;
  onRemove?: () => void;
}) {
  const t = useText();
  const [narrowing, setNarrowing] = useState(false);
  return (
    <>
      <div className={styles.event}>
        {first ? null : <span className={styles.or}>{t('query.or')}</span>}
        <EventPicker label={label} value={match} onChange={onChange} anyEvent={anyEvent} />
        {onRemove && !match.where && !narrowing ? (
          <IconButton small label={t('query.narrow', { name: matchName(match, t) })} onClick={() => setNarrowing(true)}>
            <IconFilterPlus size={15} />
          </IconButton>
        ) : null}
        {onRemove ? (
          <IconButton small label={t('query.removeEvent', { name: matchName(match, t) })} onClick={onRemove}>
            <IconX size={14} />
          </IconButton>
        ) : null}
      </div>
      {match.where || narrowing ? (
        <AboutEvents value={namesOf([{ events: [match] }])}>
          <div className={styles.nested}>
            <FilterBuilder
              label={t('query.conditionsOf', { name: matchName(match, t) })}
              value={match.where}
              onChange={(where) => onChange(without(match, where))}
            />
          </div>
        </AboutEvents>
      ) : null}
    </>
  );
}
