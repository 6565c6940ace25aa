import { baseOptions, type Drawing, type Options, tipHtml, tooltipOf } from './base.ts';
import { type MapClass, mapClasses } from './map-classes.ts';
import { SMALL_PLACES } from './small-places.ts';
import type { MapSpec } from './spec.ts';

/** The name under which the outlines are registered. */
export const WORLD = 'world';
type Projection = { project: (point: [number, number]) => unknown; unproject: (point: [number, number]) => unknown };

/** Countries tinted by value, the smallest as dots. The outlines are registered as `WORLD` before it is drawn. */
export function mapOptions(of: MapSpec, drawing: Drawing, projection: Projection): Options {
  const { theme, words } = drawing;
  const classes = mapClasses(of, theme, words);
  const colour = (value: number) => classes.findLast((one) => value >= one.from)?.colour ?? theme.other;
  const countries = new Map(of.countries.map((country) => [country.code.toUpperCase(), country]));
  const tip = (code: string) => {
    const country = countries.get(code);
    if (!country) return '';
    const value = words.format(country.value, of.unit);
    return tipHtml(country.label, [{ name: of.names.value, value, colour: colour(country.value) }]);
  };
  const edge = drawing.picture ? 16 : 2;
  return {
    ...baseOptions(drawing),
    tooltip: tooltipOf(drawing, 'item', ({ name }) => tip(name)),
    geo: {
      map: WORLD,
      projection,
      left: edge,
      right: edge,
      top: edge,
      bottom: edge,
      roam: false,
      itemStyle: { areaColor: theme.line, borderColor: theme.surface, borderWidth: 0.6 },
      label: { show: false },
      emphasis: { disabled: true },
      select: { disabled: true },
      tooltip: { show: !drawing.picture },
      regions: [...countries].map(([code, { value }]) => ({ name: code, itemStyle: { areaColor: colour(value) } })),
    },
    series: [
      {
        type: 'scatter',
        id: 'small',
        coordinateSystem: 'geo',
        symbolSize: 8,
        emphasis: { disabled: true },
        data: [...countries].flatMap(([code, { value }]) => {
          const place = SMALL_PLACES.get(code);
          const itemStyle = { color: colour(value), borderColor: theme.inkDim, borderWidth: 0.75 };
          return place ? [{ name: code, value: place, itemStyle }] : [];
        }),
      },
    ],
    ...(drawing.picture ? { graphic: legend(classes, drawing) } : {}),
  };
}

function legend(classes: MapClass[], { theme, height }: Drawing): object[] {
  return classes.flatMap(({ colour, label }, index) => {
    const y = height - 16 - (classes.length - index) * 18;
    return [
      { type: 'rect', shape: { x: 20, y, width: 14, height: 10 }, style: { fill: colour }, silent: true },
      { type: 'text', x: 40, y: y - 1, style: { text: label, fill: theme.inkDim, fontSize: 11 }, silent: true },
    ];
  });
}
