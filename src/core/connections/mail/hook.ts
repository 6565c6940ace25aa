import type { Hono, Context as HonoContext } from 'hono';
import type { Context } from '../../../kernel/context.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import { assertOpen } from '../../intake/accept.ts';
import { answerAccepted, answerRefused, plain } from '../../intake/answers.ts';
import { callOf } from '../../intake/call.ts';
import { authenticate } from '../../intake/write-key.ts';
import { MAIL_BYTES, takeMail } from './take.ts';

/** Where providers put the mail as it came: SendGrid, Mailgun and their like. */
const FIELDS = ['email', 'body-mime', 'raw', 'message'];
/** A form or JSON around a mail, which may be encoded in base64. */
const BODY_BYTES = Math.ceil(MAIL_BYTES * 1.4);

/** Mails that a provider received for us, as they came: the body itself, or a field of a form or of JSON. */
export function mountMailHook(hono: Hono, context: Context): void {
  hono.post('/hooks/mail/:writeKey', async (http) => {
    const call = callOf(http);
    try {
      assertOpen(context);
      const source = await authenticate(context, call, http.req.param('writeKey'));
      if (source.kind !== 'mail') throw refuse.conflict('This write key is not one of a source for e-mail.');
      const raw = await mailOf(http);
      if (raw.length > MAIL_BYTES) throw tooLarge();
      await takeMail(context, [source], raw, {});
      return answerAccepted(call, plain, 1);
    } catch (error) {
      return answerRefused(call, plain, error);
    }
  });
}

const tooLarge = () => refuse.tooLarge(`The mail is larger than ${MAIL_BYTES / 1024 / 1024} MB, the limit here.`);

async function mailOf(http: HonoContext): Promise<Buffer> {
  if (Number(http.req.header('content-length') ?? 0) > BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of http.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const type = (http.req.header('content-type') ?? '').toLowerCase();
  if (size === 0) throw refuse.invalid('The body is empty. Send the mail as it came, as message/rfc822.');
  if (/^(message\/rfc822|text\/plain|application\/octet-stream)/.test(type) || type === '') return body;
  try {
    if (type.startsWith('multipart/form-data') || type.startsWith('application/x-www-form-urlencoded')) {
      const form = await new Response(new Uint8Array(body), {
        headers: { 'content-type': http.req.header('content-type')! },
      }).formData();
      for (const name of FIELDS) {
        const value = form.get(name);
        if (value !== null)
          return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
      }
      throw refuse.invalid(`The form has no field with the whole mail; one of ${FIELDS.join(', ')} is looked for.`);
    }
    if (type.startsWith('application/json')) {
      const { RawEmail: raw } = JSON.parse(body.toString('utf8')) as { RawEmail?: unknown };
      if (typeof raw === 'string') return Buffer.from(raw);
      throw refuse.invalid('The JSON has no "RawEmail". Switch on the raw mail with your provider.');
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuse.invalid(`The body cannot be read as ${type.split(';', 1)[0]}.`);
  }
  throw refuse.invalid('Send the mail as it came, as message/rfc822.');
}
