import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { faultText, outputPath, outputText } from './fault-text.ts';

describe('what the server says of a fault', () => {
  it('holds no line that somebody else wrote, and nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (said) => {
        const [first, ...rest] = `Refused: ${outputText(said)}`.split('\n');
        assert.ok(first!.startsWith('Refused: '));
        for (const line of rest) assert.ok(line.startsWith('    '), JSON.stringify(line));
        assert.doesNotMatch(rest.join(''), /\p{Cc}/u);
      }),
    );
    const forged = outputText('no\r\n2026-01-01 The owner signed in\u001b[2J\u202e');
    assert.doesNotMatch(forged, /^2026/m);
    for (const bad of ['\r', '\u001b', '\u202e']) assert.ok(!forged.includes(bad));
  });

  it('names the path without what opens a link in it', () => {
    const id = crypto.randomUUID();
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
    for (const secret of [key, `12.${key}`, `rs_${key}`, encodeURIComponent(`rs_${key}\n`)])
      assert.ok(!outputPath(`/s/off/${secret}/chunks`).includes(key.slice(4)));
    const plain = `/api/replay/recordings/${id}/a-path-with-a-long-name`;
    assert.equal(outputPath(plain), plain);
  });

  it('tells where, and not the values that a database adds to its errors', () => {
    const error = Object.assign(new Error('duplicate key'), { detail: 'Key (value)=(zofia@customer.example) exists.' });
    const text = faultText(error);
    assert.match(text, /duplicate key\n\s+at .*fault-text\.test\.ts/);
    assert.doesNotMatch(text, /zofia/);
    assert.equal(faultText('gone'), 'gone');
  });
});
