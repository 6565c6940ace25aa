-- visits by day · visits
SELECT roundDown(toUnixTimestamp64Milli(fromUnixTimestamp64Milli(start, 'UTC')), [1774652400000, 1774738800000, 1774821600000]) AS bucket, grouping(bucket) AS whole, uniqExact(person) AS people, count() AS sessions, sum(views) AS all_views, countIf(bounced) AS bounces,
  sum(seconds) AS all_seconds, quantileExactInclusive(0.5)(seconds) AS median, countIf(reached) AS goals FROM (
SELECT e.person_id AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, countIf(e.name = {p1:String}) > 0 AS reached
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.session_start >= fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.session_start < fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.session_start > toDateTime64(0, 3, 'UTC')
  GROUP BY e.person_id, e.session_start
)
GROUP BY GROUPING SETS ((bucket), ())
-- {"p1":"Order Completed","p2":1774652400000,"p3":1774908000000,"p4":1774648800000,"p5":1774994400000}

-- visits by channel, on phones · values
SELECT value, count() OVER () AS different FROM (
  SELECT value, count() AS sessions FROM (
SELECT e.person_id AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, 0 AS reached,
    toString(argMinIf(e.channel_group, e.timestamp, e.channel_group != '')) AS value
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.session_start >= fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.session_start < fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.session_start > toDateTime64(0, 3, 'UTC')
  GROUP BY e.person_id, e.session_start
  HAVING countIf(toString(e.device) IN {p1:Array(String)}) > 0
) GROUP BY value ORDER BY sessions DESC, value LIMIT 10000)
ORDER BY sessions DESC, value LIMIT {p6:UInt32}
-- {"p1":["mobile"],"p2":1774652400000,"p3":1774908000000,"p4":1774648800000,"p5":1774994400000,"p6":10}

-- visits by channel, on phones · visits
SELECT if(has({p6:Array(String)}, value), value, NULL) AS shown, roundDown(toUnixTimestamp64Milli(fromUnixTimestamp64Milli(start, 'UTC')), [1774652400000, 1774738800000, 1774821600000]) AS bucket, grouping(bucket) AS whole, uniqExact(person) AS people, count() AS sessions, sum(views) AS all_views, countIf(bounced) AS bounces,
  sum(seconds) AS all_seconds, quantileExactInclusive(0.5)(seconds) AS median, countIf(reached) AS goals FROM (
SELECT e.person_id AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, 0 AS reached,
    toString(argMinIf(e.channel_group, e.timestamp, e.channel_group != '')) AS value
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.session_start >= fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.session_start < fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.session_start > toDateTime64(0, 3, 'UTC')
  GROUP BY e.person_id, e.session_start
  HAVING countIf(toString(e.device) IN {p1:Array(String)}) > 0
)
GROUP BY GROUPING SETS ((shown, bucket), (shown))
-- {"p1":["mobile"],"p2":1774652400000,"p3":1774908000000,"p4":1774648800000,"p5":1774994400000,"p6":["Email","Organic Search"]}

-- web overview · visits over time
SELECT roundDown(toUnixTimestamp64Milli(fromUnixTimestamp64Milli(start, 'UTC')), [1774652400000, 1774738800000, 1774821600000]) AS bucket, grouping(bucket) AS whole, uniqExact(person) AS people, count() AS sessions, sum(views) AS all_views, countIf(bounced) AS bounces,
  sum(seconds) AS all_seconds, quantileExactInclusive(0.5)(seconds) AS median, countIf(reached) AS goals FROM (
SELECT e.person_id AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, 0 AS reached
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.session_start >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.session_start < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.session_start > toDateTime64(0, 3, 'UTC')
  GROUP BY e.person_id, e.session_start
)
GROUP BY GROUPING SETS ((bucket), ())
-- {"p1":1774652400000,"p2":1774908000000,"p3":1774648800000,"p4":1774994400000}

-- web overview · lists
SELECT pair.1 AS list, pair.2 AS value, uniqExact(person) AS people, count() AS sessions, sum(views) AS all_views, countIf(bounced) AS bounces,
  sum(seconds) AS all_seconds, quantileExactInclusive(0.5)(seconds) AS median, countIf(reached) AS goals FROM (
SELECT e.person_id AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, 0 AS reached,
    toString(argMinIf(e.channel_group, e.timestamp, e.channel_group != '')) AS channels,
    domainWithoutWWW(argMinIf(e.referrer, e.timestamp, e.referrer != '')) AS referrers,
    toString(argMinIf(e.campaign_name, e.timestamp, e.campaign_name != '')) AS campaigns,
    toString(argMinIf(e.campaign_source, e.timestamp, e.campaign_source != '')) AS sources,
    argMinIf(e.path, e.timestamp, e.type IN ('page', 'screen')) AS entryPages,
    argMaxIf(e.path, e.timestamp, e.type IN ('page', 'screen')) AS exitPages,
    toString(argMinIf(e.country, e.timestamp, e.country != '')) AS countries,
    toString(argMinIf(e.device, e.timestamp, e.device != '')) AS devices,
    toString(argMinIf(e.browser, e.timestamp, e.browser != '')) AS browsers,
    toString(argMinIf(e.os, e.timestamp, e.os != '')) AS systems
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.session_start >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.session_start < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.session_start > toDateTime64(0, 3, 'UTC')
  GROUP BY e.person_id, e.session_start
)
ARRAY JOIN [('channels', channels), ('referrers', referrers), ('campaigns', campaigns), ('sources', sources), ('entryPages', entryPages), ('exitPages', exitPages), ('countries', countries), ('devices', devices), ('browsers', browsers), ('systems', systems)] AS pair
WHERE value != ''
GROUP BY list, value
ORDER BY people DESC, sessions DESC, value LIMIT {p5:UInt32} BY list
-- {"p1":1774652400000,"p2":1774908000000,"p3":1774648800000,"p4":1774994400000,"p5":10}

-- web overview · pages
SELECT e.path AS path, count() AS views, uniqExact(e.person_id) AS people, uniqExactIf(if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(e.person_id, e.session_start)), if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(e.person_id, e.session_start)) != 0) AS sessions
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.type = 'page'
  AND e.path != ''
GROUP BY path ORDER BY people DESC, views DESC, path LIMIT {p3:UInt32}
-- {"p1":1774652400000,"p2":1774908000000,"p3":10}

-- web overview · vitals
SELECT quantileExactInclusive(0.75)(toFloat64OrNull(toString(e.properties.`lcp`))) AS lcp,
  count(toFloat64OrNull(toString(e.properties.`lcp`))) AS lcp_measured,
  countIf(toFloat64OrNull(toString(e.properties.`lcp`)) <= 2500) AS lcp_good,
  countIf(toFloat64OrNull(toString(e.properties.`lcp`)) > 4000) AS lcp_poor,
  quantileExactInclusive(0.75)(toFloat64OrNull(toString(e.properties.`inp`))) AS inp,
  count(toFloat64OrNull(toString(e.properties.`inp`))) AS inp_measured,
  countIf(toFloat64OrNull(toString(e.properties.`inp`)) <= 200) AS inp_good,
  countIf(toFloat64OrNull(toString(e.properties.`inp`)) > 500) AS inp_poor,
  quantileExactInclusive(0.75)(toFloat64OrNull(toString(e.properties.`cls`))) AS cls,
  count(toFloat64OrNull(toString(e.properties.`cls`))) AS cls_measured,
  countIf(toFloat64OrNull(toString(e.properties.`cls`)) <= 0.1) AS cls_good,
  countIf(toFloat64OrNull(toString(e.properties.`cls`)) > 0.25) AS cls_poor,
  quantileExactInclusive(0.75)(toFloat64OrNull(toString(e.properties.`ttfb`))) AS ttfb,
  count(toFloat64OrNull(toString(e.properties.`ttfb`))) AS ttfb_measured,
  countIf(toFloat64OrNull(toString(e.properties.`ttfb`)) <= 800) AS ttfb_good,
  countIf(toFloat64OrNull(toString(e.properties.`ttfb`)) > 1800) AS ttfb_poor,
  quantileExactInclusive(0.75)(toFloat64OrNull(toString(e.properties.`load`))) AS load,
  count(toFloat64OrNull(toString(e.properties.`load`))) AS load_measured,
  countIf(toFloat64OrNull(toString(e.properties.`load`)) <= 3000) AS load_good,
  countIf(toFloat64OrNull(toString(e.properties.`load`)) > 6000) AS load_poor
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.name = 'Web Vitals'
-- {"p1":1774652400000,"p2":1774908000000}
