import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openGeo } from './geo.ts';
import { countryOf, localeOf } from './place.ts';

test('a locale is brought into its canonical form, and what is none is left out', () => {
  const locales: Record<string, string> = {
    'pl-PL': 'pl-PL',
    pl_pl: 'pl-PL',
    EN: 'en',
    'en_US.UTF-8': 'en-US',
    'zh-hant-tw': 'zh-Hant-TW',
    'en-GB,en;q=0.9': 'en-GB',
    C: '',
    '': '',
    'not a locale': '',
    [`en-${'x'.repeat(500)}`]: '',
  };
  for (const [text, expected] of Object.entries(locales)) assert.equal(localeOf(text), expected, text);
  fc.assert(fc.property(fc.string(), (text) => assert.equal(localeOf(localeOf(text)), localeOf(text))));
});

test('a country is a code of ISO 3166 or its English name', () => {
  const countries: Record<string, string> = {
    PL: 'PL',
    ' de ': 'DE',
    Poland: 'PL',
    'united kingdom': 'GB',
    USA: 'US',
    XX: '',
    T1: '',
    EU: '',
    DD: '',
    POL: '',
    '': '',
  };
  for (const [text, expected] of Object.entries(countries)) assert.equal(countryOf(text), expected, text);
});

test('an address is looked up in a MaxMind-format file, which may be replaced while it is in use', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-geo-'));
  try {
    const path = join(dir, 'country.mmdb');
    writeFileSync(path, countryDatabase({ '81.2.69.0/24': 'GB', '89.64.0.0/16': 'PL' }));
    const geo = await openGeo(path);
    assert.equal(geo.country('81.2.69.160'), 'GB');
    assert.equal(geo.country('89.64.200.1'), 'PL');
    assert.equal(geo.country('10.0.0.1'), '');
    assert.equal(geo.country('not an address'), '');
    writeFileSync(join(dir, 'next'), countryDatabase({ '81.2.69.0/24': 'IE', '10.0.0.0/8': 'DE' }));
    renameSync(join(dir, 'next'), path);
    await geo.refresh();
    assert.equal(geo.country('81.2.69.160'), 'IE');
    assert.equal(geo.country('10.0.0.1'), 'DE');
    writeFileSync(path, 'half a file');
    await geo.refresh();
    assert.equal(geo.country('10.0.0.1'), 'DE');
    geo.close();
    await assert.rejects(openGeo(path), /THROUGHLINE_GEO_FILE: .* cannot be read/);
    await assert.rejects(openGeo(join(dir, 'missing')), /THROUGHLINE_GEO_FILE/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

/**
 * A database of IPv4 networks and their countries, in the format of maxmind.github.io/MaxMind-DB: a binary tree with
 * records of 24 bits, 16 zero bytes, the data, and the metadata behind their marker.
 */
function countryDatabase(networks: Record<string, string>): Buffer {
  type Node = [Node | string | null, Node | string | null];
  const root: Node = [null, null];
  for (const [network, country] of Object.entries(networks)) {
    const [address = '', length = ''] = network.split('/');
    const bits = address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
      .slice(0, Number(length));
    let node = root;
    for (const [i, bit] of [...bits].entries()) {
      const side = Number(bit) as 0 | 1;
      if (i === bits.length - 1) node[side] = country;
      else {
        node[side] ??= [null, null];
        node = node[side] as Node;
      }
    }
  }
  const nodes: Node[] = [];
  const number = new Map<Node, number>();
  const visit = (node: Node) => {
    number.set(node, nodes.length);
    nodes.push(node);
    for (const child of node) if (Array.isArray(child)) visit(child);
  };
  visit(root);
  const data: Buffer[] = [];
  const offsets = new Map<string, number>();
  for (const country of new Set(Object.values(networks))) {
    offsets.set(country, Buffer.concat(data).length);
    data.push(map({ country: map({ iso_code: text(country) }) }));
  }
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [i, node] of nodes.entries()) {
    for (const [side, child] of node.entries()) {
      const value =
        child === null
          ? nodes.length
          : Array.isArray(child)
            ? number.get(child)!
            : nodes.length + 16 + offsets.get(child)!;
      tree.writeUIntBE(value, i * 6 + side * 3, 3);
    }
  }
  const metadata = map({
    node_count: unsigned(nodes.length),
    record_size: unsigned(24),
    ip_version: unsigned(4),
    database_type: text('Test-Country'),
    languages: Buffer.from([0x00, 0x04]),
    binary_format_major_version: unsigned(2),
    binary_format_minor_version: unsigned(0),
    build_epoch: unsigned(1),
    description: map({}),
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}

const text = (value: string) => Buffer.concat([Buffer.from([(2 << 5) | value.length]), Buffer.from(value)]);
const unsigned = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return Buffer.concat([Buffer.from([(6 << 5) | 4]), bytes]);
};
const map = (members: Record<string, Buffer>) =>
  Buffer.concat([
    Buffer.from([(7 << 5) | Object.keys(members).length]),
    ...Object.entries(members).flatMap(([name, value]) => [text(name), value]),
  ]);
