import type { Context } from '../../kernel/context.ts';
import { looksSaid, saidFields } from './said.ts';

/**
 * Words that, in the name of a property or trait, say that its value tells who somebody is or how to reach them: in
 * English, Polish, Italian, Russian (also in Latin letters), German, French, Spanish and Chinese. Matched as whole words of
 * the name (`firstName`, `first_name` and `First Name` are the words "first name").
 */
const WORDS = new Set(
  `email e-mail mail phone telephone mobile msisdn fax name firstname lastname surname fullname middlename forename nickname
  username address addr street postcode zip zipcode birthday birthdate dob birth ip ipaddress ssn passport iban card
  cardnumber pesel nip gender latitude longitude lat lng lon signature avatar photo license licence plate vat whatsapp
  telegram skype twitter facebook instagram linkedin handle password secret author autor autore автор auteur 作者
  imie imię nazwisko telefon komorka komórka adres ulica urodzenia urodziny plec płeć dowod dowód poczta
  nome cognome telefono cellulare indirizzo via nascita compleanno codicefiscale sesso
  имя фамилия отчество телефон почта адрес улица рождения пол паспорт imya familiya
  vorname nachname anschrift strasse straße geburtstag geburtsdatum handy
  prenom prénom nom adresse rue naissance anniversaire courriel
  apellido apellidos nombre direccion dirección calle nacimiento correo movil móvil dni
  姓名 名字 邮箱 电子邮件 电话 手机 地址 生日 身份证`.split(/\s+/),
);
/** Parts of Chinese names of properties, which are written without spaces. */
const PARTS = ['姓名', '邮箱', '邮件', '电话', '手机', '地址', '生日', '身份证'];
/** Beside one of these, "name" names a thing, and an author is of a thing that is sold. */
const THINGS = new Set(
  `product item event page screen plan campaign company account brand category file list section store shop coupon
  promotion currency country city source medium channel feature button form variant model app application browser os
  device host domain group team role tag type experiment list template produkt prodotto товар`.split(/\s+/),
);
const NAMES = new Set([
  'name',
  'nome',
  'nom',
  'nombre',
  'имя',
  'via',
  'card',
  'mail',
  'handle',
  'mobile',
  'lat',
  'signature',
  'author',
  'autor',
  'autore',
  'автор',
  'auteur',
]);

/** Whether a property or trait of this name is taken for personal until somebody says otherwise. */
export function looksPersonal(path: string): boolean {
  const words = path
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  if (PARTS.some((part) => path.includes(part)) || looksSaid(words)) return true;
  const joined = words.join('');
  if (WORDS.has(joined)) return true;
  const ofThing = words.some((word) => THINGS.has(word) || (word.endsWith('s') && THINGS.has(word.slice(0, -1))));
  return words.some((word) => WORDS.has(word) && !(NAMES.has(word) && ofThing));
}

export interface PersonalFields {
  /** Names of traits (of identify and group calls) that are personal. */
  traits: ReadonlySet<string>;
  /** Names of properties that are personal, by event name; `nameOf` says which. */
  properties: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a trait is personal: marked, or by its name where nobody has said and also where it was never seen. */
  isPersonalTrait(name: string): boolean;
  /** The same for a property, also one of a nested object or of the objects of a list. */
  isPersonalProperty(event: string, path: string): boolean;
  /** Where customers' own words stand: paths by the name of the event. Personal too, until somebody says otherwise. */
  said: ReadonlyMap<string, ReadonlySet<string>>;
}

const KEPT_MS = 5000;
const kept = new WeakMap<object, { at: number; fields: Promise<PersonalFields> }>();

/** What is marked personal, as of the last seconds. A mark that somebody set counts before the guess by the name. */
export function personalFields(context: Pick<Context, 'records'>): Promise<PersonalFields> {
  const known = kept.get(context.records);
  if (known && performance.now() - known.at < KEPT_MS) return known.fields;
  const fields = read(context);
  kept.set(context.records, { at: performance.now(), fields });
  fields.catch(() => kept.delete(context.records));
  return fields;
}

/** A change by this process shows at once. */
export function forgetPersonalFields(context: Pick<Context, 'records'>): void {
  kept.delete(context.records);
}

async function read(context: Pick<Context, 'records'>): Promise<PersonalFields> {
  const { rows } = await context.records.pool.query<{
    type: string;
    name: string;
    path: string;
    personal: boolean | null;
  }>(
    `SELECT e.type, e.name, p.path, p.personal FROM catalogue_properties p JOIN catalogue_events e ON e.id = p.event_id`,
  );
  const marks = new Map<string, boolean>();
  const traits = new Set<string>();
  const properties = new Map<string, Set<string>>();
  for (const { type, name, path, personal } of rows) {
    const ofTraits = type === 'identify' || type === 'group';
    const key = ofTraits ? `trait\0${path}` : `${name}\0${path}`;
    // The same trait of a person and of an account: personal where either is said to be.
    if (personal !== null) marks.set(key, personal || (marks.get(key) ?? false));
    if (!(personal ?? looksPersonal(path))) continue;
    if (ofTraits) traits.add(path);
    else properties.set(name, (properties.get(name) ?? new Set()).add(path));
  }
  const said = await saidFields(context);
  const isMarked = (key: string, path: string) => marks.get(key) ?? looksPersonal(path);
  return {
    said,
    traits,
    properties,
    isPersonalTrait: (name) => isMarked(`trait\0${name}`, name),
    isPersonalProperty: (event, path) =>
      marks.get(`${event}\0${path}`) ?? (said.get(event)?.has(path) || looksPersonal(path)),
  };
}
