import { baseOptions, type Drawing, type Options, oneLine, tipHtml, tooltipOf } from './base.ts';
import type { FlowSpec } from './spec.ts';
import { seriesColour } from './theme.ts';

const NODE_CHARS = 26;

/** Links between known nodes that lead to a later column: a circle cannot be drawn. The others are in the table. */
function drawable(of: FlowSpec): FlowSpec['links'] {
  const columns = new Map(of.nodes.map((node) => [node.id, node.column]));
  return of.links.filter(({ from, to, value }) => {
    const [a, b] = [columns.get(from), columns.get(to)];
    return a !== undefined && b !== undefined && a < b && value > 0;
  });
}

/** Columns of nodes, wider where more went; the rest is grey, where it ends is red. */
export function flowOptions(of: FlowSpec, drawing: Drawing): Options {
  const { theme, words } = drawing;
  const nodes = new Map(of.nodes.map((node) => [node.id, node]));
  const last = Math.max(0, ...of.nodes.map((node) => node.column));
  const labels = [...new Set(of.nodes.filter((node) => !node.role).map((node) => node.label))];
  const colour = (id: string) => {
    const node = nodes.get(id);
    if (!node || node.role === 'other') return theme.other;
    if (node.role === 'dropOff') return theme.bad;
    // What has the same name has the same colour in every column.
    return seriesColour(theme, node.slot ?? labels.indexOf(node.label));
  };
  const links = drawable(of);
  const through = new Map<string, { into: number; out: number }>();
  for (const { from, to, value } of links) {
    const [a, b] = [through.get(from) ?? { into: 0, out: 0 }, through.get(to) ?? { into: 0, out: 0 }];
    through.set(from, { ...a, out: a.out + value });
    through.set(to, { ...b, into: b.into + value });
  }
  const sizeOf = (id: string) => Math.max(through.get(id)?.into ?? 0, through.get(id)?.out ?? 0);
  const edge = drawing.picture ? 16 : 2;
  return {
    ...baseOptions(drawing),
    tooltip: tooltipOf(drawing, 'item', ({ dataType, data }) => {
      if (dataType === 'edge') {
        const { source, target, value } = data as { source: string; target: string; value: number };
        const title = `${oneLine(nodes.get(source)?.label ?? '', 36)} → ${oneLine(nodes.get(target)?.label ?? '', 36)}`;
        return tipHtml(title, [{ name: of.names.value, value: words.format(value, of.unit) }]);
      }
      const { name } = data as { name: string };
      return tipHtml(nodes.get(name)?.label ?? '', [
        { name: of.names.value, value: words.format(sizeOf(name), of.unit), colour: colour(name) },
      ]);
    }),
    series: [
      {
        type: 'sankey',
        id: 'flow',
        left: edge,
        right: edge,
        top: edge + 6,
        bottom: edge + 6,
        nodeWidth: 10,
        nodeGap: 14,
        nodeAlign: 'left',
        draggable: false,
        layoutIterations: 48,
        emphasis: { focus: 'adjacency' },
        data: of.nodes
          .filter((node) => through.has(node.id))
          .map((node) => ({
            name: node.id,
            depth: node.column,
            itemStyle: { color: colour(node.id), borderWidth: 0 },
            label: {
              position: node.column === last && last > 0 ? 'left' : 'right',
              color: node.role ? theme.inkDim : theme.ink,
            },
          })),
        links: links.map(({ from, to, value }) => ({
          source: from,
          target: to,
          value,
          lineStyle: { color: nodes.get(to)?.role ? colour(to) : colour(from), opacity: 0.26, curveness: 0.5 },
        })),
        label: {
          fontSize: 12,
          textBorderColor: theme.surface,
          textBorderWidth: 3,
          formatter: ({ name }: { name: string }) =>
            `${oneLine(nodes.get(name)?.label ?? '', NODE_CHARS)}  ${words.format(sizeOf(name), of.unit, true)}`,
        },
        labelLayout: { hideOverlap: true },
      },
    ],
  };
}
