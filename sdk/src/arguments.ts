import type { CallOptions, Properties } from './properties.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isId = (value: unknown): value is string | number => isText(value) || typeof value === 'number';
export const isFunction = (value: unknown): value is (message: unknown) => void => typeof value === 'function';
export const isObject = (value: unknown): value is Properties => ({}).toString.call(value) === '[object Object]';
const object = (value: unknown): CallOptions => (isObject(value) ? value : {});

/** `track(name, properties?, options?)` or `track({ event, properties }, options?)`, as Segment reads it. */
export function trackArguments([name, properties, options]: unknown[]): [string, Properties, CallOptions] {
  const whole = isObject(name);
  const event = whole ? name.event : name;
  if (!event || !isText(event)) throw new Error('Event missing');
  return [
    event,
    object(whole ? name.properties : properties),
    object(whole && !isFunction(properties) ? properties : options),
  ];
}

/** `page(category?, name?, properties?, options?)`: one text is the name, two are category and name. */
export function pageArguments(args: unknown[]): [string | undefined, string | undefined, Properties, CallOptions] {
  const texts = args.filter(isText);
  const objects = args.filter(isObject);
  const text = (at: number) => (texts[1] != null && isText(args[at]) ? args[at] : undefined);
  // An object in the fourth place alone is the options.
  if (!objects[1] && isObject(args[3])) objects.unshift({});
  return [text(0), texts[1] == null ? texts[0] : text(1), object(objects[0]), object(objects[1])];
}

/** `identify(id?, traits?, options?)` and `group` alike. */
export function userArguments(args: unknown[]): [string | undefined, Properties, CallOptions] {
  const [id] = args;
  const [traits, options] = isId(id) || id == null ? args.slice(1) : args;
  return [isId(id) ? `${id}` : undefined, object(traits), object(options)];
}

/** `alias(to, from?, options?)`. */
export function aliasArguments(args: unknown[]): [string | undefined, string | undefined, CallOptions] {
  const [to, from] = args.filter(isId).map(String);
  return [to, from, object(args.find(isObject))];
}
