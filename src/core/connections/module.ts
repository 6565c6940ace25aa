import { defineApp } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { mountMailHook } from './mail/hook.ts';
import { listenForMail } from './mail/listener.ts';
import { connectionRoutes } from './routes.ts';
import { startConnections } from './supervisor.ts';

/** Sources that the server goes to or listens for by itself: brokers of MQTT, mail, tables of other databases. */
export const connections = defineApp({
  name: 'connections',
  needs: ['sources', 'intake'],
  permissions: {
    'connections.read': 'See how sources are connected to brokers, mail and databases, without their secrets.',
    'connections.write':
      'Let the server connect to brokers and databases, also in private networks, and read what they have.',
  },
  routes: connectionRoutes,
  mount: mountMailHook,
  start,
  migrations: new URL('./migrations/', import.meta.url),
});

async function start(context: Context): Promise<() => Promise<void>> {
  const { smtpPort, host } = context.config;
  const mail = smtpPort === undefined ? null : await listenForMail(context, { port: smtpPort, host });
  const stopRunning = await startConnections(context);
  return async () => {
    await mail?.close();
    await stopRunning();
  };
}
