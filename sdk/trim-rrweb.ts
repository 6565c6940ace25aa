import { type Plugin, parseSync } from 'vite';

/**
 * What of rrweb's recorder is never used here, by class: canvases and frames of other sites are not recorded. Each
 * becomes as little as the rest of it calls, and what only these used is left out by the bundler. It takes 4 kB of 23.
 */
const UNUSED: Record<string, string> = {
  CanvasManager: 'class CanvasManager { constructor() {} reset() {} freeze() {} unfreeze() {} lock() {} unlock() {} }',
  CrossOriginIframeMirror:
    'class CrossOriginIframeMirror { constructor() {} getId() {} getIds() {} getRemoteId() {} getRemoteIds() {} reset() {} }',
};
/** The source of the worker that encodes canvases. */
const UNUSED_CONSTANT = 'blob';

/** Leaves out of @rrweb/record what is not used. Fails where a new version of it has another shape. */
export function trimRrweb(): Plugin {
  return {
    name: 'trim-rrweb',
    transform(code, id) {
      if (!id.includes('@rrweb/record')) return;
      const edits: [from: number, to: number, text: string][] = [];
      for (const node of parseSync(id, code).program.body) {
        if (node.type === 'ClassDeclaration' && node.id && UNUSED[node.id.name]) {
          edits.push([node.start, node.end, UNUSED[node.id.name]!]);
        } else if (node.type === 'VariableDeclaration') {
          const [first] = node.declarations;
          if (first?.id.type === 'Identifier' && first.id.name === UNUSED_CONSTANT)
            edits.push([node.start, node.end, '']);
        }
      }
      if (edits.length !== Object.keys(UNUSED).length + 1) this.error('@rrweb/record has another shape than before.');
      for (const [from, to, text] of edits.reverse()) code = code.slice(0, from) + text + code.slice(to);
      return { code, map: null };
    },
  };
}
