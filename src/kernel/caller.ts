/** Who makes a request: a member of staff with a session, a program with an API key, or the command line on this machine. */
export interface Caller {
  kind: 'staff' | 'key' | 'local';
  id: string;
  name: string;
  email: string | null;
  role: string;
  permissions: ReadonlySet<string>;
}
