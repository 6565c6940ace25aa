import { BarChart, CustomChart, LineChart, SankeyChart, ScatterChart } from 'echarts/charts';
import {
  GeoComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { getMap, init, registerMap, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { WORLD } from './map.ts';
import type { ChartSpec } from './spec.ts';

use([
  BarChart,
  CustomChart,
  LineChart,
  SankeyChart,
  ScatterChart,
  GeoComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

export { init };

/** Fetches what a kind needs beside the engine: the outlines of the world for a map, nothing for the others. */
export async function prepare(of: ChartSpec): Promise<void> {
  if (of.kind !== 'map' || getMap(WORLD)) return;
  const { worldOutlines } = await import('./world.ts');
  registerMap(WORLD, { geoJSON: worldOutlines() } as unknown as Parameters<typeof registerMap>[1]);
}
