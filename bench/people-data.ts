import type pg from 'pg';

/** Makes the persons 1 to `people`, known by user ID and address, and the source that their events are of. */
export async function fillPeople(client: pg.PoolClient, people: number): Promise<void> {
  await client.query("INSERT INTO sources (name, kind, write_key) VALUES ('bench', 'server', 'wk_bench_seed')");
  await client.query(PEOPLE_SQL, [people]);
  await client.query(IDENTIFIERS_SQL, [people]);
  await client.query("SELECT setval('person_ids', $1)", [people + 1000]);
}

const FIRST = `ARRAY['Anna','Jan','Giulia','Ivan','Wei','Sophie','Marek','Luca','Olga','Emma','Piotr','Katarzyna','Francesca','Dmitri','Li','Oliver','Amelia','Noah','Maja','Lorenzo']`;
const SYLLABLES = `ARRAY['ko','wal','ski','no','vak','ros','si','bian','chi','smi','th','jon','es','mül','ler','pet','rov','zhang','wang','gar','cia','mar','tin','lop','ez']`;

const PEOPLE_SQL = `
  INSERT INTO persons (id, root_id, source_id, created_at, traits)
  SELECT n, n, 1, now() - (n % 90) * interval '1 day', jsonb_build_object(
    'name', jsonb_build_array((${FIRST})[1 + n % 20] || ' ' || initcap((${SYLLABLES})[1 + (n / 20) % 25] || (${SYLLABLES})[1 + (n / 500) % 25] || (${SYLLABLES})[1 + (n / 12500) % 25]), 1760000000000, 1),
    'email', jsonb_build_array('customer.' || n || '@example.com', 1760000000000, 1),
    'plan', jsonb_build_array((ARRAY['free','pro','team'])[1 + n % 3], 1760000000000, 1),
    'city', jsonb_build_array((ARRAY['London','Warszawa','Milano','Berlin','Napoli','Gdańsk'])[1 + n % 6], 1760000000000, 1))
  FROM generate_series(1, $1::int) AS n`;

const IDENTIFIERS_SQL = `
  INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
  SELECT k.id, CASE k.kind WHEN 'user_id' THEN 'customer-' || n ELSE 'customer.' || n || '@example.com' END, n, now(), 1
  FROM generate_series(1, $1::int) AS n, identifier_kinds k WHERE k.kind IN ('user_id', 'email')`;
