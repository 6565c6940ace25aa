/** A mapping to begin with, for something that speaks MQTT. */
export interface Preset {
  name: 'sensor' | 'rfid' | 'till';
  topics: string[];
  mapping: string;
  /** A message it was made for. */
  example: { topic: string; payload: unknown };
}

/** Ready-made mappings; each is tested with its example. */
export const PRESETS: readonly Preset[] = [
  {
    name: 'sensor',
    topics: ['sensors/+/+'],
    mapping: `/* sensors/<device>/<what is measured>: a number, or an object with "value" */
{
  "event": "Measured",
  "channel": "device",
  "externalIds": [{ "kind": "device", "value": $parts[1] }],
  "timestamp": $type($) = "object" ? time,
  "properties": {
    "measure": $parts[2],
    "value": $type($) = "object" ? value : $,
    "unit": $type($) = "object" ? unit
  }
}`,
    example: {
      topic: 'sensors/fridge-7/temperature',
      payload: { value: 4.5, unit: 'C', time: '2026-03-01T12:00:00Z' },
    },
  },
  {
    name: 'rfid',
    topics: ['gates/+/tags'],
    mapping: `/* gates/<gate>/tags: { "tag", "time", "direction" }, or a list of them; what the broker had kept is left out */
$retained ? [] : [$.{
  "event": direction = "out" ? "Gate Left" : "Gate Passed",
  "channel": "store",
  "externalIds": [{ "kind": "rfid", "value": tag }],
  "timestamp": time,
  "properties": { "gate": $parts[1], "direction": direction, "signal": rssi }
}]`,
    example: {
      topic: 'gates/north/tags',
      payload: [
        { tag: '3034257BF468D480000003EB', time: '2026-03-01T12:00:00Z', direction: 'in', rssi: -52 },
        { tag: '3034257BF468D480000003EC', time: '2026-03-01T12:00:01Z', direction: 'out', rssi: -61 },
      ],
    },
  },
  {
    name: 'till',
    topics: ['tills/+/receipts'],
    mapping: `/* tills/<till>/receipts: one receipt with the card of the customer; without a card it is nobody's and is left out */
card ? {
  "event": "Order Completed",
  "messageId": "receipt " & $parts[1] & " " & number,
  "channel": "store",
  "externalIds": [{ "kind": "loyalty_card", "value": $string(card) }],
  "timestamp": time,
  "properties": {
    "order_id": number,
    "till": $parts[1],
    "revenue": total,
    "currency": currency,
    "products": [lines.{ "name": name, "sku": sku, "price": price, "quantity": quantity }]
  }
}`,
    example: {
      topic: 'tills/t1/receipts',
      payload: {
        number: 'R-1042',
        card: 4711,
        time: '2026-03-01T12:00:00Z',
        total: 25.5,
        currency: 'EUR',
        lines: [{ name: 'Lantern', sku: 'L-1', price: 12.75, quantity: 2 }],
      },
    },
  },
];
