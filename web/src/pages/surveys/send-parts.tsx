import { Code, Secret } from '../../kit/data.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { CheckedField } from './checked-field.tsx';
import { LinksCard } from './links-card.tsx';
import { MailCard } from './mail-card.tsx';
import { QrCode } from './qr-code.tsx';
import type { Opened } from './survey-frame.tsx';
import styles from './surveys.module.css';

const ORIGIN = /^https?:\/\/(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$/;
const originsIn = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

export function SendParts(opened: Opened) {
  const t = useText();
  const { survey, draft, mayWrite } = opened;
  const { definition } = draft;
  const first = definition.questions.find((one) => one.kind !== 'statement');
  const numbers = ['nps', 'csat', 'ces', 'rating'];
  const answers = first ? JSON.stringify({ [first.id]: numbers.includes(first.kind) ? 5 : '…' }) : '{}';
  const json = "-H 'Content-Type: application/json'";
  const version = survey.version ?? 1;
  const api = [
    `curl ${location.origin}/v1/surveys/${survey.id}/responses \\`,
    "  -H 'Authorization: Bearer <write key>' \\",
    `  ${json} \\`,
    `  -d '{"version": ${version}, "language": "${definition.defaultLanguage}", "channel": "api", "userId": "customer-1"}'`,
    '# {"responseId": "…", "secret": "…"}',
    '',
    `curl -X PUT ${location.origin}/v1/surveys/responses/<responseId>/answers \\`,
    `  ${json} \\`,
    `  -d '{"secret": "…", "version": ${version}, "answers": ${answers}, "complete": true}'`,
  ].join('\n');
  return (
    <Stack gap={14}>
      {survey.version === null ? <p className={styles.notice}>{t('surveySend.notPublished')}</p> : null}
      <div className={styles.sendColumns}>
        <Stack gap={14}>
          <Card title={t('surveySend.link')} hint={t('surveySend.linkHint')}>
            <Stack gap={14}>
              <Switch
                label={t('surveySend.openLink')}
                checked={definition.openLink}
                disabled={!mayWrite}
                onChange={(openLink) => draft.change((now) => ({ ...now, openLink }))}
              />
              {definition.openLink ? (
                <div className={styles.linkRow}>
                  <div className={styles.grow}>
                    <Secret value={survey.openLink} label={t('surveySend.link')} />
                    {definition.fields.length > 0 ? (
                      <p className={styles.dim}>
                        {t('surveySend.linkFields', { example: `?${definition.fields[0]}=…` })}
                      </p>
                    ) : null}
                  </div>
                  <QrCode text={survey.openLink} name={survey.name} />
                </div>
              ) : (
                <p className={styles.dim}>{t('surveySend.linkOff')}</p>
              )}
            </Stack>
          </Card>
          <LinksCard {...opened} />
          <Card title={t('surveySend.embed')} hint={t('surveySend.embedHint')}>
            <Stack gap={14}>
              <Code label={t('surveySend.embed')} text={survey.embedCode} />
              <CheckedField
                label={t('surveySend.origins')}
                hint={t('surveySend.originsHint')}
                placeholder="https://shop.example, https://*.shop.example"
                value={definition.embed.join(', ')}
                problem={(text) => (originsIn(text).every((one) => ORIGIN.test(one)) ? null : t('surveySend.noOrigin'))}
                onChange={(text) => draft.change((now) => ({ ...now, embed: [...new Set(originsIn(text))] }))}
              />
            </Stack>
          </Card>
        </Stack>
        <Stack gap={14}>
          <MailCard {...opened} />
          <Card title={t('surveySend.api')} hint={t('surveySend.apiHint')}>
            <Code label={t('surveySend.api')} text={api} />
          </Card>
        </Stack>
      </div>
    </Stack>
  );
}
