import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** With the name by which the HTML shows it; its bytes. */
  attachments: { cid: string; type: string; bytes: Uint8Array }[];
}

/** A mail server for tests: speaks SMTP on a port of its own and keeps what it is given. */
export interface MailServer {
  /** smtp://127.0.0.1:port, for THROUGHLINE_MAIL_URL. */
  url: string;
  /** All so far, oldest first. */
  messages: ReceivedMail[];
  /** The next one that has not been taken by `next`; waits for it. */
  next(): Promise<ReceivedMail>;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const messages: ReceivedMail[] = [];
  const waiting: ((mail: ReceivedMail) => void)[] = [];
  let taken = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const parsed = await PostalMime.parse(Buffer.concat(chunks));
        const received = {
          from: parsed.from?.address ?? '',
          to: session.envelope.rcptTo.map((one) => one.address).join(', '),
          subject: parsed.subject ?? '',
          text: parsed.text ?? '',
          html: parsed.html ?? '',
          attachments: parsed.attachments.map(({ contentId, mimeType, content }) => ({
            cid: (contentId ?? '').replace(/^<|>$/g, ''),
            type: mimeType,
            bytes: typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content),
          })),
        };
        messages.push(received);
        const first = waiting.shift();
        if (first) {
          taken++;
          first(received);
        }
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    messages,
    next() {
      const ready = messages[taken];
      if (ready) {
        taken++;
        return Promise.resolve(ready);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
