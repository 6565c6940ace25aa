/** Who makes a request: a member of staff with a session, a program with an API key, or the command line on this machine. */
export interface Caller {
  kind: 'staff' | 'key' | 'local';
  id: string;
  name: string;
  email: string | null;
  role: string;
  permissions: ReadonlySet<string>;
  /** Whether the role sees that a field with personal data exists, but not its value. */
  hidesPersonalData?: boolean;
  /** Signed in, but may do nothing before they have set up the second factor that the company asks for. */
  secondFactorMissing?: boolean;
  /** The session of a member of staff. */
  sessionId?: string;
}
