import type { Content } from './calls.ts';

const javascript = (code: string): Content => ({ kind: 'javascript', code });

/** What a new transformation may start from; each name is a message `transformations.template.<name>`. */
export const TEMPLATES = {
  javascript: javascript(`function transform(event) {
  // Change the event, return null to leave it out, or a list of up to ten events.
  return event;
}
`),
  maskEmail: javascript(`function transform(event) {
  const hide = (values) => {
    if (values && typeof values.email === 'string') {
      values.email = values.email.replace(/^[^@]*/, '***');
    }
  };
  hide(event.properties);
  hide(event.traits);
  hide(event.context && event.context.traits);
  return event;
}
`),
  dropInternal: javascript(`const OURS = ['@example.com'];

function transform(event) {
  const traits = event.traits || (event.context && event.context.traits) || {};
  const email = String(traits.email || '').toLowerCase();
  return OURS.some((domain) => email.endsWith(domain)) ? null : event;
}
`),
  renameEvent: { kind: 'steps', steps: [{ do: 'renameEvent', from: 'purchase', to: 'Order Completed' }] },
  addProperty: {
    kind: 'steps',
    steps: [{ do: 'set', path: 'properties.shop', by: 'value', text: 'London' }],
  },
  steps: { kind: 'steps', steps: [{ do: 'remove', path: 'properties.secret' }] },
} as const satisfies Record<string, Content>;

export type TemplateName = keyof typeof TEMPLATES;
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
