/** Text of the page for an event: white space folded, what looks like a card number or an e-mail address hidden, cut. */
export function clip(text: unknown, characters = 100): string {
  return `${text || ''}`
    .replace(/\S+@\S+/g, '•••')
    .replace(/\d(?:[\s.-]*\d){12,18}/g, '•••')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, characters);
}
