/** The time zone in which the console shows times; undefined is the browser's own. */
let zone: string | undefined;

export function setZone(name: string | undefined): void {
  zone = name;
}

export function currentZone(): string | undefined {
  return zone;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function parts(at: number): Record<string, number> {
  const key = zone ?? '';
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      ...(zone ? { timeZone: zone } : {}),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(key, formatter);
  }
  return Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}

const two = (value: number | undefined) => String(value).padStart(2, '0');

/** The day of a moment in the chosen zone, as `YYYY-MM-DD`. */
export function dayOf(timestamp: string): string {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return timestamp.slice(0, 10);
  const { year, month, day } = parts(at);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Milliseconds by which the zone's clocks are ahead of UTC. */
function ahead(at: number): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts(at);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** When a day, `YYYY-MM-DD`, begins in the chosen zone; `later` days on. Null where that is no day. */
export function startOfDay(day: string, later = 0): Date | null {
  const midnight = Date.parse(`${day}T00:00:00Z`) + later * 86_400_000;
  if (Number.isNaN(midnight)) return null;
  const guess = midnight - ahead(midnight);
  const offset = ahead(guess);
  // Where clocks change around midnight the first guess may be an hour off.
  return new Date(midnight - offset);
}

/** Browsers list some zones by names that people do not use any more. */
const RENAMED: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
};

/** The names of all zones that this browser knows. */
export function zoneNames(): string[] {
  const names = Intl.supportedValuesOf('timeZone').map((name) => RENAMED[name] ?? name);
  return [...new Set(['UTC', ...names.sort()])];
}
