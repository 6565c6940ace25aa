/** Groups of kinds of files, as a question asks for them. */
export type FileGroup = 'image' | 'pdf' | 'text' | 'sound' | 'video' | 'office';

interface Kind {
  type: string;
  group: FileGroup;
}

const at = (bytes: Uint8Array, offset: number, text: string) =>
  Buffer.from(bytes.subarray(offset, offset + text.length)).toString('latin1') === text;

const SIGNS: [offset: number, text: string, type: string, group: FileGroup][] = [
  [0, '\x89PNG\r\n\x1a\n', 'image/png', 'image'],
  [0, '\xff\xd8\xff', 'image/jpeg', 'image'],
  [0, 'GIF8', 'image/gif', 'image'],
  [8, 'WEBP', 'image/webp', 'image'],
  [4, 'ftypavif', 'image/avif', 'image'],
  [4, 'ftypheic', 'image/heic', 'image'],
  [0, '%PDF-', 'application/pdf', 'pdf'],
  [0, 'ID3', 'audio/mpeg', 'sound'],
  [0, 'OggS', 'audio/ogg', 'sound'],
  [8, 'WAVE', 'audio/wav', 'sound'],
  [4, 'ftypM4A', 'audio/mp4', 'sound'],
  [4, 'ftyp', 'video/mp4', 'video'],
  [0, '\x1a\x45\xdf\xa3', 'video/webm', 'video'],
  [0, 'PK\x03\x04', 'application/zip', 'office'],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage', 'office'],
];

/**
 * What a file is by its first bytes, whatever it is called; null for what is none of the kinds. Text is what decodes as UTF-8
 * without control characters and is no markup, so that nothing which a browser runs passes for one.
 */
export function sniff(bytes: Uint8Array): Kind | null {
  for (const [offset, text, type, group] of SIGNS) if (at(bytes, offset, text)) return { type, group };
  if (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0) return { type: 'audio/mpeg', group: 'sound' };
  return isText(bytes) ? { type: 'text/plain', group: 'text' } : null;
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.byteLength === 0) return false;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a text does not have.
    return !/[\u0000-\u0008\u000e-\u001f]/.test(text) && !/^\s*<[!?a-z]/i.test(text);
  } catch {
    return false;
  }
}
