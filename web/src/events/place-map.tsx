import { geoAzimuthalEqualArea, geoCircle, geoGraticule, geoPath } from 'd3-geo';
import type { FeatureCollection } from 'geojson';
import { useMemo } from 'react';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import countries from 'world-atlas/countries-50m.json';
import type { Place } from './place.ts';
import styles from './place-map.module.css';

const WIDTH = 400;
const HEIGHT = 220;
/** Outlines are cut off outside of what is seen, so that the cut has no line of its own. */
const EDGE = 4;
/** Degrees from the middle to the upper edge: enough of the coast and borders around to know where it is. */
const NEAREST = 4;
const FURTHEST = 75;
/** Metres to a degree of a great circle. */
const METRES = 111_195;

const atlas = countries as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
const land = feature(atlas, atlas.objects.land) as FeatureCollection;
const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b);

/** The outlines of the countries around a place, from Natural Earth; nothing is fetched from elsewhere. */
export function PlaceMap({ place, label }: { place: Place; label: string }) {
  const { latitude, longitude, accuracy } = place;
  const drawn = useMemo(() => {
    const around = (accuracy ?? 0) / METRES;
    const reach = Math.min(FURTHEST, Math.max(NEAREST, around * 1.6));
    const radians = (reach * Math.PI) / 180;
    const projection = geoAzimuthalEqualArea()
      .rotate([-longitude, -latitude])
      .translate([WIDTH / 2, HEIGHT / 2])
      .scale(HEIGHT / 2 / (2 * Math.sin(radians / 2)))
      .clipAngle(Math.min(179, reach * 2.6))
      .clipExtent([
        [-EDGE, -EDGE],
        [WIDTH + EDGE, HEIGHT + EDGE],
      ]);
    const path = geoPath(projection).digits(1);
    const step: [number, number] = reach > 30 ? [20, 20] : reach > 10 ? [5, 5] : [2, 2];
    const circle = accuracy ? geoCircle().center([longitude, latitude]).radius(around)() : null;
    return {
      graticule: path(geoGraticule().step(step)()) ?? '',
      land: path(land) ?? '',
      borders: path(borders) ?? '',
      circle: circle ? (path(circle) ?? '') : '',
    };
  }, [latitude, longitude, accuracy]);
  return (
    <svg className={styles.map} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path className={styles.graticule} d={drawn.graticule} />
      <path className={styles.land} d={drawn.land} />
      <path className={styles.borders} d={drawn.borders} />
      {drawn.circle ? <path className={styles.around} d={drawn.circle} /> : null}
      <circle className={styles.halo} cx={WIDTH / 2} cy={HEIGHT / 2} r={9} />
      <circle className={styles.point} cx={WIDTH / 2} cy={HEIGHT / 2} r={4.5} />
    </svg>
  );
}
