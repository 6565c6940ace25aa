-- life cycle by day · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- life cycle by day · life cycle
SELECT place, finalizeAggregation(people) AS here,
  groupBitmapMerge(people) OVER (ORDER BY place RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS both,
  groupBitmapMerge(people) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ever
FROM (SELECT toInt64(transform(bucket, [-2208988800000, 1778371200000, 1778457600000, 1778544000000, 1778630400000], [0, 1, 2, 3, 4], 0)) AS place, people FROM (
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), [-2208988800000, 1778371200000, 1778457600000, 1778544000000, 1778630400000]) AS bucket, groupBitmapState(e.person_id) AS people
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY bucket
)) ORDER BY place
-- {"p1":["Viewed"],"p2":"Viewed","p3":-2208988800000,"p4":1778716800000}

-- on how many days · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- on how many days · stickiness
SELECT active, count() AS people FROM (
SELECT e.person_id AS person, bitCount(groupBitOr(bitShiftLeft(toUInt64(1), transform(roundDown(toUnixTimestamp64Milli(e.timestamp), [1778457600000, 1778544000000, 1778630400000]), [1778457600000, 1778544000000, 1778630400000], [0, 1, 2], 0)))) AS active
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY person
) GROUP BY active ORDER BY active
-- {"p1":["Viewed"],"p2":"Viewed","p3":1778457600000,"p4":1778716800000}

-- active people · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed"]}

-- active people · engagement
SELECT reached.1 AS days, reached.2 AS place, groupBitmapMerge(people) AS active FROM (
SELECT people, transform(bucket, [1775952000000, 1776038400000, 1776124800000, 1776211200000, 1776297600000, 1776384000000, 1776470400000, 1776556800000, 1776643200000, 1776729600000, 1776816000000, 1776902400000, 1776988800000, 1777075200000, 1777161600000, 1777248000000, 1777334400000, 1777420800000, 1777507200000, 1777593600000, 1777680000000, 1777766400000, 1777852800000, 1777939200000, 1778025600000, 1778112000000, 1778198400000, 1778284800000, 1778371200000, 1778457600000, 1778544000000, 1778630400000], [-29, -28, -27, -26, -25, -24, -23, -22, -21, -20, -19, -18, -17, -16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2], 0) AS own, arrayJoin(arrayConcat(arrayMap(one -> (toUInt8(1), one), range(toInt64(greatest(own, 0)), toInt64(least(own + 1, 3)))), arrayMap(one -> (toUInt8(7), one), range(toInt64(greatest(own, 0)), toInt64(least(own + 7, 3)))), arrayMap(one -> (toUInt8(30), one), range(toInt64(greatest(own, 0)), toInt64(least(own + 30, 3)))))) AS reached FROM (
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), [1775952000000, 1776038400000, 1776124800000, 1776211200000, 1776297600000, 1776384000000, 1776470400000, 1776556800000, 1776643200000, 1776729600000, 1776816000000, 1776902400000, 1776988800000, 1777075200000, 1777161600000, 1777248000000, 1777334400000, 1777420800000, 1777507200000, 1777593600000, 1777680000000, 1777766400000, 1777852800000, 1777939200000, 1778025600000, 1778112000000, 1778198400000, 1778284800000, 1778371200000, 1778457600000, 1778544000000, 1778630400000]) AS bucket, groupBitmapState(e.person_id) AS people
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
GROUP BY bucket
)) GROUP BY days, place ORDER BY days, place
-- {"p1":["Viewed"],"p2":"Viewed","p3":1775952000000,"p4":1778716800000}
