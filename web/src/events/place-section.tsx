import { formatCountry, formatNumber } from '../format.ts';
import { late } from '../kit/late.tsx';
import { type Translate, useText } from '../text.tsx';
import type { TimelineEvent } from '../wire.ts';
import { type Place, placeOf, placeProblem } from './place.ts';
import styles from './place-map.module.css';

/** The outlines are large: they come when a place is first shown. */
const PlaceMap = late(
  () => import('./place-map.tsx').then((part) => part.PlaceMap),
  () => <div className={styles.room} />,
);

const degrees = (value: number) => formatNumber(value, { minimumFractionDigits: 4, maximumFractionDigits: 4 });

function accuracyText(metres: number, t: Translate): string {
  const far = metres >= 1000;
  return t('details.accuracy', {
    distance: formatNumber(far ? metres / 1000 : metres, {
      style: 'unit',
      unit: far ? 'kilometer' : 'meter',
      maximumFractionDigits: far ? 1 : 0,
    }),
  });
}

function wordsOf(place: Place, event: TimelineEvent): string {
  return [...place.names, ...(event.country ? [formatCountry(event.country)] : [])].join(', ');
}

/** Whether an event tells of a place, be it a good one or not. */
export const tellsPlace = (event: TimelineEvent) => placeOf(event) !== null || placeProblem(event) !== null;

/** Where an event happened: a small map, and the same in words. */
export function PlaceSection({ event }: { event: TimelineEvent }) {
  const t = useText();
  const place = placeOf(event);
  if (!place)
    return <p className={styles.caption}>{t('details.placeProblem', { problem: placeProblem(event) ?? '' })}</p>;
  const words = wordsOf(place, event);
  const coordinates = `${degrees(place.latitude)}, ${degrees(place.longitude)}`;
  const accuracy = place.accuracy === null ? '' : accuracyText(place.accuracy, t);
  const label = t('details.mapOf', { place: [words, coordinates, accuracy].filter(Boolean).join(', ') });
  return (
    <figure className={styles.figure}>
      <PlaceMap place={place} label={label} />
      <figcaption className={styles.caption}>
        {words ? (
          <>
            <strong>
              <bdi>{words}</bdi>
            </strong>{' '}
          </>
        ) : null}
        <bdi dir="ltr">{coordinates}</bdi> {accuracy}
      </figcaption>
    </figure>
  );
}
