import { geoEqualEarth } from 'd3-geo';

const equalEarth = geoEqualEarth().scale(100).translate([0, 0]);

/** Areas stand in their true proportions, so that a large tint is a large country. */
export const worldProjection = {
  project: (point: [number, number]) => equalEarth(point) ?? [0, 0],
  unproject: (point: [number, number]) => equalEarth.invert?.(point) ?? [0, 0],
};
