-- three stages · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Viewed","Opened","Order Completed","Ticket Opened"]}

-- three stages · volumes
SELECT toInt32(multiIf(e.name = {p1:String}, 0, e.name = {p2:String}, 1, e.name = {p3:String}, 2, e.name = {p4:String}, 3, -1)) AS place, count() AS events, uniqExact(e.person_id) AS people,
  sumMapIf(map(toString(e.currency), e.revenue_minor), e.currency != '') AS revenue,
  sumMap(map(toString(e.channel), 1)) AS channels
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p7:Int64}, 'UTC')
  AND e.name IN {p5:Array(String)}
GROUP BY place HAVING place >= 0
-- {"p1":"Viewed","p2":"Opened","p3":"Order Completed","p4":"Ticket Opened","p5":["Viewed","Opened","Order Completed","Ticket Opened"],"p6":1772323200000,"p7":1775001600000}

-- three stages · journey map
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p9:Int64}) * 11 + (if(e.name = {p5:String}, 10, 2 * if(multiIf(e.name = {p1:String}, 0, e.name = {p2:String}, 1, e.name = {p3:String}, 2, e.name = {p4:String}, 3, -1) < 0, 4, multiIf(e.name = {p1:String}, 0, e.name = {p2:String}, 1, e.name = {p3:String}, 2, e.name = {p4:String}, 3, -1)) + if((e.name = {p4:String} OR e.name = {p6:String} OR e.name = {p7:String}), 1, 0))))) AS at,
    groupArray(toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`score`)), nan))) AS x_score,
    groupArray(toFloat64(ifNull(toFloat64(indexOf(['nps', 'csat', 'ces'], lower(toString(e.properties.`kind`)))) - 1, nan))) AS x_question
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p9:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p10:Int64}, 'UTC')
  AND e.name IN {p8:Array(String)}
  AND (e.name = {p5:String} OR (e.name = {p4:String} OR e.name = {p6:String} OR e.name = {p7:String}) OR multiIf(e.name = {p1:String}, 0, e.name = {p2:String}, 1, e.name = {p3:String}, 2, e.name = {p4:String}, 3, -1) >= 0)
GROUP BY id
-- {"p1":"Viewed","p2":"Opened","p3":"Order Completed","p4":"Ticket Opened","p5":"Question Answered","p6":"Chat Started","p7":"Call Received","p8":["Viewed","Opened","Order Completed","Ticket Opened","Question Answered","Chat Started","Call Received"],"p9":1772323200000,"p10":1775001600000}
