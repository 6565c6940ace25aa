import { readFile, stat } from 'node:fs/promises';
import { type CountryResponse, Reader } from 'maxmind';
import { countryOf } from './place.ts';

/** How often the file is looked at for a newer one. */
const LOOK_MILLISECONDS = 60_000;
const REMEMBERED_ADDRESSES = 20_000;

/** Says in which country an IP address is. */
export interface Geo {
  /** ISO 3166-1 alpha-2, or '' where the file does not know. */
  country(ip: string): string;
  /** Reads the file again if it has changed; goes on with the old one if the new one cannot be read. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Opens a MaxMind-format database of countries or cities, of any publisher, and follows its replacement.
 * Throws an Error with a sentence when the file is missing or is no such database.
 */
export async function openGeo(path: string): Promise<Geo> {
  let loaded: { reader: Reader<CountryResponse>; version: string };
  try {
    loaded = await load(path);
  } catch (error) {
    throw new Error(
      `THROUGHLINE_GEO_FILE: ${path} cannot be read as a MaxMind-format database: ${(error as Error).message}`,
      { cause: error },
    );
  }
  let known = new Map<string, string>();
  const refresh = async () => {
    try {
      if ((await versionOf(path)) === loaded.version) return;
      loaded = await load(path);
      known = new Map();
    } catch {
      // Being replaced just now, or gone: the next look finds it, and until then the old one serves.
    }
  };
  const timer = setInterval(refresh, LOOK_MILLISECONDS);
  timer.unref();
  return {
    country(ip) {
      const before = known.get(ip);
      if (before !== undefined) return before;
      let country = '';
      try {
        const found = loaded.reader.get(ip);
        country = countryOf(found?.country?.iso_code ?? found?.registered_country?.iso_code ?? '');
      } catch {
        // Not an address.
      }
      if (known.size >= REMEMBERED_ADDRESSES) known.clear();
      known.set(ip, country);
      return country;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}

async function load(path: string) {
  // Two looks around the reading: a file that changed meanwhile is read again at the next look.
  const version = await versionOf(path);
  return { reader: new Reader<CountryResponse>(await readFile(path)), version };
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs}/${size}/${ino}`;
}
