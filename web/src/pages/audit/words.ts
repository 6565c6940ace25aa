import { hasMessage, type MessageKey, type Translate } from '../../text.tsx';
import type { Entry } from './calls.ts';

/** Actions that have a sentence of their own, by what is kept of them; the others are shown as they are kept. */
const DID = {
  'sign-in': 'signIn',
  'POST /api/auth/sign-out': 'signOut',
  'POST /api/auth/change-password': 'passwordChanged',
  'POST /api/auth/two-factor/enable': 'appBegun',
  'POST /api/auth/two-factor/verify-totp': 'appSetUp',
  'POST /api/auth/two-factor/disable': 'appRemoved',
  'POST /api/auth/two-factor/generate-backup-codes': 'backupCodes',
  'POST /api/setup': 'setUp',
  'PATCH /api/me': 'renamed',
  'POST /api/passkeys': 'passkeyAdded',
  'POST /api/passkeys/options': 'passkeyBegun',
  'PATCH /api/passkeys/{id}': 'passkeyRenamed',
  'DELETE /api/passkeys/{id}': 'passkeyRemoved',
  'DELETE /api/sessions': 'sessionEnded',
  'DELETE /api/sessions/{id}': 'sessionEnded',
  'POST /api/invitations': 'invited',
  'POST /api/invitations/{id}/send': 'invitedAgain',
  'DELETE /api/invitations/{id}': 'invitationWithdrawn',
  'POST /api/invitations/accept': 'joined',
  'PATCH /api/staff/{id}': 'memberChanged',
  'DELETE /api/staff/{id}': 'memberRemoved',
  'DELETE /api/staff/{id}/sessions': 'memberSignedOut',
  'DELETE /api/staff/{id}/sessions/{session}': 'memberSignedOut',
  'DELETE /api/staff/{id}/second-factor': 'memberFactor',
  'POST /api/staff/{id}/password-resets': 'memberReset',
  'GET /api/staff/{id}/sessions': 'memberSessions',
  'POST /api/password-resets/use': 'passwordReset',
  'POST /api/roles': 'roleMade',
  'PATCH /api/roles/{id}': 'roleChanged',
  'DELETE /api/roles/{id}': 'roleRemoved',
  'POST /api/keys': 'keyMade',
  'DELETE /api/keys/{id}': 'keyRevoked',
  'PATCH /api/access': 'accessChanged',
  'POST /api/sso': 'ssoMade',
  'PATCH /api/sso/{id}': 'ssoChanged',
  'DELETE /api/sso/{id}': 'ssoRemoved',
  'POST /api/sso/{id}/test': 'ssoTested',
  'POST /api/scim/tokens': 'directoryAdded',
  'DELETE /api/scim/tokens/{id}': 'directoryRevoked',
  'PATCH /api/scim/groups/{id}': 'groupChanged',
  'GET /api/people': 'peopleListed',
  'GET /api/people/lookup': 'peopleListed',
  'POST /api/query/people': 'behindSeen',
  'GET /api/people/{id}': 'personSeen',
  'GET /api/people/{id}/timeline': 'timelineSeen',
  'GET /api/people/{id}/traits/{name}/history': 'traitSeen',
  'GET /api/people/{id}/live': 'timelineSeen',
  'GET /api/people/{id}/privacy': 'privacySeen',
  'GET /api/people/{id}/exports': 'privacySeen',
  'GET /api/people/{id}/erasure': 'privacySeen',
  'GET /api/live': 'liveSeen',
  'GET /api/live/recent': 'liveSeen',
  'GET /api/accounts': 'accountsSeen',
  'GET /api/accounts/{id}': 'accountsSeen',
  'GET /api/identity/reports': 'reportsSeen',
  'GET /api/quarantine': 'quarantineSeen',
  'GET /api/quarantine/groups': 'quarantineSeen',
  'GET /api/quarantine/{id}': 'quarantineSeen',
  'POST /api/quarantine/{id}/resend': 'quarantineSent',
  'POST /api/quarantine/resends': 'quarantineSent',
  'DELETE /api/quarantine/{id}': 'quarantineDeleted',
  'POST /api/quarantine/deletions': 'quarantineDeleted',
  'POST /api/merges': 'merged',
  'POST /api/merges/{id}/undo': 'unmerged',
  'POST /api/people/{id}/consents': 'consentRecorded',
  'PUT /api/people/{id}/restriction': 'restricted',
  'DELETE /api/people/{id}/restriction': 'unrestricted',
  'POST /api/people/{id}/exports': 'personExported',
  'POST /api/people/{id}/erasure': 'personErased',
  'GET /api/requests': 'requestsSeen',
  'GET /api/requests/{id}': 'requestsSeen',
  'POST /api/requests': 'requestEntered',
  'PATCH /api/requests/{id}': 'requestChanged',
  'POST /api/requests/{id}/proof': 'requestProven',
  'POST /api/requests/{id}/fulfil': 'requestFulfilled',
  'POST /api/requests/{id}/refusal': 'requestRefused',
  'POST /api/privacy/purposes': 'privacyChanged',
  'PATCH /api/privacy/purposes/{key}': 'privacyChanged',
  'POST /api/privacy/texts': 'privacyChanged',
  'PUT /api/privacy/retention': 'retentionChanged',
  'DELETE /api/privacy/retention/{id}': 'retentionChanged',
  'POST /api/privacy/suppressed': 'suppressed',
  'POST /api/privacy/suppressed/lift': 'unsuppressed',
  'POST /api/sources': 'sourceMade',
  'PATCH /api/sources/{id}': 'sourceChanged',
  'POST /api/sources/{id}/keys': 'sourceKey',
  'POST /api/sources/{id}/test-events': 'sourceTested',
  'PUT /api/sources/{id}/connection': 'sourceConnected',
  'GET /api/sources/{id}/recorded': 'recordedSeen',
  'POST /api/sources/{id}/transformations': 'transformationMade',
  'POST /api/sources/{id}/transformations/try': 'transformationTried',
  'PATCH /api/transformations/{id}': 'transformationChanged',
  'POST /api/transformations/{id}/publish': 'transformationPublished',
  'DELETE /api/transformations/{id}': 'transformationRemoved',
  'GET /api/people/{id}/audiences': 'personSeen',
  'GET /api/memberships': 'personSeen',
  'GET /api/audiences/{id}/members': 'audienceSeen',
  'GET /api/audiences/{id}/members/{personId}': 'personSeen',
  'POST /api/audiences': 'audienceMade',
  'POST /api/audiences/of-report': 'audienceMade',
  'POST /api/audiences/examples': 'audienceSeen',
  'PATCH /api/audiences/{id}': 'audienceChanged',
  'DELETE /api/audiences/{id}': 'audienceArchived',
  'POST /api/audiences/{id}/restoration': 'audienceRestored',
  'POST /api/audiences/{id}/list': 'audienceListed',
  'POST /api/reports': 'savedReportMade',
  'PATCH /api/reports/{id}': 'savedReportChanged',
  'DELETE /api/reports/{id}': 'savedReportDeleted',
  'POST /api/reports/{id}/restoration': 'savedReportRestored',
  'POST /api/reports/{id}/versions/{version}/restoration': 'savedReportChanged',
  'PUT /api/reports/{id}/favourite': 'favouriteSet',
  'POST /api/dashboards': 'dashboardMade',
  'PATCH /api/dashboards/{id}': 'dashboardChanged',
  'DELETE /api/dashboards/{id}': 'dashboardDeleted',
  'POST /api/dashboards/{id}/restoration': 'dashboardRestored',
  'POST /api/dashboards/{id}/versions/{version}/restoration': 'dashboardChanged',
  'PUT /api/dashboards/{id}/favourite': 'favouriteSet',
  'POST /api/actions': 'actionMade',
  'PATCH /api/actions/{id}': 'actionChanged',
  'DELETE /api/actions/{id}': 'actionDeleted',
  'POST /api/actions/{id}/restoration': 'actionRestored',
  'POST /api/actions/{id}/versions/{version}/restoration': 'actionChanged',
  'PUT /api/actions/{id}/favourite': 'favouriteSet',
  'POST /api/alerts': 'alertMade',
  'PUT /api/alerts/{id}': 'alertChanged',
  'PUT /api/alerts/{id}/mute': 'alertChanged',
  'DELETE /api/alerts/{id}': 'alertDeleted',
  'POST /api/schedules': 'scheduleMade',
  'PUT /api/schedules/{id}': 'scheduleChanged',
  'DELETE /api/schedules/{id}': 'scheduleDeleted',
  'POST /api/shares': 'shareMade',
  'DELETE /api/shares/{id}': 'shareRevoked',
  'POST /api/annotations': 'annotationMade',
  'PATCH /api/annotations/{id}': 'annotationChanged',
  'DELETE /api/annotations/{id}': 'annotationDeleted',
  'POST /api/annotations/{id}/restoration': 'annotationRestored',
  'POST /api/dashboard-suggestions/{key}/dashboards': 'dashboardMade',
  'POST /api/destinations': 'destinationMade',
  'PATCH /api/destinations/{id}': 'destinationChanged',
  'DELETE /api/destinations/{id}': 'destinationRemoved',
  'POST /api/destinations/{id}/keys': 'destinationKey',
  'POST /api/destinations/{id}/replays': 'destinationReplayed',
  'POST /api/catalogue/events': 'planChanged',
  'PATCH /api/catalogue/plan': 'planChanged',
  'PATCH /api/catalogue/events/{name}': 'planChanged',
  'PATCH /api/catalogue/events/{name}/properties/{path}': 'planChanged',
  'PUT /api/catalogue/events/{name}/schema': 'planChanged',
  'DELETE /api/catalogue/events/{name}/schema': 'planChanged',
  'POST /api/catalogue/events/{name}/renaming': 'planChanged',
  'DELETE /api/catalogue/events/{name}/renaming': 'planChanged',
  'POST /api/imports': 'imported',
  'PUT /api/imports/{id}/content': 'imported',
  'POST /api/sample': 'sampleLoaded',
  'POST /api/views': 'viewSaved',
  'PATCH /api/views/{id}': 'viewSaved',
  'DELETE /api/views/{id}': 'viewRemoved',
  'PUT /api/views/defaults/{list}': 'viewSaved',
  'PATCH /api/preferences': 'preferencesChanged',
} as const;

const CSV = '?format=csv';

/** What was done, in a sentence; null where there is none for it. */
export function sentenceOf(entry: Entry, t: Translate): string | null {
  if (entry.action.endsWith(CSV)) {
    const list = entry.action.slice(entry.action.lastIndexOf('/') + 1, -CSV.length);
    return t('audit.exported', { list: listName(list, t) });
  }
  if (entry.action === 'sign-in') {
    if (entry.status >= 400) return t('audit.signInFailed');
    const method = `audit.by.${(entry.fields[0] ?? '').replace('-f', 'F')}`;
    return hasMessage(method) ? t('audit.signInBy', { how: t(method) }) : t('audit.did.signIn');
  }
  const known = DID[entry.action as keyof typeof DID];
  return known ? t(`audit.did.${known}`) : null;
}

function listName(list: string, t: Translate): string {
  const key = `nav.${list}`;
  return hasMessage(key) ? t(key) : list;
}

/** Kinds of subjects that have a word, and where each is shown. */
const THINGS = {
  people: { word: 'audit.thing.person', to: (id: string) => `/people/${id}` },
  staff: { word: 'audit.thing.member', to: (id: string) => `/staff?member=${id}` },
  roles: { word: 'audit.thing.role', to: (id: string) => `/roles?role=${id}` },
  sources: { word: 'audit.thing.source', to: (id: string) => `/sources/${id}` },
  destinations: { word: 'audit.thing.destination', to: (id: string) => `/destinations/${id}` },
  requests: { word: 'audit.thing.request', to: (id: string) => `/requests?item=${id}` },
  sso: { word: 'audit.thing.sso', to: (id: string) => `/access?sso=${id}` },
  keys: { word: 'audit.thing.key', to: () => '/keys' },
} as const satisfies Record<string, { word: MessageKey; to: (id: string) => string }>;

/** A subject such as `people/12`: its kind's word, its ID, and where it is shown; null words for kinds without one. */
export function thingOf(subject: string): { word: MessageKey | null; id: string; kind: string; to: string | null } {
  const slash = subject.indexOf('/');
  const kind = subject.slice(0, slash);
  const id = subject.slice(slash + 1);
  const known = THINGS[kind as keyof typeof THINGS];
  return { word: known?.word ?? null, id, kind, to: known ? known.to(encodeURIComponent(id)) : null };
}

/** Parts of actions to filter by, with what they mean. */
export const ABOUT = {
  signIns: 'sign-in',
  looks: 'GET /api/people',
  staff: '/api/staff',
  invitations: '/api/invitations',
  roles: '/api/roles',
  keys: '/api/keys',
  access: '/api/access',
  sources: '/api/sources',
  destinations: '/api/destinations',
  privacy: 'privacy',
  requests: '/api/requests',
  exports: 'format=csv',
} as const;
