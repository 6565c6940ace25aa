-- first · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Order Completed"]}

-- first · starts and returns
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p4:Int64}) * 4 + (3))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND e.name = {p1:String}
  AND e.person_id NOT IN (SELECT e.person_id FROM events AS e WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND e.name = {p1:String})
GROUP BY id
-- {"p1":"Order Completed","p2":["Order Completed"],"p3":0,"p4":1772406000000,"p5":1774047600000}

-- recurring, of another event · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Signed Up","Order Completed"]}

-- recurring, of another event · starts and returns
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p4:Int64}) * 4 + (1 * toUInt8(e.name = {p1:String}) + 2 * toUInt8(e.name = {p2:String})))) AS at
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p3:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String})
GROUP BY id
-- {"p1":"Signed Up","p2":"Order Completed","p3":["Signed Up","Order Completed"],"p4":1772406000000,"p5":1774047600000}

-- with revenue and a breakdown · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Signed Up","Order Completed"]}

-- with revenue and a breakdown · values
SELECT first.2 AS value, count() AS people FROM (
  SELECT e.person_id AS person, min((e.timestamp, toString(e.properties.`plan`))) AS first
  FROM events AS e
  WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND e.name = {p1:String}
  AND e.person_id NOT IN (SELECT e.person_id FROM events AS e WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p2:Array(String)}
  AND e.name = {p1:String})
  GROUP BY person
) GROUP BY value ORDER BY people DESC, value LIMIT 10
-- {"p1":"Signed Up","p2":["Signed Up"],"p3":0,"p4":1772406000000,"p5":1773010800000}

-- with revenue and a breakdown · currencies
SELECT toString(e.currency) AS currency, count() AS events
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND e.currency != ''
GROUP BY currency ORDER BY events DESC, currency LIMIT 11
-- {"p1":["Order Completed"],"p2":"Order Completed","p3":1772406000000,"p4":1774047600000}

-- with revenue and a breakdown · starts and returns
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p8:Int64}) * 12 + (1 * toUInt8(e.name = {p1:String}) + 2 * toUInt8(e.name = {p2:String}) + 4 * (1 * if(e.name = {p1:String}, arrayCount(one -> one <= toString(e.properties.`plan`), {p4:Array(String)}) * 2 - has({p4:Array(String)}, toString(e.properties.`plan`)), 0))))) AS at,
    groupArray(toFloat64(ifNull(if(e.name = {p2:String} AND indexOf({p3:Array(String)}, toString(e.currency)) > 0, toNullable(toFloat64(e.revenue_minor)), NULL), nan))) AS x_value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p8:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p9:Int64}, 'UTC')
  AND e.name IN {p5:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String})
  AND e.person_id NOT IN (SELECT e.person_id FROM events AS e WHERE e.timestamp >= fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p8:Int64}, 'UTC')
  AND e.name IN {p6:Array(String)}
  AND e.name = {p1:String})
GROUP BY id
-- {"p1":"Signed Up","p2":"Order Completed","p3":["GBP"],"p4":["a"],"p5":["Signed Up","Order Completed"],"p6":["Signed Up"],"p7":0,"p8":1772406000000,"p9":1774047600000}
