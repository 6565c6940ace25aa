import type { PlayerEvent } from './engine.ts';

/** Elements below one another: deeper than browsers take from HTML. */
const DEPTH_LIMIT = 600;

interface Node {
  id: number;
  childNodes?: Node[];
}

/**
 * A forged change could hang a tree below itself, or grow without end in depth; what draws the page would never come
 * back from that. Takes events in their order from a full snapshot on, and removes such additions from them.
 */
export class TreeGuard {
  readonly #parents = new Map<number, number>();

  /** The same event with what cannot be left out of it. */
  take(event: PlayerEvent): PlayerEvent {
    if (event.type === 2) {
      this.#parents.clear();
      this.#register((event.data as { node: Node }).node, 0);
    } else if (event.type === 3) {
      const data = event.data as { source: number; adds?: { parentId: number; node: Node }[] };
      if (data.source === 0 && data.adds)
        data.adds = data.adds.filter(({ parentId, node }) => {
          if (!this.#fits(node.id, parentId)) return false;
          this.#register(node, parentId);
          return true;
        });
    }
    return event;
  }

  #fits(id: number, parentId: number): boolean {
    let at: number | undefined = parentId;
    for (let depth = 0; at !== undefined; depth += 1) {
      if (at === id || depth > DEPTH_LIMIT) return false;
      at = this.#parents.get(at);
    }
    return true;
  }

  #register(root: Node, parentId: number): void {
    const open: [Node, number][] = [[root, parentId]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [node, parent] = next;
      if (parent > 0) this.#parents.set(node.id, parent);
      for (const child of node.childNodes ?? []) open.push([child, node.id]);
    }
  }
}
