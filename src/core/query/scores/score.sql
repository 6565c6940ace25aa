-- NPS · score
SELECT toString(bucket) AS bucket, toInt32(place) AS place, score, scale, count() AS times
FROM (
SELECT last.1 AS bucket, last.2 AS place, last.3 AS counts, last.4 AS score, last.5 AS scale, last.6 AS person FROM (
SELECT argMax((roundDown(toUnixTimestamp64Milli(e.timestamp), [1777852800000, 1778457600000]), 0, toFloat64OrNull(toString(e.properties.`score`)) IS NOT NULL, ifNull(toFloat64OrNull(toString(e.properties.`score`)), 0), ifNull(toFloat64OrNull(toString(e.properties.`scale`)), 10), dictGetOrDefault('person_overrides_map', 'person_id', e.origin_id, e.person_id)), (e.timestamp, e.received_at, e.event_id)) AS last
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND (e.name = {p2:String} AND toString(e.properties.`kind`) IN {p3:Array(String)})
  AND (toFloat64OrNull(toString(e.properties.`score`)) IS NOT NULL OR toString(e.properties.`withdrawn`) = 'true')
GROUP BY if(toString(e.properties.`responseId`) = '', toString(e.event_id), concat(toString(e.properties.`responseId`), '\0', toString(e.properties.`questionId`)))
) WHERE counts
)
GROUP BY bucket, place, score, scale ORDER BY bucket, place, score, scale
-- {"p1":["Question Answered"],"p2":"Question Answered","p3":["nps"],"p4":1777852800000,"p5":1779062400000}

-- NPS · responses
SELECT place, countIf(was_shown) AS shown, countIf(was_shown AND was_answered) AS answered FROM (
SELECT max(e.name = {p1:String} AND (toString(e.properties.`asks`) = '' OR position(toString(e.properties.`asks`), {p2:String}) > 0)) AS was_shown, max(e.name = {p4:String}) AS was_answered, argMax(0, (e.name = {p4:String}, e.timestamp)) AS place
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p3:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p4:String})
  AND toString(e.properties.`responseId`) != ''
GROUP BY toString(e.properties.`responseId`)) GROUP BY place ORDER BY place
-- {"p1":"Survey Shown","p2":"nps","p3":["Survey Shown","Question Answered"],"p4":"Question Answered","p5":1777852800000,"p6":1779062400000}

-- CSAT by device · values
SELECT value, count() OVER () AS different FROM (
SELECT substringUTF8(toString(e.device), 1, 500) AS value, count() AS times
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND (e.name = {p2:String} AND toString(e.properties.`kind`) IN {p3:Array(String)})
  AND (toFloat64OrNull(toString(e.properties.`score`)) IS NOT NULL)
GROUP BY value) ORDER BY times DESC, value LIMIT {p6:UInt32}
-- {"p1":["Question Answered"],"p2":"Question Answered","p3":["csat"],"p4":1777852800000,"p5":1779062400000,"p6":10}

-- CSAT by device · score
SELECT toString(bucket) AS bucket, toInt32(place) AS place, score, scale, count() AS times
FROM (
SELECT last.1 AS bucket, last.2 AS place, last.3 AS counts, last.4 AS score, last.5 AS scale, last.6 AS person FROM (
SELECT argMax((roundDown(toUnixTimestamp64Milli(e.timestamp), [1777852800000, 1778457600000]), toInt32(if(indexOf({p1:Array(String)}, substringUTF8(toString(e.device), 1, 500)) = 0, 0, indexOf({p1:Array(String)}, substringUTF8(toString(e.device), 1, 500)) - 1)), toFloat64OrNull(toString(e.properties.`score`)) IS NOT NULL, ifNull(toFloat64OrNull(toString(e.properties.`score`)), 0), ifNull(toFloat64OrNull(toString(e.properties.`scale`)), 5), dictGetOrDefault('person_overrides_map', 'person_id', e.origin_id, e.person_id)), (e.timestamp, e.received_at, e.event_id)) AS last
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND (e.name = {p3:String} AND toString(e.properties.`kind`) IN {p4:Array(String)})
  AND (toFloat64OrNull(toString(e.properties.`score`)) IS NOT NULL OR toString(e.properties.`withdrawn`) = 'true')
GROUP BY if(toString(e.properties.`responseId`) = '', toString(e.event_id), concat(toString(e.properties.`responseId`), '\0', toString(e.properties.`questionId`)))
) WHERE counts
)
GROUP BY bucket, place, score, scale ORDER BY bucket, place, score, scale
-- {"p1":[],"p2":["Question Answered"],"p3":"Question Answered","p4":["csat"],"p5":1777852800000,"p6":1779062400000}

-- CSAT by device · responses
SELECT place, countIf(was_shown) AS shown, countIf(was_shown AND was_answered) AS answered FROM (
SELECT max(e.name = {p1:String} AND (toString(e.properties.`asks`) = '' OR position(toString(e.properties.`asks`), {p2:String}) > 0)) AS was_shown, max(e.name = {p4:String}) AS was_answered, argMax(toInt32(if(indexOf({p7:Array(String)}, substringUTF8(toString(e.device), 1, 500)) = 0, 0, indexOf({p7:Array(String)}, substringUTF8(toString(e.device), 1, 500)) - 1)), (e.name = {p4:String}, e.timestamp)) AS place
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p3:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p4:String})
  AND toString(e.properties.`responseId`) != ''
GROUP BY toString(e.properties.`responseId`)) GROUP BY place ORDER BY place
-- {"p1":"Survey Shown","p2":"csat","p3":["Survey Shown","Question Answered"],"p4":"Question Answered","p5":1777852800000,"p6":1779062400000,"p7":[]}
