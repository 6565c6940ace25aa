-- from a start · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Home"]}

-- from a start · stations
SELECT station, station AS label, events FROM (
  SELECT if(e.name = '', toString(e.type), toString(e.name)) AS station, count() AS events
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  GROUP BY station
) ORDER BY events DESC, station LIMIT 4096
-- {"p1":1772406000000,"p2":1773010800000}

-- from a start · journeys
SELECT if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(e.person_id, e.session_start)) AS id, e.person_id AS person, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p5:Int64}) * 16 + (4 * toUInt32(if(e.name = '', transform(e.type, {p1:Array(String)}, {p2:Array(UInt16)}, {p3:UInt16}), transform(e.name, {p1:Array(String)}, {p2:Array(UInt16)}, {p3:UInt16}))) + 1 * toUInt8(e.name = {p4:String})))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND toUnixTimestamp64Milli(e.session_start) != 0
GROUP BY e.person_id, e.session_start
-- {"p1":["Cup","Home","Order"],"p2":[0,1,2],"p3":3,"p4":"Home","p5":1772406000000,"p6":1773010800000}

-- to an end, some events, pauses · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Cup","Order"]}

-- to an end, some events, pauses · stations
SELECT station, station AS label, events FROM (
  SELECT if(e.name = '', toString(e.type), toString(e.name)) AS station, count() AS events
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p3:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String})
  GROUP BY station
) ORDER BY events DESC, station LIMIT 4096
-- {"p1":"Cup","p2":"Order","p3":["Cup","Order"],"p4":1772406000000,"p5":1773010800000}

-- to an end, some events, pauses · journeys
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p6:Int64}) * 12 + (4 * toUInt32(if(e.name = '', transform(e.type, {p1:Array(String)}, {p2:Array(UInt16)}, {p3:UInt16}), transform(e.name, {p1:Array(String)}, {p2:Array(UInt16)}, {p3:UInt16}))) + 2 * toUInt8(e.name = {p4:String})))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND (e.name = {p5:String} OR e.name = {p4:String})
GROUP BY id
-- {"p1":["Cup","Order"],"p2":[0,1],"p3":2,"p4":"Order","p5":"Cup","p6":1772406000000,"p7":1773010800000}

-- pages in groups · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Order"]}

-- pages in groups · stations
SELECT station, multiIf(match(station, {p1:String}), {p2:String}, startsWith(station, {p3:String}), {p4:String}, station) AS label, events FROM (
  SELECT if(e.type IN ('page', 'screen') AND e.path != '', e.path, if(e.name = '', toString(e.type), toString(e.name))) AS station, count() AS events
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND (e.type IN ('page', 'screen') OR e.name = {p5:String})
  GROUP BY station
) ORDER BY events DESC, station LIMIT 10001
-- {"p1":"(?s)^/shop/[^/]*$","p2":"shop","p3":"/blog/","p4":"blog","p5":"Order","p6":1772406000000,"p7":1773010800000}

-- pages in groups · journeys
SELECT if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(e.person_id, e.session_start)) AS id, e.person_id AS person, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p5:Int64}) * 8 + (4 * toUInt32(transform(if(e.type IN ('page', 'screen') AND e.path != '', e.path, if(e.name = '', toString(e.type), toString(e.name))), {p1:Array(String)}, {p2:Array(UInt16)}, {p3:UInt16})) + 2 * toUInt8(e.name = {p4:String})))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND (e.type IN ('page', 'screen') OR e.name = {p4:String})
  AND toUnixTimestamp64Milli(e.session_start) != 0
GROUP BY e.person_id, e.session_start
-- {"p1":["Order"],"p2":[0],"p3":1,"p4":"Order","p5":1772406000000,"p6":1773010800000}
