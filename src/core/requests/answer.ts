import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { deliverMail, mailIsSetUp } from '../../kernel/mail.ts';
import { refuse } from '../../kernel/refusal.ts';
import { requestErasure } from '../privacy/erasure.ts';
import { exportById, exportFile, requestExport } from '../privacy/exports.ts';
import { restrict } from '../privacy/restrictions.ts';
import { mailCustomer, mailOf } from './mails.ts';
import { closeRequest, linkWork, type RequestRow, rowById } from './requests.ts';

/** What each kind of request does; the permission is asked for beside the one to answer requests at all. */
const NEEDS: Partial<Record<RequestRow['kind'], string>> = {
  access: 'privacy.export',
  portability: 'privacy.export',
  erasure: 'privacy.erase',
  restriction: 'privacy.act',
  objection: 'privacy.act',
};

/**
 * Does what a request asks for. Archives and erasures take their time: the request is closed by `finishAnswered`. Refuses
 * with 403 without the permission for the deed, with 409 a request that is closed, unproven or has no person yet.
 */
export async function fulfil(context: Context, caller: Caller, id: number, answer: string): Promise<void> {
  const request = await rowById(context, id);
  const actor = caller.email ?? caller.name;
  const needed = NEEDS[request.kind];
  if (needed && !caller.permissions.has(needed)) {
    throw refuse.forbidden(`This needs the permission ${needed} too, which the role "${caller.role}" does not have.`);
  }
  if (request.closedAt) throw refuse.conflict('This request is closed already.');
  if (request.state === 'unproven') {
    throw refuse.conflict(
      'It is not known yet whose request this is. Wait for the proof by mail, or note how you checked it.',
    );
  }
  if (request.exportId || request.erasureId)
    throw refuse.conflict('This is being done already; the request closes by itself.');
  const close = async () => {
    const closed = await closeRequest(context, id, { state: 'done', actor, answer });
    await mailCustomer(context, context.records.pool, closed, 'done');
  };
  if (request.kind === 'correction') return close();
  if (request.personId === null) {
    throw refuse.conflict(
      'Say first whose request this is: choose the person. If nobody is known by this address, refuse it and say so.',
    );
  }
  switch (request.kind) {
    case 'access':
    case 'portability': {
      const made = await requestExport(context, request.personId, { language: request.language, by: actor });
      await linkWork(context, id, actor, { exportId: made.id });
      return lookSoon(context);
    }
    case 'erasure': {
      // The address goes with everything else, so this mail must have left before.
      if (mailIsSetUp(context.config)) {
        try {
          await deliverMail(context, await mailOf(context, { ...request, answer }, 'erasing'));
        } catch (error) {
          throw refuse.unavailable(
            `The customer could not be mailed, so nothing was erased: ${(error as Error).message}. Try again.`,
            60,
          );
        }
      }
      const erasure = await requestErasure(context, request.personId, actor);
      await linkWork(context, id, actor, { erasureId: erasure.id });
      return lookSoon(context);
    }
    case 'restriction':
    case 'objection': {
      const purpose = request.kind === 'objection' ? (request.purpose ?? 'marketing') : '';
      await restrict(context, request.personId, { purpose, reason: `request ${id}`, by: actor });
      return close();
    }
  }
}

/** How soon after the work began, and then again and again, it is looked whether it is done. */
const LOOK_MS = 2000;

const lookSoon = ({ records }: Context) =>
  addJob(records.pool, 'requests.finish', {}, { key: 'requests.finish', runAt: new Date(Date.now() + LOOK_MS) });

/** Closes the requests whose archive or erasure is done, and tells the customer; looks again while one is under way. */
export async function finishAnswered(context: Context): Promise<void> {
  await closeAnswered(context);
  const { rows } = await context.records.pool.query(
    `SELECT FROM requests r LEFT JOIN privacy_exports x ON x.id::text = r.export_id
       LEFT JOIN privacy_erasures e ON e.id::text = r.erasure_id
     WHERE r.state = 'open' AND (x.state IN ('waiting', 'running') OR e.state IN ('waiting', 'running')) LIMIT 1`,
  );
  if (rows.length > 0) await lookSoon(context);
}

async function closeAnswered(context: Context): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: number; erased: boolean }>(
    `SELECT r.id, r.erasure_id IS NOT NULL AS erased FROM requests r
     LEFT JOIN privacy_exports x ON x.id::text = r.export_id LEFT JOIN privacy_erasures e ON e.id::text = r.erasure_id
     WHERE r.state = 'open' AND (x.state = 'done' OR e.state = 'done') ORDER BY r.id LIMIT 100`,
  );
  for (const { id, erased } of rows) {
    const closed = await closeRequest(context, id, { state: 'done', actor: 'system', answer: '' });
    if (!erased) await mailCustomer(context, context.records.pool, closed, 'done');
  }
}

/** The archive that answers a request, as long as it can be downloaded; null where there is none. */
export async function archiveOf(
  context: Context,
  request: RequestRow,
): Promise<{ expiresAt: Date; response(): Promise<Response> } | null> {
  if (!request.exportId || request.state !== 'done') return null;
  const made = await exportById(context, request.exportId);
  if (made?.state !== 'done' || !made.expiresAt || made.expiresAt < new Date()) return null;
  return { expiresAt: made.expiresAt, response: () => exportFile(context, made.id) };
}
