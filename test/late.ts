import { Server } from 'node:http';

/**
 * Loaded into the server of a test with `LATE=700 node --test test/…`: each request waits up to so many milliseconds, now
 * and then three times as long, so answers come late and in another order than they were asked for. A browser test that
 * acts before what its action needs stands passes on a quick machine and fails here.
 */
const longest = Number(process.env.LATE);
const emit = Server.prototype.emit;

Server.prototype.emit = function (this: Server, event: string | symbol, ...rest: unknown[]): boolean {
  if (event !== 'request') return Reflect.apply(emit, this, [event, ...rest]) as boolean;
  const wait = Math.random() * longest * (Math.random() < 0.1 ? 3 : 1);
  setTimeout(() => Reflect.apply(emit, this, [event, ...rest]), wait);
  return true;
};
