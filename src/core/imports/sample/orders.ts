import { openText } from '../decode.ts';
import { parseFileMapping } from '../mapping-file.ts';
import { rowOf, rowsOf } from '../rows.ts';

/** A line of the orders' file. Empty cells are absent. */
export interface OrderRow {
  InvoiceNo: string;
  StockCode: string;
  Description?: string;
  Quantity: number;
  /** London time, "2011-12-09 12:50:00". */
  InvoiceDate: string;
  UnitPrice: number;
  CustomerID?: string;
  Country?: string;
}

/** An invoice: an order, or a refund. */
export interface Order {
  key: string;
  rows: OrderRow[];
  /** null for a guest. */
  customer: string | null;
  refund: boolean;
  /** What clocks in London showed, in milliseconds as if they were in UTC. */
  at: number;
  total: number;
}

/** Reads the orders of the sample company in order of time. `mapping`: the mapping file of Online Retail. */
export async function readOrders(path: string, mapping: unknown): Promise<Order[]> {
  const told = parseFileMapping(mapping);
  const rows = rowsOf(openText(path, { compression: 'gzip' }), path, told);
  const orders = new Map<string, Order>();
  for await (const batch of rows.batches) {
    for (const { value, reason } of batch) {
      if (value === undefined) throw new Error(`The sample's orders cannot be read: ${reason}`);
      add(orders, rowOf(value, rows.columns()) as unknown as OrderRow);
    }
  }
  return [...orders.values()].sort((one, other) => one.at - other.at || (one.key < other.key ? -1 : 1));
}

function add(orders: Map<string, Order>, row: OrderRow): void {
  const key = row.InvoiceNo;
  let order = orders.get(key);
  if (!order) {
    const customer = row.CustomerID?.replace(/\..*$/, '') ?? null;
    const at = Date.parse(`${row.InvoiceDate.replace(' ', 'T')}Z`);
    order = { key, rows: [], customer, refund: key.startsWith('C'), at, total: 0 };
    orders.set(key, order);
  }
  order.rows.push(row);
  order.total += row.Quantity * row.UnitPrice;
}
