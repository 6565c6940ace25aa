import { init, prepare } from './engine.ts';
import { chartOptions, type Drawing } from './options.ts';
import type { ChartSpec } from './spec.ts';

/** A chart as an SVG document, without a browser: for mails, and for files that a browser saves. */
export async function chartPicture(of: ChartSpec, drawing: Omit<Drawing, 'picture'>): Promise<string> {
  await prepare(of);
  const { width, height } = drawing;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(chartOptions(of, { ...drawing, picture: true }));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
