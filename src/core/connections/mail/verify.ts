import { resolve as systemResolve } from 'node:dns/promises';

/** What the sender's domain says of a mail: each is pass, fail, none, or another word of RFC 8601. */
export interface Authentication {
  spf: string;
  dkim: string;
  dmarc: string;
  /** The domain in From vouches for the mail. Without this anybody may have written it. */
  verified: boolean;
}

export type Resolver = (name: string, type: string) => Promise<string[] | string[][]>;

const UNKNOWN: Authentication = { spf: 'none', dkim: 'none', dmarc: 'none', verified: false };
/** All look-ups together; a mail is not kept waiting for a name server. */
const VERIFY_MS = 8000;
const LOOKUPS = 60;

/** Checks SPF, DKIM and DMARC. Never throws: what cannot be found out is not verified. */
export async function verifyMail(
  raw: Buffer,
  from: { ip?: string; helo?: string; sender?: string },
  resolver: Resolver = systemResolve as Resolver,
): Promise<Authentication> {
  // Large, and loaded only where mails come in.
  const { authenticate } = await import('mailauth');
  let lookups = 0;
  const bounded: Resolver = (name, type) => {
    if (++lookups > LOOKUPS) return Promise.reject(Object.assign(new Error('too many look-ups'), { code: 'ETIMEOUT' }));
    return resolver(name, type);
  };
  const late = new Promise<Authentication>((resolve) => {
    setTimeout(() => resolve({ ...UNKNOWN, dmarc: 'temperror' }), VERIFY_MS).unref();
  });
  const checked = authenticate(raw, {
    ...(from.ip ? { ip: from.ip, helo: from.helo ?? '', sender: from.sender ?? '' } : {}),
    resolver: bounded,
    mta: 'throughline',
    disableArc: true,
    disableBimi: true,
  }).then((result): Authentication => {
    const dkim = result.dkim?.results ?? [];
    const dmarc = result.dmarc ? result.dmarc.status.result : 'none';
    // A domain without a policy vouches as well, if its own signature is on the mail.
    const aligned = dkim.some((one) => one.status.result === 'pass' && one.status.aligned && !one.status.underSized);
    return {
      spf: result.spf ? result.spf.status.result : 'none',
      dkim: dkim.find((one) => one.status.result === 'pass')?.status.result ?? dkim[0]?.status.result ?? 'none',
      dmarc,
      verified: dmarc === 'pass' || (dmarc === 'none' && aligned),
    };
  });
  return Promise.race([checked.catch(() => UNKNOWN), late]);
}
