import { messageIdOf } from '../events.ts';
import { Chance } from './chance.ts';
import { FRICTION, isBetween, type Product, type Shop, slug } from './shop.ts';
import { type Basket, round, told, type VisitWriter } from './visit.ts';
import { agentOf, BROKEN_FIREFOX } from './visitors.ts';
import { languageOf, type Theme, words } from './words.ts';

/** How far a visit gets. `voucher`, `payment` and `delivery`: it ends at what is wrong there. */
export type Goal = 'bounce' | 'look' | 'search' | 'add' | 'checkout' | 'voucher' | 'delivery' | 'payment' | 'order';

const VOUCHER = {
  tag: 'button',
  id: 'voucher-apply',
  text: 'Apply',
  path: 'body > main > form#basket > button#voucher-apply',
};
const PAYMENT_ERROR = {
  message: 'TypeError: can\'t access property "validate", cardField is undefined',
  stack: 'submit@https://www.gift-shop.example/checkout/payment.js:214:31',
};
/** How many times as slow the slow page is: for those who wait for it, and those who do not. */
const SLOW_FOR_PATIENT = 1.9;
const SLOW_FOR_LOST = 3.3;

/** Walks through the shop without an order. */
export function walk(goal: Exclude<Goal, 'order'>, visit: VisitWriter, shop: Shop, chance: Chance): void {
  const first = shop.draw(chance);
  land(visit, first, shop, chance, goal === 'bounce' ? 1.35 : 1);
  if (goal !== 'bounce') {
    if (goal === 'search' || chance.yes(0.12)) search(visit, shop.draw(chance), chance);
    const buys = goal !== 'look' && goal !== 'search';
    const basket: Basket = { value: 0, items: 0 };
    for (let count = chance.whole(1, buys ? 3 : 2); count > 0; count--) {
      const product = chance.yes(0.5) ? shop.draw(chance) : shop.drawOf(first.category, chance);
      if (!view(visit, product, shop, chance)) continue;
      if (buys && (basket.items === 0 || chance.yes(0.5))) add(visit, product, chance.whole(1, 6), basket);
    }
    if (basket.items > 0 && goal !== 'add') check(visit, goal as Goal, basket, chance);
    else if (chance.yes(0.06)) visit.wait(5, 40).page('/help/delivery-and-returns', 'Delivery and returns');
  }
  visit.wait(3, 60).leave();
}

/** Walks through the shop up to an order, and answers when, after the beginning, the order was placed. */
export function walkToOrder(visit: VisitWriter, basket: Basket, shop: Shop, chance: Chance): number {
  const rows = basket.order?.rows ?? [];
  const ordered = rows.flatMap(({ StockCode, Quantity }) => {
    const product = shop.byId(StockCode);
    return product && !shop.isOut(product, visit.facts.at) ? [{ product, quantity: Quantity }] : [];
  });
  land(visit, ordered[0]?.product ?? shop.draw(chance), shop, chance);
  if (chance.yes(0.3)) search(visit, ordered.at(-1)?.product ?? shop.draw(chance), chance);
  const shown = ordered.slice(0, chance.whole(2, 4));
  for (const { product, quantity } of shown) {
    view(visit, product, shop, chance);
    add(visit, product, quantity, { value: 0, items: 0 });
  }
  if (chance.yes(0.35)) view(visit, shop.draw(chance), shop, chance);
  check(visit, 'order', basket, chance);
  visit.wait(4, 25);
  const placed = visit.clock;
  visit.wait(1, 4).page('/order-confirmed', 'Thank you for your order').load().wait(5, 40).leave();
  return placed;
}

function land(visit: VisitWriter, product: Product, shop: Shop, chance: Chance, slower = 1): void {
  const { name } = visit.facts.arrival;
  const deep = name === 'search' || name === 'paid search' || name === 'assistant';
  if (deep && chance.yes(0.55)) {
    visit.page(product.path, titleOf(product)).load(slower);
    viewed(visit, product, shop);
    return;
  }
  if (name === 'social' || name === 'paid social' || chance.yes(0.25)) list(visit, product.category);
  else visit.page('/', 'The gift shop');
  visit.load(slower);
}

const titleOf = ({ name }: Product) => `${name} - The gift shop`;

function list(visit: VisitWriter, category: string): void {
  visit.page(`/category/${slug(category)}`, `${category} - The gift shop`);
}

/** Looks at a product; false where it is out of stock. */
function view(visit: VisitWriter, product: Product, shop: Shop, chance: Chance): boolean {
  visit.wait(4, 35);
  if (chance.yes(0.2)) {
    list(visit, product.category);
    visit.wait(4, 30);
  }
  visit.page(product.path, titleOf(product));
  const inStock = viewed(visit, product, shop);
  visit.wait(5, 50);
  return inStock;
}

function viewed(visit: VisitWriter, product: Product, shop: Shop): boolean {
  visit.track('Product Viewed', told(product));
  if (!shop.isOut(product, visit.facts.at)) return true;
  visit.track('Product Out of Stock', told(product));
  return false;
}

function search(visit: VisitWriter, product: Product, chance: Chance): void {
  const words = product.name
    .toLowerCase()
    .split(' ')
    .filter((word) => /^[a-z]{4,}$/.test(word));
  const query = words.length > 0 ? chance.pick(words) : 'gift';
  const results = chance.yes(0.07) ? 0 : chance.whole(2, 60);
  visit.wait(4, 25).page('/search', `Search: ${query}`, `?q=${query}`);
  visit.track('Products Searched', { query, results });
}

function add(visit: VisitWriter, product: Product, quantity: number, basket: Basket): void {
  basket.items++;
  basket.value = round(basket.value + product.price * quantity);
  visit.wait(1, 6).track('Product Added', told(product, quantity));
}

/** From the basket on, as far as the goal says; `checkout` ends at one of the pages as visits do everywhere. */
function check(visit: VisitWriter, goal: Goal, { value, items }: Basket, chance: Chance): void {
  const { at, device, customer } = visit.facts;
  const worth = { value: round(value), items, currency: 'GBP' };
  visit.wait(4, 30).page('/basket', 'Your basket').track('Cart Viewed', worth);
  if (at >= FRICTION.deadVoucher && (goal === 'voucher' || chance.yes(0.05))) {
    visit.wait(3, 12).track('Rage Clicked', VOUCHER);
    visit.wait(3, 4).track('Dead Clicked', VOUCHER);
    if (goal === 'voucher') {
      say(visit, 'voucher', 1, `#${VOUCHER.id}`);
      return;
    }
  }
  if (goal === 'checkout' && chance.yes(0.3)) return;
  visit.wait(3, 40).leave().track('Checkout Started', worth);
  const stays = () => goal !== 'checkout' || chance.yes(0.55);
  visit
    .page(customer ? '/checkout/sign-in' : '/checkout/guest', 'Checkout: who you are')
    .load()
    .wait(8, 50);
  if (!stays()) return;
  if (customer) visit.identify(customer, { newsletter: Number(customer) % 3 > 0 });
  visit.leave();
  const slow = device.form === 'phone' && at >= FRICTION.slowDelivery;
  visit
    .page('/checkout/delivery', 'Checkout: delivery')
    .load(slow ? (goal === 'delivery' ? SLOW_FOR_LOST : SLOW_FOR_PATIENT) : 1);
  visit.wait(5, 30);
  if (goal === 'delivery') {
    say(visit, 'slow', 2, '');
    return;
  }
  if (!stays()) return;
  visit.track('Checkout Step Completed', {
    step: 2,
    shipping_method: chance.pick(['standard', 'standard', 'express']),
  });
  visit.leave().page('/checkout/payment', 'Checkout: payment').load().wait(12, 70);
  const broken = agentOf(device, at).includes(`Firefox/${BROKEN_FIREFOX}.`) && isBetween(at, FRICTION.paymentError);
  if (broken) visit.track('Error Occurred', PAYMENT_ERROR).wait(10, 60);
  if (goal === 'payment' || !stays()) return;
  visit
    .track('Payment Info Entered', { payment_method: chance.pick(['card', 'card', 'card', 'invoice', 'paypal']) })
    .leave();
}

/** Some write a note about the page before they leave: the widget's button is there on each. */
function say(visit: VisitWriter, theme: Theme, score: number, element: string): void {
  const { id, customer, device } = visit.facts;
  const chance = new Chance(`feedback ${id}`);
  if (!chance.yes(0.2)) return;
  const language = customer === null ? 'en' : languageOf(customer, device.country);
  const text = words(theme, language, chance);
  const feedbackId = messageIdOf(`sample feedback ${id}`, 0);
  visit.track('Feedback Given', { text, score, scale: 5, element, feedbackId, hasPicture: false, language });
}
