import type { Bindings } from '../bindings.ts';
import type { JourneyReport } from './schema.ts';

/**
 * What a station counts as: the label of the first group that it fits, otherwise itself. `*` stands for anything but a
 * slash, `**` for anything; all else for itself. The expressions are RE2's, which takes time in proportion to the text.
 */
export function groupedSql(station: string, groups: JourneyReport['groups'], bindings: Bindings): string {
  if (groups.length === 0) return station;
  const choices = groups.map(({ pattern, label }) => `${fits(station, pattern, bindings)}, ${bindings.text(label)}`);
  return `multiIf(${choices.join(', ')}, ${station})`;
}

function fits(station: string, pattern: string, bindings: Bindings): string {
  if (!pattern.includes('*')) return `${station} = ${bindings.text(pattern)}`;
  const start = pattern.slice(0, -2);
  if (pattern.endsWith('**') && !start.includes('*')) return `startsWith(${station}, ${bindings.text(start)})`;
  return `match(${station}, ${bindings.text(expressionOf(pattern))})`;
}

function expressionOf(pattern: string): string {
  const parts = pattern.split(/(\*+)/).map((part) => {
    if (part === '*') return '[^/]*';
    return part.startsWith('*') ? '.*' : part.replaceAll(/[\\^$.|?+()[\]{}\-#&~]/g, '\\$&');
  });
  return `(?s)^${parts.join('')}$`;
}
