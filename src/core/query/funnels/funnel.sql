-- four steps within seven days · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Page","Product Viewed","Product Added","Order Completed"]}

-- four steps within seven days · steps
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p6:Int64}) * 16 + ((e.name = {p1:String}) * 1 + (e.name = {p2:String}) * 2 + (e.name = {p3:String}) * 4 + (e.name = {p4:String}) * 8))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.name IN {p5:Array(String)}
GROUP BY id
-- {"p1":"Page","p2":"Product Viewed","p3":"Product Added","p4":"Order Completed","p5":["Page","Product Viewed","Product Added","Order Completed"],"p6":1774566000000,"p7":1774821600000}

-- with breakdown and exclusion · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Page","Product Viewed","Product Added","Order Completed"]}

-- with breakdown and exclusion · values of the breakdown
SELECT concat(toString(e.device), {p2:String}, toString(j1.value)) AS value
FROM events AS e
LEFT ANY JOIN (SELECT origin_id AS person_id, value FROM person_traits_now FINAL WHERE name = {p1:String} AND type != 'null' AND NOT dictHas('person_links_map', origin_id)
    UNION ALL SELECT person_id, value FROM (
      SELECT dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id, argMax(value, at) AS value, argMax(type, at) AS type
      FROM person_traits_now FINAL WHERE name = {p1:String} AND dictHas('person_links_map', origin_id) GROUP BY person_id) WHERE type != 'null') AS j1 ON j1.person_id = e.person_id
WHERE e.timestamp >= fromUnixTimestamp64Milli({p8:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p9:Int64}, 'UTC')
  AND e.name IN {p7:Array(String)}
  AND (e.name = {p3:String} OR e.name = {p4:String} OR e.name = {p5:String} OR e.name = {p6:String})
GROUP BY value HAVING value != {p2:String}
ORDER BY count() DESC, value
LIMIT 10001
-- {"p1":"plan","p2":"\u001f","p3":"Page","p4":"Product Viewed","p5":"Product Added","p6":"Order Completed","p7":["Page","Product Viewed","Product Added","Order Completed"],"p8":1774566000000,"p9":1774821600000}

-- with breakdown and exclusion · steps
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p11:Int64}) * 32 + ((e.name = {p1:String}) * 1 + (e.name = {p2:String}) * 2 + (e.name = {p3:String}) * 4 + (e.name = {p4:String}) * 8 + (e.name = {p5:String}) * 16))) AS at,
    toFloat64(ifNull(minIf(toUInt64(toUnixTimestamp64Milli(e.timestamp) - {p11:Int64}) * 16384 + if(concat(toString(e.device), {p9:String}, toString(j1.value)) = {p9:String}, 0, transform(concat(toString(e.device), {p9:String}, toString(j1.value)), {p10:Array(String)}, {p7:Array(UInt16)}, 2)), if(concat(toString(e.device), {p9:String}, toString(j1.value)) = {p9:String}, 0, transform(concat(toString(e.device), {p9:String}, toString(j1.value)), {p10:Array(String)}, {p7:Array(UInt16)}, 2)) != 0 AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String} OR e.name = {p4:String})) % 16384, nan)) AS o_value
FROM events AS e
LEFT ANY JOIN (SELECT origin_id AS person_id, value FROM person_traits_now FINAL WHERE name = {p8:String} AND type != 'null' AND NOT dictHas('person_links_map', origin_id)
    UNION ALL SELECT person_id, value FROM (
      SELECT dictGetOrDefault('person_links_map', 'person_id', origin_id, origin_id) AS person_id, argMax(value, at) AS value, argMax(type, at) AS type
      FROM person_traits_now FINAL WHERE name = {p8:String} AND dictHas('person_links_map', origin_id) GROUP BY person_id) WHERE type != 'null') AS j1 ON j1.person_id = e.person_id
WHERE e.timestamp >= fromUnixTimestamp64Milli({p11:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p12:Int64}, 'UTC')
  AND e.name IN {p6:Array(String)}
GROUP BY id
-- {"p1":"Page","p2":"Product Viewed","p3":"Product Added","p4":"Order Completed","p5":"Product Removed","p6":["Page","Product Viewed","Product Added","Order Completed","Product Removed"],"p7":[1],"p8":"plan","p9":"\u001f","p10":["mobile\u001f"],"p11":1774566000000,"p12":1774821600000}

-- strict, held, by session, value of the second step · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["A","B"]}

-- strict, held, by session, value of the second step · values of the breakdown
SELECT toString(e.properties.`plan`) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR (e.name = {p2:String} AND toString(e.properties.`plan`) IN {p3:Array(String)}))
GROUP BY value HAVING value != {p7:String}
ORDER BY count() DESC, value
LIMIT 10001
-- {"p1":"A","p2":"B","p3":["gold"],"p4":["A","B"],"p5":1774566000000,"p6":1774821600000,"p7":""}

-- strict, held, by session, value of the second step · steps
SELECT if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(e.person_id, e.session_start)) AS id, e.person_id AS person, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p7:Int64}) * 4 + ((e.name = {p1:String}) * 1 + ((e.name = {p2:String} AND toString(e.properties.`plan`) IN {p3:Array(String)})) * 2))) AS at,
    groupArray(toFloat64(ifNull(if((toString(e.properties.`plan`) != ''), bitShiftRight(sipHash64(toString(e.properties.`plan`)), 11), NULL), nan))) AS x_hold,
    groupArray(toFloat64(ifNull(if(toString(e.properties.`plan`) = {p5:String}, 0, transform(toString(e.properties.`plan`), {p6:Array(String)}, {p4:Array(UInt16)}, 3)), nan))) AS x_value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p8:Int64}, 'UTC')
  AND toUnixTimestamp64Milli(e.session_start) != 0
GROUP BY e.person_id, e.session_start
-- {"p1":"A","p2":"B","p3":["gold"],"p4":[1,2],"p5":"","p6":["gold","silver"],"p7":1774566000000,"p8":1774821600000}
