import { Refusal } from '../../kernel/refusal.ts';

/** Codes of the system and of PostgreSQL that say what is wrong better than their own words. */
const SENTENCES: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens at this address. Check host and port, and that the server runs.',
  ECONNRESET: 'The server closed the connection. Check the port, and whether it wants an encrypted connection.',
  ENOTFOUND: 'There is no host of this name. Check the address.',
  EAI_AGAIN: 'The name of the host could not be looked up now.',
  ETIMEDOUT: 'The server did not answer in time. Check the address and the firewall between.',
  EHOSTUNREACH: 'The host cannot be reached from here. Check the network between.',
  ENETUNREACH: 'The network of the host cannot be reached from here.',
  EPIPE: 'The server closed the connection.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Nobody vouches for the certificate of the server. Install one that is trusted.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Nobody vouches for the certificate of the server. Install one that is trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the server cannot be verified.',
  CERT_HAS_EXPIRED: 'The certificate of the server has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the server is for another host.',
  '28P01': 'The database refuses this name and password.',
  '28000': 'The database does not let this user in from here (pg_hba.conf).',
  '3D000': 'There is no database of this name on that server.',
  '42501': 'The user of the connection may not read this table. Grant it SELECT.',
  '42P01': 'There is no such table or view any more.',
  '42703': 'The table has no such column any more.',
  '53300': 'The database has no connection to spare.',
  '57014': 'The database took too long and was stopped. An index on the column to go by makes it quick.',
  '57P03': 'The database is starting up.',
};

/** A fault of a peer as a sentence: what is wrong and what to do. Never holds a secret: only codes and the peer's words. */
export function plainError(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return plainError(error.errors[0]);
  const { code, message } = error as { code?: string | number; message?: string };
  const sentence = SENTENCES[String(code ?? '')];
  if (sentence) return sentence;
  const said = (message ?? '').replaceAll(/\b[\w+.-]+:\/\/[^\s/]*@/g, '…@').trim();
  return said === '' ? 'The connection failed and the peer did not say why.' : said.slice(0, 500).replace(/\.?$/, '.');
}
