import type { FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json' with { type: 'json' };

/** The outlines name a country by its number (ISO 3166-1 numeric); this one is disputed and has none. */
const WITHOUT_NUMBER: Record<string, string> = { Kosovo: 'XK' };
const ANTARCTICA = 'AQ';

function codeOf(id: string | number | undefined, name: string): string {
  if (id === undefined) return WITHOUT_NUMBER[name] ?? name;
  return new Intl.Locale(`und-${String(id).padStart(3, '0')}`).region ?? name;
}

/** An outline that crosses the line of the date, in two: on a flat map its halves stand at the two edges. */
function cutAtDateLine(ring: Position[]): Position[][] {
  const halves: Record<'east' | 'west', Position[]> = { east: [], west: [] };
  const sideOf = (longitude: number) => (longitude > 0 ? 'east' : 'west');
  let cut = false;
  for (const [at, point] of ring.entries()) {
    const [longitude = 0, latitude = 0] = point;
    const [before = longitude, latitudeBefore = latitude] = ring[at - 1] ?? point;
    if (Math.abs(longitude - before) > 180) {
      cut = true;
      const middle = (latitude + latitudeBefore) / 2;
      halves[sideOf(before)].push([before > 0 ? 180 : -180, middle]);
      halves[sideOf(longitude)].push([longitude > 0 ? 180 : -180, middle]);
    }
    halves[sideOf(longitude)].push(point);
  }
  return cut ? [halves.east, halves.west].filter((half) => half.length > 2) : [ring];
}

function cut(shape: Polygon | MultiPolygon): MultiPolygon {
  const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
  const coordinates = polygons.flatMap(([outer = [], ...holes]) =>
    cutAtDateLine(outer).map((ring, at) => (at === 0 ? [ring, ...holes] : [ring])),
  );
  return { type: 'MultiPolygon', coordinates };
}

/** The countries of the world as GeoJSON, each named by its ISO 3166-1 alpha-2 code. Natural Earth 1:110m. */
export function worldOutlines(): FeatureCollection {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const all = feature(topology, topology.objects.countries);
  const features = all.features.flatMap((one) => {
    const name = codeOf(one.id, one.properties.name);
    if (name === ANTARCTICA) return [];
    return [{ ...one, properties: { name }, geometry: cut(one.geometry as Polygon | MultiPolygon) }];
  });
  return { type: 'FeatureCollection', features };
}
