import type { Source } from '../../wire.ts';

export type Snippet = { name: string; text: string };

/** A word as a shell takes it, whatever it holds. */
const shellQuoted = (word: string) => (/^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** What to paste so that events come from a source of this kind to the server at `origin`. */
export function snippetsFor(source: Source, origin: string): Snippet[] {
  const key = source.writeKey;
  const { host, protocol } = new URL(origin);
  const scheme = protocol.replace(':', '');
  const basic = `-u '${key}:'`;
  const secure =
    scheme === 'https' ? '' : '\n// It asks over https only: put a certificate in front of this server first.';
  const json = "-H 'content-type: application/json'";
  switch (source.kind) {
    case 'browser':
      return [
        {
          name: 'Script',
          text: `<script async src="${origin}/sdk.js" data-write-key="${key}"></script>

<!-- Page views, clicks and errors are captured by themselves. Calls, settings, and this key on a page to try it:
     ${origin}/docs/sdk?key=${key} -->`,
        },
        {
          name: 'npm',
          text: `// npm install @segment/analytics-next
import { AnalyticsBrowser } from '@segment/analytics-next';

export const analytics = AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${origin}' },
  { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${scheme}' } } },
);

analytics.page();
analytics.identify('user-1', { email: 'anna@example.com', name: 'Anna Nowak' });
analytics.track('Product Viewed', { product_id: 'p-1', name: 'Lantern', price: 12.5, currency: 'EUR' });`,
        },
        {
          name: 'HTML',
          text: `<script src="https://cdn.jsdelivr.net/npm/@segment/analytics-next@1/dist/umd/index.js"></script>
<script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load(
    { writeKey: '${key}', cdnURL: '${origin}' },
    { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${scheme}' } } },
  );
  analytics.page();
</script>`,
        },
      ];
    case 'server':
      return [
        {
          name: 'Node.js',
          text: `// npm install @segment/analytics-node
import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${key}', host: '${origin}' });

analytics.identify({ userId: 'user-1', traits: { email: 'anna@example.com', name: 'Anna Nowak' } });
analytics.track({
  userId: 'user-1',
  event: 'Order Completed',
  properties: { order_id: 'o-1', revenue: 25, currency: 'EUR', products: [{ name: 'Lantern', quantity: 2 }] },
});

await analytics.closeAndFlush();`,
        },
        {
          name: 'Python',
          text: `# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = '${key}'
analytics.host = '${origin}'

analytics.identify('user-1', {'email': 'anna@example.com', 'name': 'Anna Nowak'})
analytics.track('user-1', 'Order Completed', {'order_id': 'o-1', 'revenue': 25, 'currency': 'EUR'})
analytics.flush()`,
        },
        {
          name: 'curl',
          text: `curl ${origin}/v1/track ${basic} \\
  ${json} \\
  -d '{ "userId": "user-1", "event": "Order Completed",
        "properties": { "order_id": "o-1", "revenue": 25, "currency": "EUR" } }'`,
        },
      ];
    case 'mobile':
      return [
        {
          name: 'Swift',
          text: `// https://github.com/segmentio/analytics-swift${secure}
import Segment

let analytics = Analytics(configuration: Configuration(writeKey: "${key}")
  .apiHost("${host}/v1")
  .cdnHost("${host}/v1"))

analytics.screen(title: "Home")`,
        },
        {
          name: 'Kotlin',
          text: `// com.segment.analytics.kotlin:android${secure}
import com.segment.analytics.kotlin.android.Analytics

val analytics = Analytics("${key}", applicationContext) {
  apiHost = "${host}/v1"
  cdnHost = "${host}/v1"
}

analytics.screen("Home")`,
        },
      ];
    case 'webhook':
      return [
        {
          name: 'curl',
          text: `curl ${origin}/hooks/${key} \\
  ${json} \\
  -d '{ "id": "evt-1", "kind": "ticket.created",
        "customer": { "id": "user-1", "email": "anna@example.com" },
        "subject": "Where is my order?" }'`,
        },
      ];
    case 'file':
      return [
        {
          name: 'CLI',
          text: `# CSV, TSV or NDJSON, gzipped or not, of any size
bin/throughline import orders.csv.gz --map orders.map.json --source ${shellQuoted(source.name)}`,
        },
      ];
    case 'cloudevents':
      return [
        {
          name: 'curl',
          text: `curl ${origin}/cloudevents ${basic} \\
  -H 'content-type: application/cloudevents+json' \\
  -d '{ "specversion": "1.0", "id": "evt-1", "source": "/shop", "type": "Order Completed",
        "subject": "user-1", "time": "${new Date().toISOString()}",
        "data": { "order_id": "o-1", "revenue": 25, "currency": "EUR" } }'`,
        },
      ];
    // The server goes to these, or listens for them.
    case 'mqtt':
    case 'mail':
    case 'postgres':
      return [];
  }
}

/** A mapping to begin with: what comes in, as JSONata, to what the stream takes. */
export const EXAMPLE_MAPPING = `{
  "type": "track",
  "messageId": id,
  "userId": customer.id,
  "event": "Ticket Created",
  "channel": "chat",
  "properties": { "subject": subject },
  "context": { "traits": { "email": customer.email } }
}`;
