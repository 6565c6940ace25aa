import { LOG_CHARACTERS, OUTPUT_EVENTS } from '../limits.ts';

/**
 * What stands in the sandbox before a transformation's code, in JavaScript: a clock and dice that give the same again for
 * the same event, `console`, `sha256`, and the function that calls `transform`. Whatever it needs of the language is taken
 * before the code could change it. It answers with a text: '' where the event is left out, `[…]` with the events, or
 * `!` and JSON that says what was wrong.
 */
export const GLUE = `
(function (log, digest) {
  'use strict';
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { construct, apply } = Reflect;
  const text = String;
  const slice = String.prototype.slice;
  const RealDate = Date;
  const imul = Math.imul;
  let clock = 0, seed = 1, logs = false;

  function FixedDate(...given) {
    if (!new.target) return new RealDate(clock).toString();
    return construct(RealDate, given.length === 0 ? [clock] : given, new.target);
  }
  FixedDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = FixedDate;
  FixedDate.now = () => clock;
  FixedDate.parse = RealDate.parse;
  FixedDate.UTC = RealDate.UTC;
  globalThis.Date = FixedDate;

  delete globalThis.SharedArrayBuffer;
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };

  const show = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return text(value);
    const json = stringify(value);
    return json === undefined ? text(value) : json;
  };
  const write = (...values) => {
    if (!logs) return;
    let line = '';
    for (let i = 0; i < values.length; i++) line += (i > 0 ? ' ' : '') + show(values[i]);
    log(apply(slice, line, [0, ${LOG_CHARACTERS}]));
  };
  globalThis.console = { log: write, info: write, warn: write, error: write, debug: write };
  globalThis.sha256 = (value) => digest(text(value));

  const describe = (error) => {
    if (typeof error !== 'object' || error === null) return stringify({ name: '', message: text(error), stack: '' });
    return stringify({ name: text(error.name || ''), message: text(error.message), stack: text(error.stack || '') });
  };
  const wrong = (message) => '!' + stringify({ name: 'output', message, stack: '' });
  const isEvent = (value) => typeof value === 'object' && value !== null && !isArray(value);

  const run = (transform) => (event, now, random, meta, logging) => {
    clock = now; seed = random; logs = logging;
    try {
      const result = transform(parse(event), parse(meta));
      if (result === null) return '';
      if (result === undefined) return wrong('it returned nothing: return the event, or null to leave it out');
      if (!isArray(result)) {
        if (!isEvent(result)) return wrong('it returned a ' + typeof result + ': return the event, or null to leave it out');
        if (typeof result.then === 'function') return wrong('it returned a promise: it must not be async');
        return '[' + stringify(result) + ']';
      }
      const length = result.length;
      if (length === 0) return '';
      if (length > ${OUTPUT_EVENTS}) return wrong('it returned ' + length + ' events; up to ${OUTPUT_EVENTS} may come out');
      let out = '';
      for (let i = 0; i < length; i++) {
        const one = result[i];
        if (!isEvent(one)) return wrong('entry ' + (i + 1) + ' of what it returned is not an event');
        out += (i > 0 ? ',' : '[') + stringify(one);
      }
      return out + ']';
    } catch (error) {
      return '!' + describe(error);
    }
  };
  return { run, describe };
})
`;

/** Takes what the code declared as `transform`, however it did. */
export const TAKE = "typeof transform === 'function' ? transform : undefined";
