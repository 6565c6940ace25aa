import type { Chance } from './chance.ts';
import type { Order } from './orders.ts';

/** The web shop that visits of the sample company go to. Its name ends so that it can be nobody's. */
export const HOST = 'https://www.gift-shop.example';

const DAY = 24 * 60 * 60_000;
const day = (date: string) => Date.parse(`${date}T00:00:00Z`);

/** Days between which there is web traffic, as London's clocks showed them before all is moved; the end is the last order. */
export const TRAFFIC_FROM = day('2011-06-10');
export const TRAFFIC_TO = Date.parse('2011-12-09T12:50:00Z');

/** What goes wrong in the shop, for an analyst to find. samples/README.md tells it. */
export const FRICTION = {
  /** From this day on the page on which the delivery is chosen is slow on telephones. */
  slowDelivery: day('2011-10-17'),
  /** Between these days the payment page fails in Firefox 143. */
  paymentError: [day('2011-08-29'), day('2011-09-26')] as const,
  /** From this day on the button for a voucher in the basket does nothing. */
  deadVoucher: day('2011-11-07'),
  /** Half of the parcels with orders of these days come more than a week after them. */
  lateParcels: [day('2011-10-31'), day('2011-11-21')] as const,
};

/** The shop's own releases, by the day that they came. */
const RELEASES: readonly (readonly [from: number, version: string])[] = [
  [FRICTION.deadVoucher, '4.13.0'],
  [FRICTION.slowDelivery, '4.12.0'],
  [FRICTION.paymentError[1], '4.11.1'],
  [FRICTION.paymentError[0], '4.11.0'],
  [0, '4.10.2'],
];
export const releaseAt = (at: number) => RELEASES.find(([from]) => at >= from)![1];

export const isBetween = (at: number, [from, to]: readonly [number, number]) => at >= from && at < to;

export interface Product {
  id: string;
  name: string;
  category: string;
  price: number;
  path: string;
  /** How often it was ordered. */
  weight: number;
}

/** Categories by words in the products' names; the first that fits counts. */
const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/CHRISTMAS|XMAS|SANTA|REINDEER|SNOWFLAKE|ADVENT/, 'Christmas'],
  [/\bBAG|SHOPPER|TOTE|RUCKSACK|SUITCASE/, 'Bags'],
  [/CANDLE|T-?LIGHT|LIGHT|LANTERN|LAMP/, 'Lights and candles'],
  [
    /CAKE|BAKING|TEA\b|TEACUP|MUG|CUP\b|PLATE|BOWL|JAR\b|JAM|LUNCH|KITCHEN|SPOON|TIN\b|TRAY|BOTTLE|NAPKIN|APRON/,
    'Kitchen and tea',
  ],
  [/CARD|WRAP|PAPER|RIBBON|TISSUE|NOTEBOOK|PENCIL|STICKER|JOURNAL/, 'Cards and paper'],
  [/TOY|GAME|DOLL|CHILD|SPACEBOY|CIRCUS|PUZZLE|PLAYING|DOLLY|SKIPPING|BABY/, 'Toys and children'],
  [/GARDEN|PLANT|WATERING|BIRD|FLOWER|HERB/, 'Garden'],
  [/NECKLACE|EARRING|BRACELET|PURSE|\bRING\b|HAIR|BANGLE|BROOCH/, 'Jewellery'],
  [/HEART|SIGN|FRAME|CLOCK|HOOK|HANGING|DECORATION|BUNTING|MIRROR|CUSHION|DOORMAT|WICKER|DRAWER|CABINET/, 'Home'],
];
const OTHER_CATEGORY = 'Gifts';

export const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

export class Shop {
  readonly products: Product[];
  readonly categories: string[];
  readonly #byId: Map<string, Product>;
  readonly #byCategory = new Map<string, Product[]>();
  /** Sums of the weights, for drawing a product as often as it is bought. */
  readonly #sums: number[] = [];

  constructor(orders: readonly Order[]) {
    const found = new Map<string, Product>();
    for (const { rows, refund } of orders) {
      if (refund) continue;
      for (const { StockCode: id, Description, UnitPrice: price } of rows) {
        // Postage, fees and the like have codes without numbers.
        if (!Description || price <= 0 || !/^\d{5}/.test(id)) continue;
        const known = found.get(id);
        if (known) known.weight++;
        else found.set(id, productOf(id, Description.trim(), price));
      }
    }
    this.#byId = found;
    this.products = [...found.values()].filter(({ weight }) => weight >= 3);
    let sum = 0;
    for (const product of this.products) {
      sum += product.weight;
      this.#sums.push(sum);
      const others = this.#byCategory.get(product.category);
      if (others) others.push(product);
      else this.#byCategory.set(product.category, [product]);
    }
    this.categories = [...this.#byCategory.keys()].sort();
  }

  byId(id: string): Product | undefined {
    return this.#byId.get(id);
  }

  /** A product, those that are bought more often more often. */
  draw(chance: Chance): Product {
    const at = chance.next() * this.#sums.at(-1)!;
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return this.products[low]!;
  }

  drawOf(category: string, chance: Chance): Product {
    return chance.pick(this.#byCategory.get(category)!);
  }

  /** Whether a product is out of stock: each of a twelfth of them for two weeks of eight. */
  isOut(product: Product, at: number): boolean {
    const number = Number.parseInt(product.id, 10);
    return number % 12 === 5 && Math.floor(at / (14 * DAY)) % 4 === number % 4;
  }
}

function productOf(id: string, name: string, price: number): Product {
  const category = CATEGORIES.find(([words]) => words.test(name.toUpperCase()))?.[1] ?? OTHER_CATEGORY;
  return { id, name, category, price, path: `/product/${slug(`${id} ${name}`)}`, weight: 1 };
}
