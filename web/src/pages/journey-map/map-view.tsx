import { IconArrowRight, IconMessageReport } from '@tabler/icons-react';
import type {
  JourneyMapResult,
  Score,
  StageResult,
  TouchpointResult,
} from '../../../../src/core/query/journey-map/journey-map.ts';
import type { JourneyMapPart } from '../../../../src/core/query/journey-map/schema.ts';
import { formatDuration, formatMoney, formatNumber, withoutOverrides } from '../../format.ts';
import { ChannelIcon, knownChannel } from '../../kit/channel.tsx';
import { useText } from '../../text.tsx';
import styles from './journey-map.module.css';
import { placeOn, QUESTIONS, type Question, stageScore } from './satisfaction.ts';

type OnPart = (part: JourneyMapPart) => void;

const CHANNELS_SHOWN = 4;
/** A number for its plural and as it is written. */
const counted = (count: number) => ({ count, number: formatNumber(count) });
const percent = (share: number) => formatNumber(share, { style: 'percent', maximumFractionDigits: 0 });

const scoreWords = (question: Question, score: number): string =>
  question === 'nps'
    ? formatNumber(score, { maximumFractionDigits: 0, signDisplay: 'exceptZero' })
    : formatNumber(score, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** The map: a column a stage, the line of satisfaction across them, and below it the touchpoints. */
export function MapView({
  result,
  question,
  onPart,
}: {
  result: JourneyMapResult;
  question: Question | null;
  onPart: OnPart;
}) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <section className={styles.scroll} tabIndex={0} aria-label={t('journeyMap.title')}>
      <div className={styles.map} style={{ '--stages': result.stages.length } as React.CSSProperties}>
        {result.stages.map((stage, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: stages have a place, not an identity.
          <section key={at} className={styles.stage} aria-label={withoutOverrides(stage.name)}>
            <StageHead stage={stage} at={at} onPart={onPart} />
            <div className={styles.touchpoints} style={{ gridColumn: at + 1 }}>
              {stage.touchpoints.map((touchpoint, place) => (
                <Touchpoint
                  // biome-ignore lint/suspicious/noArrayIndexKey: touchpoints have a place, not an identity.
                  key={place}
                  of={touchpoint}
                  onPeople={() => onPart({ stage: at, touchpoint: place })}
                />
              ))}
            </div>
          </section>
        ))}
        {question ? <Satisfaction result={result} question={question} /> : null}
      </div>
    </section>
  );
}

function StageHead({ stage, at, onPart }: { stage: StageResult; at: number; onPart: OnPart }) {
  const t = useText();
  const { people, wentOn, medianSeconds } = stage;
  return (
    <header className={styles.stageHead} style={{ gridColumn: at + 1 }}>
      <h2>
        <span className={styles.place} aria-hidden>
          {at + 1}
        </span>
        <bdi>{withoutOverrides(stage.name)}</bdi>
      </h2>
      <button type="button" className={styles.people} onClick={() => onPart({ stage: at })}>
        <strong>{formatNumber(people)}</strong> {t('journeyMap.peopleWord', { count: people })}
      </button>
      {wentOn !== null ? (
        <div className={styles.onward}>
          <span className={styles.bar} aria-hidden>
            <span style={{ inlineSize: people === 0 ? 0 : `${(wentOn / people) * 100}%` }} />
          </span>
          <button type="button" className={styles.outcome} onClick={() => onPart({ stage: at, outcome: 'wentOn' })}>
            <IconArrowRight size={14} className={styles.arrow} aria-hidden />
            {people === 0 ? t('journeyMap.nobodyOn') : t('journeyMap.wentOn', { share: percent(wentOn / people) })}
          </button>
          <button type="button" className={styles.outcome} onClick={() => onPart({ stage: at, outcome: 'stayed' })}>
            {t('journeyMap.stayed', counted(people - wentOn))}
          </button>
          {medianSeconds !== null ? (
            <span className={styles.note}>
              {t('journeyMap.median', { time: formatDuration(medianSeconds * 1000) })}
            </span>
          ) : null}
        </div>
      ) : null}
    </header>
  );
}

function Touchpoint({ of, onPeople }: { of: TouchpointResult; onPeople: () => void }) {
  const t = useText();
  const scores = QUESTIONS.map((question) => ({ question, ...of[question] })).filter((one) => one.score !== null);
  return (
    <article className={styles.card} data-empty={of.events === 0 || undefined}>
      <h3>
        <bdi>{withoutOverrides(of.name)}</bdi>
      </h3>
      <p className={styles.volume}>
        <span>{t('journeyMap.events', counted(of.events))}</span>
        <button type="button" className={styles.outcome} onClick={onPeople}>
          {t('journeyMap.people', counted(of.people))}
        </button>
      </p>
      {of.channels.length > 0 ? (
        <ul className={styles.channels} aria-label={t('journeyMap.channels')}>
          {of.channels.slice(0, CHANNELS_SHOWN).map(({ channel, events }) => (
            <li key={channel}>
              <ChannelIcon channel={channel} size={14} /> {t(`channel.${knownChannel(channel)}`)}{' '}
              <span>{percent(events / Math.max(1, of.events))}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {of.revenue.length > 0 || scores.length > 0 || of.contacts > 0 ? (
        <dl className={styles.facts}>
          {of.revenue.map((money) => (
            <div key={money.currency}>
              <dt>{t('journeyMap.revenue')}</dt>
              <dd>{formatMoney(money)}</dd>
            </div>
          ))}
          {scores.map(({ question, score, answers }) => (
            <div key={question}>
              <dt>{t(`journeyMap.question.${question}`)}</dt>
              <dd>
                {scoreWords(question, score!)} <small>{t('journeyMap.answers', counted(answers))}</small>
              </dd>
            </div>
          ))}
          {of.contacts > 0 ? (
            <div>
              <dt>
                <IconMessageReport size={14} aria-hidden /> {t('journeyMap.effort')}
              </dt>
              <dd>
                {formatNumber(of.contacts)}{' '}
                <small>
                  {t('journeyMap.ofPeople', {
                    share: formatNumber(of.contacts / Math.max(1, of.people), {
                      style: 'percent',
                      maximumSignificantDigits: 2,
                    }),
                  })}
                </small>
              </dd>
            </div>
          ) : null}
        </dl>
      ) : null}
    </article>
  );
}

const MARGIN = 14;

/** How customers found it, as a line across the stages; a stage without answers is a gap in it. */
function Satisfaction({ result, question }: { result: JourneyMapResult; question: Question }) {
  const t = useText();
  const stages = result.stages.map((stage): Score & { name: string } => ({
    ...stageScore(stage, question),
    name: stage.name,
  }));
  const known = stages.flatMap((one) => one.score ?? []);
  const width = 100 / stages.length;
  const x = (at: number) => (at + 0.5) * width;
  const y = (score: number) => MARGIN + (1 - placeOn(question, score, known)) * (100 - 2 * MARGIN);
  return (
    <figure
      className={styles.satisfaction}
      aria-label={t('journeyMap.satisfactionBy', { question: t(`journeyMap.question.${question}`) })}
    >
      <figcaption>{t(`journeyMap.question.${question}`)}</figcaption>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
        {question === 'nps' ? <line className={styles.zero} x1={0} y1={y(0)} x2={100} y2={y(0)} /> : null}
        {stages.map((stage, at) => {
          const next = stages[at + 1];
          if (stage.score === null || !next || next.score === null) return null;
          return (
            <line
              // biome-ignore lint/suspicious/noArrayIndexKey: stages have a place, not an identity.
              key={at}
              x1={x(at)}
              y1={y(stage.score)}
              x2={x(at + 1)}
              y2={y(next.score)}
            />
          );
        })}
      </svg>
      <ul>
        {stages.map((stage, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: stages have a place, not an identity.
            key={at}
            className={styles.mark}
            style={{ insetInlineStart: `${x(at)}%`, insetBlockStart: `${stage.score === null ? 50 : y(stage.score)}%` }}
            data-none={stage.score === null || undefined}
          >
            <span className="hidden-visually">{withoutOverrides(stage.name)}: </span>
            {stage.score === null ? (
              t('journeyMap.noAnswers')
            ) : (
              <>
                <strong>{scoreWords(question, stage.score)}</strong>{' '}
                <small>{t('journeyMap.answers', counted(stage.answers))}</small>
              </>
            )}
          </li>
        ))}
      </ul>
    </figure>
  );
}
