/**
 * The areas of the message catalogue: one file an area and language, `<language>/<area>.json`. English gives the keys
 * their types; nothing is imported at run time. A new area is a line here and a file in each language.
 */
export interface Messages {
  access: typeof import('./en/access.json');
  account: typeof import('./en/account.json');
  action: typeof import('./en/action.json');
  actions: typeof import('./en/actions.json');
  alerts: typeof import('./en/alerts.json');
  audiences: typeof import('./en/audiences.json');
  audit: typeof import('./en/audit.json');
  cases: typeof import('./en/cases.json');
  catalogue: typeof import('./en/catalogue.json');
  channel: typeof import('./en/channel.json');
  chart: typeof import('./en/chart.json');
  connection: typeof import('./en/connection.json');
  contact: typeof import('./en/contact.json');
  dashboards: typeof import('./en/dashboards.json');
  destinations: typeof import('./en/destinations.json');
  details: typeof import('./en/details.json');
  entry: typeof import('./en/entry.json');
  event: typeof import('./en/event.json');
  friction: typeof import('./en/friction.json');
  health: typeof import('./en/health.json');
  heatmaps: typeof import('./en/heatmaps.json');
  hidden: typeof import('./en/hidden.json');
  identifier: typeof import('./en/identifier.json');
  join: typeof import('./en/join.json');
  journeyMap: typeof import('./en/journeyMap.json');
  keys: typeof import('./en/keys.json');
  kit: typeof import('./en/kit.json');
  line: typeof import('./en/line.json');
  live: typeof import('./en/live.json');
  nav: typeof import('./en/nav.json');
  notebooks: typeof import('./en/notebooks.json');
  people: typeof import('./en/people.json');
  permission: typeof import('./en/permission.json');
  permissionGroup: typeof import('./en/permissionGroup.json');
  person: typeof import('./en/person.json');
  preferences: typeof import('./en/preferences.json');
  privacy: typeof import('./en/privacy.json');
  quarantine: typeof import('./en/quarantine.json');
  query: typeof import('./en/query.json');
  refusal: typeof import('./en/refusal.json');
  refused: typeof import('./en/refused.json');
  replay: typeof import('./en/replay.json');
  reports: typeof import('./en/reports.json');
  requests: typeof import('./en/requests.json');
  role: typeof import('./en/role.json');
  roleHint: typeof import('./en/roleHint.json');
  roles: typeof import('./en/roles.json');
  sample: typeof import('./en/sample.json');
  saved: typeof import('./en/saved.json');
  scores: typeof import('./en/scores.json');
  session: typeof import('./en/session.json');
  sessions: typeof import('./en/sessions.json');
  setup: typeof import('./en/setup.json');
  shares: typeof import('./en/shares.json');
  shell: typeof import('./en/shell.json');
  shortcut: typeof import('./en/shortcut.json');
  signIn: typeof import('./en/signIn.json');
  source: typeof import('./en/source.json');
  sourceKind: typeof import('./en/sourceKind.json');
  sourceKindHint: typeof import('./en/sourceKindHint.json');
  sourcePaste: typeof import('./en/sourcePaste.json');
  sources: typeof import('./en/sources.json');
  staff: typeof import('./en/staff.json');
  step: typeof import('./en/step.json');
  surveyEdit: typeof import('./en/surveyEdit.json');
  surveyResults: typeof import('./en/surveyResults.json');
  surveySend: typeof import('./en/surveySend.json');
  surveys: typeof import('./en/surveys.json');
  test: typeof import('./en/test.json');
  trait: typeof import('./en/trait.json');
  transformations: typeof import('./en/transformations.json');
  user: typeof import('./en/user.json');
  views: typeof import('./en/views.json');
  voices: typeof import('./en/voices.json');
  web: typeof import('./en/web.json');
}

export type Area = keyof Messages;

/** What the shell and the kit say: loaded with the language, before anything is shown. Others come with their pages. */
export const SHELL_AREAS = ['kit', 'nav', 'refusal', 'session', 'shell', 'user'] as const satisfies readonly Area[];
