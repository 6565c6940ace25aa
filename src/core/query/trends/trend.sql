-- daily people · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- daily people · A
SELECT place, any(values) AS values, any(different) AS different, [toFloat64(groupBitmapMerge(s0))] AS total, groupArray([toFloat64(bucket), toFloat64(finalizeAggregation(s0))]) AS cells FROM (
SELECT 1 AS place, '' AS values, 1 AS different, roundDown(toUnixTimestamp64Milli(e.timestamp), [1774652400000, 1774738800000, 1774821600000]) AS bucket, groupBitmapState(e.person_id) AS s0
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY bucket
) GROUP BY place
ORDER BY place
-- {"p1":["Viewed"],"p2":"Viewed","p3":1774652400000,"p4":1774908000000}

-- people by plan and country · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- people by plan and country · A
SELECT place, any(values) AS values, any(different) AS different, [toFloat64(groupBitmapMerge(s0))] AS total, groupArray([toFloat64(bucket), toFloat64(finalizeAggregation(s0))]) AS cells FROM (
SELECT place, any(values) AS values, any(different) AS different, cell.1 AS bucket, groupBitmapMergeState(cell.2) AS s0 FROM (
SELECT place, values, different, arrayJoin(cells) AS cell FROM (
SELECT values, cells, count() OVER () AS different, 0 AS known,
  if(known > 0, known, least(0 + row_number() OVER (PARTITION BY known = 0 ORDER BY size DESC, values), 6)) AS place FROM (
SELECT values, groupBitmapMerge(s0) AS size, groupArray((bucket, s0)) AS cells FROM (
SELECT tuple(leftUTF8(toString(e.properties.`plan`), 500), leftUTF8(toString(j1.value), 500)) AS values, roundDown(toUnixTimestamp64Milli(e.timestamp), [1774652400000, 1774738800000, 1774821600000]) AS bucket, groupBitmapState(e.person_id) AS s0
FROM events AS e
LEFT ANY JOIN (SELECT origin_id AS person_id, value FROM person_traits_now FINAL WHERE name = {p3:String} AND type != 'null' AND NOT dictHas('person_links_map', origin_id)
    UNION ALL SELECT person_id, value FROM (
      SELECT dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id, argMax(value, at) AS value, argMax(type, at) AS type
      FROM person_traits_now FINAL WHERE name = {p3:String} AND dictHas('person_links_map', origin_id) GROUP BY person_id) WHERE type != 'null') AS j1 ON j1.person_id = e.person_id
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY values, bucket
) GROUP BY values
)
)
) GROUP BY place, bucket
) GROUP BY place
ORDER BY place
-- {"p1":["Viewed"],"p2":"Viewed","p3":"country","p4":1774652400000,"p5":1774908000000}

-- rolling people by plan · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- rolling people by plan · A
SELECT place, any(values) AS values, any(different) AS different, anyIf([n0], at = -1) AS total, groupArrayIf([toFloat64(at), n0], at != -1) AS cells FROM (
SELECT place, any(values) AS values, any(different) AS different, at, toFloat64(groupBitmapMerge(s0)) AS n0 FROM (
SELECT place, values, different, s0, transform(bucket, [1774134000000, 1774220400000, 1774306800000, 1774393200000, 1774479600000, 1774566000000, 1774652400000, 1774738800000, 1774821600000], [-6, -5, -4, -3, -2, -1, 0, 1, 2], 0) AS own, arrayJoin(arrayConcat(range(toInt64(greatest(own, 0)), toInt64(least(own + 7, 3))), if(bucket >= 1774652400000, [toInt64(-1)], []))) AS at FROM (
SELECT place, any(values) AS values, any(different) AS different, cell.1 AS bucket, groupBitmapMergeState(cell.2) AS s0 FROM (
SELECT place, values, different, arrayJoin(cells) AS cell FROM (
SELECT values, cells, count() OVER () AS different, 0 AS known,
  if(known > 0, known, least(0 + row_number() OVER (PARTITION BY known = 0 ORDER BY size DESC, values), 6)) AS place FROM (
SELECT values, groupBitmapMergeIf(s0, bucket >= 1774652400000) AS size, groupArray((bucket, s0)) AS cells FROM (
SELECT leftUTF8(toString(e.properties.`plan`), 500) AS values, roundDown(toUnixTimestamp64Milli(e.timestamp), [1774134000000, 1774220400000, 1774306800000, 1774393200000, 1774479600000, 1774566000000, 1774652400000, 1774738800000, 1774821600000]) AS bucket, groupBitmapState(e.person_id) AS s0
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY values, bucket
) GROUP BY values
)
)
) GROUP BY place, bucket
)
) GROUP BY place, at
) GROUP BY place
ORDER BY place
-- {"p1":["Viewed"],"p2":"Viewed","p3":1774134000000,"p4":1774908000000}

-- revenue so far · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Bought"]}

-- revenue so far · A: currencies
SELECT toString(e.currency) AS currency, count() AS events
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND (e.revenue_minor != 0 OR e.currency != '')
GROUP BY currency ORDER BY events DESC, currency LIMIT 11
-- {"p1":["Bought"],"p2":"Bought","p3":1774652400000,"p4":1774908000000}

-- revenue so far · A
SELECT place, any(values) AS values, any(different) AS different, argMax([toFloat64(n0)], bucket) AS total, groupArray([toFloat64(bucket), toFloat64(n0)]) AS cells FROM (
SELECT place, values, different, bucket, sumMerge(s0) OVER (PARTITION BY place ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n0 FROM (
SELECT 1 AS place, '' AS values, 1 AS different, roundDown(toUnixTimestamp64Milli(e.timestamp), [1774652400000, 1774738800000, 1774821600000]) AS bucket, sumState(assumeNotNull(toNullable(toFloat64(e.revenue_minor)))) AS s0
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND e.currency = {p3:String}
  AND isFinite(toNullable(toFloat64(e.revenue_minor)))
GROUP BY bucket
)
) GROUP BY place
ORDER BY place
-- {"p1":["Bought"],"p2":"Bought","p3":"EUR","p4":1774652400000,"p5":1774908000000}

-- how often · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- how often · A: largest values
SELECT leftUTF8(toString(e.properties.`plan`), 500) AS values, uniqExact(e.person_id) AS size, count() OVER () AS different
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY values ORDER BY size DESC, values LIMIT 10
-- {"p1":["Viewed"],"p2":"Viewed","p3":1774652400000,"p4":1774908000000}

-- how often · A
SELECT place, roundDown(times, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 21, 51, 101, 1001]) AS bin, count() AS people FROM (
SELECT 0 AS place, e.person_id AS person, count() AS times
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY place, person
) GROUP BY place, bin ORDER BY place, bin
-- {"p1":["Viewed"],"p2":"Viewed","p3":1774652400000,"p4":1774908000000}
