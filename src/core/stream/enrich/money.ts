/** An amount in the smallest unit of its currency. */
export interface Amount {
  minor: number;
  /** ISO 4217, or '' where there is no amount. */
  currency: string;
}

const NO_AMOUNT: Amount = { minor: 0, currency: '' };

/** ISO 4217: decimals of the currencies that do not have two. (Intl follows CLDR, which differs from it for some.) */
const DECIMALS = new Map<string, number>([
  ...split('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', 0),
  ...split('BHD IQD JOD KWD LYD OMR TND', 3),
  ...split('CLF UYW', 4),
]);
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** Events that say that the customer paid: named as in Segment's e-commerce specification, GA4 and our own billing. */
const PAYMENTS = new Set(
  ['Order Completed', 'Completed Order', 'Purchase', 'Purchased', 'Purchase Completed', 'Invoice Paid'].map(plain),
);
/** Events that say that the customer was given money back; their amounts count as negative, however they are signed. */
const REFUNDS = new Set(
  ['Order Refunded', 'Refund', 'Refunded', 'Purchase Refunded', 'Invoice Refunded', 'Payment Refunded'].map(plain),
);
/** Where such events carry the amount; the first that holds a usable number counts. */
const AMOUNTS = ['revenue', 'total', 'value', 'amount'] as const;

function split(codes: string, decimals: number): [string, number][] {
  return codes.split(' ').map((code) => [code, decimals]);
}

/** "Order Completed", "order_completed" and "order-completed" are one name. */
function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}

const payments = new Map<string, 1 | -1 | 0>();
const REMEMBERED_NAMES = 10_000;

/** 1 for an event of a payment, -1 for one of a refund, 0 for any other. */
function paymentSign(name: string): 1 | -1 | 0 {
  const known = payments.get(name);
  if (known !== undefined) return known;
  const word = plain(name);
  const sign = PAYMENTS.has(word) ? 1 : REFUNDS.has(word) ? -1 : 0;
  if (payments.size >= REMEMBERED_NAMES) payments.clear();
  payments.set(name, sign);
  return sign;
}

/** Decimals of a currency, as ISO 4217 has it: 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/**
 * What an event says that the customer paid, or was given back (negative). An amount without a currency is not counted:
 * nobody could say of what. Nor is one that is not a number, or beyond 2^53 of the smallest unit.
 */
export function revenueOf(name: string, properties: Record<string, unknown>): Amount {
  const sign = paymentSign(name);
  if (sign === 0) return NO_AMOUNT;
  const currency = currencyOf(properties.currency);
  if (currency === '') return NO_AMOUNT;
  for (const property of AMOUNTS) {
    const minor = toMinor(properties[property], currencyDecimals(currency));
    if (minor !== null) return minor === 0 ? NO_AMOUNT : { minor: sign < 0 ? -Math.abs(minor) : minor, currency };
  }
  return NO_AMOUNT;
}

function currencyOf(value: unknown): string {
  if (typeof value !== 'string' || value.length > 10) return '';
  if (CURRENCIES.has(value)) return value;
  const code = value.trim().toUpperCase();
  return CURRENCIES.has(code) ? code : '';
}

const PLAIN_DECIMAL = /^([+-]?)(\d{1,16})(?:\.(\d{1,30}))?$/;
/** Thousands set apart by commas, where nothing else can be meant: "1,234.50" or "1,234,567", not "1,234". */
const GROUPED_DECIMAL = /^([+-]?)(\d{1,3}(?:,\d{3})+)\.(\d{1,30})$|^([+-]?)(\d{1,3}(?:,\d{3}){2,})$/;

/**
 * An amount in the smallest unit, exactly: worked out on the decimal digits, halves rounded away from zero. null where
 * it is not an amount: not finite, too large, or text in which the decimal sign can only be guessed.
 */
export function toMinor(value: unknown, decimals: number): number | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    if (Math.abs(value) < 1e-6) return 0;
    return fromText(String(value), decimals);
  }
  return typeof value === 'string' && value.length <= 60 ? fromText(value.trim(), decimals) : null;
}

function fromText(text: string, decimals: number): number | null {
  let match = PLAIN_DECIMAL.exec(text);
  if (!match) {
    const grouped = GROUPED_DECIMAL.exec(text);
    if (!grouped) return null;
    match = PLAIN_DECIMAL.exec(text.replaceAll(',', ''));
    if (!match) return null;
  }
  const fraction = match[3] ?? '';
  const digits = Number(match[2] + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const minor = fraction.length > decimals && fraction.charCodeAt(decimals) >= 53 ? digits + 1 : digits;
  if (!Number.isSafeInteger(minor)) return null;
  return minor === 0 ? 0 : match[1] === '-' ? -minor : minor;
}
