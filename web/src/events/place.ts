import type { TimelineEvent } from '../wire.ts';
import { isObject } from './facts.ts';

/** Where an event happened, as the server brought it into one form. */
export type Place = {
  latitude: number;
  longitude: number;
  /** Metres; null where it was not told. */
  accuracy: number | null;
  /** What people call it, the smallest part first. */
  names: string[];
};

const inRange = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= most;

/** The place of an event; null where it tells none. */
export function placeOf(event: TimelineEvent): Place | null {
  const { location } = event.context;
  if (!isObject(location) || !inRange(location.latitude, 90) || !inRange(location.longitude, 180)) return null;
  const names = [location.name, location.city, location.region].filter(
    (name): name is string => typeof name === 'string' && name.trim() !== '',
  );
  const accuracy = inRange(location.accuracy, 20_037_508) && location.accuracy > 0 ? location.accuracy : null;
  return { latitude: location.latitude, longitude: location.longitude, accuracy, names: [...new Set(names)] };
}

/** Why the place that came with an event is none; null where nothing is wrong. */
export function placeProblem(event: TimelineEvent): string | null {
  const { location } = event.context;
  return isObject(location) && typeof location.problem === 'string' ? location.problem : null;
}
