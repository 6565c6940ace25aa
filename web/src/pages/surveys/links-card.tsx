import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { saveFile } from '../../kit/chart/save-file.ts';
import { Tag, Time } from '../../kit/data.tsx';
import { Segments, Switch } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { Table } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import type { ListOf, PersonSummary } from '../../wire.ts';
import { audiences } from '../audiences/calls.ts';
import { AudienceEntry } from './audience-entry.tsx';
import { surveys } from './calls.ts';
import { NumberField } from './number-field.tsx';
import type { Opened } from './survey-frame.tsx';
import styles from './surveys.module.css';

const LINKS_AT_ONCE = 1000;
const DAY_MS = 86_400_000;

/** The first of the audience's members, as many as can get links at once. */
async function membersOf(id: number): Promise<PersonSummary[]> {
  const found: PersonSummary[] = [];
  let cursor: string | null = null;
  do {
    const page: ListOf<PersonSummary> = await audiences.members(id, cursor);
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < LINKS_AT_ONCE);
  return found.slice(0, LINKS_AT_ONCE);
}

/** A cell of a CSV file; one that begins like a formula is not read as one. */
const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

/** Links of a person's own, or for nobody in particular, each for one answer: made here, handed out as a file. */
export function LinksCard({ survey, mayWrite }: Opened) {
  const t = useText();
  const queries = useQueryClient();
  const [whom, setWhom] = useState<'anybody' | 'audience'>('anybody');
  const [count, setCount] = useState<number | undefined>(50);
  const [audience, setAudience] = useState<number | null>(null);
  const [singleUse, setSingleUse] = useState(true);
  const [days, setDays] = useState<number | undefined>(30);
  const list = useQuery({
    queryKey: ['surveys', 'links', survey.id],
    queryFn: () => surveys.links(survey.id, null),
  });
  const make = useMutation({
    mutationFn: async () => {
      const people = whom === 'audience' && audience !== null ? await membersOf(audience) : [];
      const expiresInDays = days ?? 30;
      const made = await surveys.makeLinks(survey.id, {
        ...(whom === 'audience' ? { people: people.map((one) => one.id) } : { count: count ?? 1 }),
        singleUse,
        expiresInDays,
      });
      const names = new Map(people.map((one) => [one.id, one.displayName]));
      const expires = new Date(Date.now() + expiresInDays * DAY_MS).toISOString();
      return made.links.map(({ url, personId }) => [url, names.get(personId ?? '') ?? '', personId ?? '', expires]);
    },
    onSuccess: (links) => {
      const rows = [['link', 'person', 'person_id', 'expires'], ...links];
      const text = `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
      saveFile(new Blob([text], { type: 'text/csv;charset=utf-8' }), `${survey.name} links`, 'csv');
      toast(t('surveySend.linksMade', { count: links.length }));
      queries.invalidateQueries({ queryKey: ['surveys', 'links', survey.id] });
    },
  });
  const rows = list.data?.items ?? [];
  const ready = whom === 'audience' ? audience !== null : count !== undefined;
  return (
    <Card title={t('surveySend.links')} hint={t('surveySend.linksHint')}>
      <Stack gap={14}>
        {mayWrite ? (
          <>
            <Segments
              label={t('surveySend.whom')}
              value={whom}
              choices={[
                { value: 'anybody', label: t('surveySend.anybody') },
                { value: 'audience', label: t('surveySend.audience') },
              ]}
              onChange={(next) => setWhom(next as typeof whom)}
            />
            <div className={styles.pair}>
              {whom === 'audience' ? (
                <AudienceEntry value={audience} onChange={setAudience} />
              ) : (
                <NumberField
                  label={t('surveySend.count')}
                  value={count}
                  low={1}
                  high={LINKS_AT_ONCE}
                  onChange={setCount}
                />
              )}
              <NumberField label={t('surveySend.expires')} value={days} low={1} high={365} onChange={setDays} />
            </div>
            <Switch label={t('surveySend.singleUse')} checked={singleUse} onChange={setSingleUse} />
            {make.error ? <Refusal title={t('surveySend.linksFailed')} error={make.error} /> : null}
            <div>
              <Button
                icon={<IconDownload size={16} />}
                busy={make.isPending}
                disabled={!ready || survey.version === null}
                onClick={() => make.mutate()}
              >
                {t('surveySend.makeLinks')}
              </Button>
            </div>
          </>
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('surveySend.links')}
            rows={rows.slice(0, 8)}
            keyOf={(one) => one.id}
            columns={[
              {
                name: t('surveySend.linkFor'),
                cell: (one) => <bdi>{one.personName ?? t('surveySend.nobodyNamed')}</bdi>,
              },
              { name: t('surveySend.linkState'), cell: (one) => <Tag>{t(`surveySend.linkStates.${one.state}`)}</Tag> },
              { name: t('surveySend.linkExpires'), cell: (one) => <Time at={one.expiresAt} /> },
            ]}
          />
        ) : null}
      </Stack>
    </Card>
  );
}
