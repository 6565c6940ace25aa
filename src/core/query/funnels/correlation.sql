-- events · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["A","B"]}

-- events · values of event:name
SELECT if(e.name = '', toString(e.type), toString(e.name)) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY value HAVING value != ''
ORDER BY count() DESC, value LIMIT 501
-- {"p1":1774569600000,"p2":1774915200000}

-- events · with event:name
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p6:Int64}) * 4 + ((e.name = {p1:String}) * 1 + (e.name = {p2:String}) * 2))) AS at,
    groupArray(toFloat64(ifNull(transform(if(e.name = '', toString(e.type), toString(e.name)), {p5:Array(String)}, {p4:Array(UInt16)}, 0), nan))) AS x_value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
GROUP BY id
-- {"p1":"A","p2":"B","p3":["A","B"],"p4":[1],"p5":["A"],"p6":1774569600000,"p7":1774915200000}

-- properties · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["A","B"]}

-- properties · properties
SELECT arrayJoin(JSONAllPaths(e.properties)) AS name
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p3:Array(String)}
GROUP BY name HAVING name NOT IN {p6:Array(String)}
ORDER BY count() DESC, name LIMIT 100
-- {"p1":"A","p2":"B","p3":["A","B"],"p4":1774569600000,"p5":1774915200000,"p6":[]}

-- properties · values of property:plan
SELECT toString(e.properties.`plan`) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY value HAVING value != ''
ORDER BY count() DESC, value LIMIT 501
-- {"p1":1774569600000,"p2":1774915200000}

-- properties · with property:plan
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p6:Int64}) * 4 + ((e.name = {p1:String}) * 1 + (e.name = {p2:String}) * 2))) AS at,
    groupArray(toFloat64(ifNull(transform(toString(e.properties.`plan`), {p5:Array(String)}, {p4:Array(UInt16)}, 0), nan))) AS x_value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
GROUP BY id
-- {"p1":"A","p2":"B","p3":["A","B"],"p4":[1],"p5":["gold"],"p6":1774569600000,"p7":1774915200000}
