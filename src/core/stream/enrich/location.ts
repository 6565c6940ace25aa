import type { StreamEvent } from '../event.ts';
import { objectOf, textOf } from './remembered.ts';

/** Half the way around the Earth, in metres: no place is less certain. */
const ACCURACY_LIMIT = 20_037_508;
const LONGEST_NAME = 200;
const NAMES = ['city', 'region', 'country', 'name', 'address'] as const;

interface Told {
  latitude: unknown;
  longitude: unknown;
  accuracy: unknown;
}

/**
 * Brings where an event happened into one form: `context.location` with latitude and longitude (degrees, WGS 84) and
 * accuracy (metres) as numbers, whether it came there, as `latitude` and `longitude` of the properties or as `geo`
 * ("52.2,21.0" or a geo: URI). What cannot be a place on Earth is left out of it, and `location.problem` says why.
 */
export function locate(event: StreamEvent): void {
  const { context, properties } = event;
  const given = objectOf(context.location);
  const own = given && toldBy(given, 1);
  // It was looked at before, and is sent again.
  if (given && !own && typeof given.problem === 'string') return;
  const told = own ?? toldBy(properties, 2) ?? toldByText(properties.geo ?? context.geo);
  if (!told) return;
  const latitude = numberOf(told.latitude);
  const longitude = numberOf(told.longitude);
  const accuracy = numberOf(told.accuracy);
  const problem = whatIsWrong(told, latitude, longitude);
  const location: Record<string, unknown> = {};
  for (const name in given) {
    if (!COORDINATES.has(name)) location[name] = given[name];
  }
  for (const name of NAMES) {
    const value = location[name];
    if (typeof value === 'string') location[name] = textOf(value, LONGEST_NAME);
  }
  if (problem !== null) location.problem = problem;
  else {
    location.latitude = latitude;
    location.longitude = longitude;
    if (accuracy !== null && accuracy >= 0 && accuracy <= ACCURACY_LIMIT) location.accuracy = accuracy;
  }
  context.location = location;
}

const COORDINATES = new Set(['latitude', 'longitude', 'lat', 'lng', 'lon', 'accuracy', 'problem', '__proto__']);

/** `least`: how many of the two must be there for it to be meant as a place. */
function toldBy(from: Record<string, unknown>, least: number): Told | null {
  const latitude = from.latitude ?? from.lat;
  const longitude = from.longitude ?? from.lng ?? from.lon;
  const told = [latitude, longitude].filter((one) => one !== undefined && one !== null).length;
  if (told < least) return null;
  return { latitude, longitude, accuracy: from.accuracy };
}

/** "52.2,21.0", or geo:52.2,21.0;u=35 (RFC 5870). */
function toldByText(text: unknown): Told | null {
  if (typeof text !== 'string' || text.length > 100 || !text.includes(',')) return null;
  const [place = '', ...parameters] = text.replace(/^geo:/i, '').split(';');
  const [latitude, longitude] = place.split(',');
  const accuracy = parameters.find((one) => one.startsWith('u='))?.slice(2);
  return { latitude: latitude?.trim(), longitude: longitude?.trim(), accuracy };
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^[+-]?\d{1,8}(\.\d{1,20})?$/.test(value)) return null;
  return Number(value);
}

function whatIsWrong(told: Told, latitude: number | null, longitude: number | null): string | null {
  if (latitude === null) return `latitude ${shown(told.latitude)} is not a number`;
  if (longitude === null) return `longitude ${shown(told.longitude)} is not a number`;
  if (Math.abs(latitude) > 90) return `latitude ${latitude} is not between -90 and 90`;
  if (Math.abs(longitude) > 180) return `longitude ${longitude} is not between -180 and 180`;
  if (latitude === 0 && longitude === 0) return '0,0 is what devices send that do not know where they are';
  return null;
}

const shown = (value: unknown) =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === 'number'
      ? String(value)
      : typeof value;
