import type { Drawing } from '../../../../src/kernel/chart/options.ts';
import { chartPicture } from '../../../../src/kernel/chart/picture.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import { saveFile } from './save-file.ts';

/** Pixels of the file to one of the screen: sharp on paper and on slides. */
const PNG_SCALE = 2;

/** The chart as a file of its own, with its legend, drawn by what also draws it into mails. */
export async function savePicture(of: ChartSpec, drawing: Drawing, label: string, kind: 'png' | 'svg'): Promise<void> {
  const svg = new Blob([await chartPicture(of, drawing)], { type: 'image/svg+xml' });
  if (kind === 'svg') {
    saveFile(svg, label, 'svg');
    return;
  }
  const address = URL.createObjectURL(svg);
  try {
    const image = new Image(drawing.width, drawing.height);
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = drawing.width * PNG_SCALE;
    canvas.height = drawing.height * PNG_SCALE;
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('This browser draws no pictures.');
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((made) => canvas.toBlob(made, 'image/png'));
    if (!png) throw new Error('The picture is too large for this browser.');
    saveFile(png, label, 'png');
  } finally {
    URL.revokeObjectURL(address);
  }
}
