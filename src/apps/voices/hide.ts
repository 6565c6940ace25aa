import { personalFields } from '../../core/catalogue/personal.ts';
import { registerSaid } from '../../core/catalogue/said.ts';
import { HIDDEN, hideAddresses, hideSaid } from '../../core/people/hide.ts';
import { knownTexts } from '../../core/people/known-texts.ts';
import type { Context } from '../../kernel/context.ts';
import { readSettings } from './settings.ts';
import type { VoiceReply } from './voices.ts';

/** What is followed is what customers say, wherever it is looked at. */
export const saidByCustomers = (): void =>
  registerSaid(async (context) =>
    (await readSettings(context)).following.map(({ event, text }) => ({ event, path: text })),
  );

/** Voices for a role that does not see personal data: what was understood of them, and of their words what may be read. */
export async function hideVoices(context: Context, voices: readonly VoiceReply[]): Promise<VoiceReply[]> {
  const [fields, { following }, known] = await Promise.all([
    personalFields(context),
    readSettings(context),
    knownTexts(
      context,
      voices.map(({ person }) => Number(person.id)),
    ),
  ]);
  return voices.map((voice) => {
    const { of, person, author, contact } = voice;
    const at = { event: of, paths: following.filter(({ event }) => event === of).map(({ text }) => text) };
    return {
      ...voice,
      text: hideSaid(voice.text, at, fields, [author, contact, ...(known.get(Number(person.id)) ?? [])]),
      // What staff note of a customer may tell as much.
      note: voice.note && HIDDEN,
      person: { ...person, name: `#${person.id}` },
      author: author && HIDDEN,
      contact: contact && HIDDEN,
      url: hideAddresses(voice.url),
      path: hideAddresses(voice.path),
      place: hideAddresses(voice.place),
      element: hideAddresses(voice.element),
    };
  });
}
