import { defineApp } from '../../kernel/app.ts';
import { pageOf } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { AuditItem, auditQuery, forgetLooks, listAudit, recordAudit } from './entries.ts';

export const audit = defineApp({
  name: 'audit',
  permissions: { 'audit.read': 'See who changed what and who looked at whom.' },
  routes: [
    route({
      method: 'GET',
      path: '/api/audit',
      summary: 'Every change, every look at a person, every sign-in and everything that was refused, newest first',
      permission: 'audit.read',
      query: auditQuery,
      reply: pageOf(AuditItem),
      run: ({ context, query }) => listAudit(context, query),
    }),
  ],
  audit: recordAudit,
  jobs: { 'audit.forgetLooks': { every: '12 * * * *', run: (context) => forgetLooks(context) } },
  migrations: new URL('./migrations/', import.meta.url),
});
