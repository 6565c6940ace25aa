-- three conditions
SELECT id FROM (
SELECT id, bitShiftLeft(toUInt64((ifNull(v0 >= {p3:Float64}, 0))), 0) + bitShiftLeft(toUInt64((ifNull(v1 >= {p8:Float64}, 0))), 1) + bitShiftLeft(toUInt64(NOT (ifNull(v2 <= {p11:Float64}, 0))), 2) AS flags FROM (
  SELECT e.person_id AS id, countIf(e.name = {p1:String}) AS v0, countIf((e.name = {p4:String} AND (e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')))) AS v1, countIf(e.name = {p9:String}) AS v2
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p13:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p14:Int64}, 'UTC')
  AND e.name IN {p12:Array(String)}
  AND (e.name = {p1:String} OR (e.name = {p4:String} AND (e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC'))) OR e.name = {p9:String})
  GROUP BY id) WHERE flags != 0
) WHERE ((bitTest(flags, 0)) AND (bitTest(flags, 1)) AND (NOT bitTest(flags, 2)))
-- {"p1":"Order Completed","p2":["Order Completed"],"p3":1,"p4":"Product Viewed","p5":["Product Viewed"],"p6":1772406000000,"p7":1774994400000,"p8":3,"p9":"Signed Up","p10":["Signed Up"],"p11":0,"p12":["Order Completed","Product Viewed","Signed Up"],"p13":-2208902400000,"p14":10413619200000}

-- a property and a trait
SELECT id FROM (
SELECT id, groupBitOr(flags) AS flags FROM (
SELECT id, bitShiftLeft(toUInt64((ifNull(v0 >= {p5:Float64}, 0))), 0) AS flags FROM (
  SELECT e.person_id AS id, countIf((e.name = {p2:String} AND toString(e.properties.`city`) IN {p3:Array(String)})) AS v0
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND ((e.name = {p2:String} AND toString(e.properties.`city`) IN {p3:Array(String)}))
  GROUP BY id) WHERE flags != 0
UNION ALL
SELECT t.person_id AS id, bitShiftLeft(toUInt64(((toString(t.value) NOT IN {p1:Array(String)}) != ('' NOT IN {p1:Array(String)}))), 1) AS flags FROM (SELECT origin_id AS person_id, value FROM person_traits_now FINAL WHERE name = {p8:String} AND type != 'null' AND NOT dictHas('person_links_map', origin_id)
    UNION ALL SELECT person_id, value FROM (
      SELECT dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id, argMax(value, at) AS value, argMax(type, at) AS type
      FROM person_traits_now FINAL WHERE name = {p8:String} AND dictHas('person_links_map', origin_id) GROUP BY person_id) WHERE type != 'null') AS t
UNION ALL
SELECT person_id AS id, toUInt64(0) AS flags FROM (SELECT dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id, min(first_seen) AS first_seen FROM people_known GROUP BY person_id)
) GROUP BY id
) WHERE ((bitTest(flags, 0)) OR (bitTest(flags, 1) != ('' NOT IN {p1:Array(String)})))
-- {"p1":["free"],"p2":"Order Completed","p3":["Oslo"],"p4":["Order Completed"],"p5":1,"p6":-2208902400000,"p7":10413619200000,"p8":"plan"}

-- a sequence
SELECT id FROM (
SELECT id, bitShiftLeft(toUInt64((arrayExists((x, f) -> x % 4 = 0 AND f % 4 = 2 AND intDiv(x, 4) - intDiv(f, 4) <= 604800000, l0, arrayFill(x -> x % 4 != 0, l0)))), 0) AS flags FROM (
  SELECT e.person_id AS id, arraySort(groupArrayArray(arrayFilter(x -> x >= 0, [if(e.name = {p3:String}, (toUnixTimestamp64Milli(e.timestamp) - {p7:Int64}) * 4, -1), if(e.name = {p1:String}, (toUnixTimestamp64Milli(e.timestamp) - {p7:Int64}) * 4 + 2, -1), if(e.name = {p5:String}, (toUnixTimestamp64Milli(e.timestamp) - {p7:Int64}) * 4 + 1, -1)]))) AS l0
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p9:Int64}, 'UTC')
  AND e.name IN {p8:Array(String)}
  AND ((e.name = {p1:String} OR e.name = {p3:String} OR e.name = {p5:String}))
  GROUP BY id) WHERE flags != 0
) WHERE bitTest(flags, 0)
-- {"p1":"A","p2":["A"],"p3":"B","p4":["B"],"p5":"C","p6":["C"],"p7":-2208902400000,"p8":["A","B","C"],"p9":10413619200000}

-- an account and another audience
SELECT id FROM (
SELECT id, groupBitOr(flags) AS flags FROM (
SELECT /* repeats */ person_id AS id, bitShiftLeft(toUInt64(1), 0) AS flags FROM (SELECT DISTINCT account_id, dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id FROM account_members) WHERE account_id IN (SELECT id FROM (
SELECT id, bitShiftLeft(toUInt64((ifNull(v0 >= {p3:Float64}, 0))), 0) AS flags FROM (
  SELECT e.account_id AS id, countIf(e.name = {p1:String}) AS v0
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND (e.name = {p1:String})
  AND e.account_id != 0
  GROUP BY id) WHERE flags != 0
) WHERE bitTest(flags, 0))
UNION ALL
SELECT /* repeats */ dictGetOrDefault('person_links_map', 'person_id', person_id, person_id) AS id, bitShiftLeft(toUInt64(1), 1) AS flags FROM audience_members FINAL WHERE audience_id = {p6:UInt32} AND inside = 1
) GROUP BY id
) WHERE ((bitTest(flags, 0)) AND (NOT (bitTest(flags, 1))))
-- {"p1":"Contract Signed","p2":["Contract Signed"],"p3":1,"p4":-2208902400000,"p5":10413619200000,"p6":1}
