-- a store locator · names
SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN {p1:Array(String)}
-- {"p1":["Store Locator Opened","Store Selected","Order Completed"]}

-- a store locator · names
SELECT if(e.name = '', toString(e.type), toString(e.name)) AS name
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND e.type = 'track'
GROUP BY name ORDER BY count() DESC, name LIMIT 400
-- {"p1":1772323200000,"p2":1775001600000}

-- a store locator · values of device
SELECT toString(e.device) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String})
GROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT 30
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":1772323200000,"p6":1775001600000}

-- a store locator · values of browser
SELECT toString(e.browser) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String})
GROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT 30
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":1772323200000,"p6":1775001600000}

-- a store locator · values of os
SELECT toString(e.os) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String})
GROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT 30
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":1772323200000,"p6":1775001600000}

-- a store locator · values of country
SELECT toString(e.country) AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String})
GROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT 30
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":1772323200000,"p6":1775001600000}

-- a store locator · values of version
SELECT coalesce(nullIf(JSONExtractString(e.context, 'app', 'version'), ''), nullIf(toString(e.properties.`app_version`), ''), nullIf(toString(e.properties.`version`), ''), '') AS value
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p4:Array(String)}
  AND (e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String})
GROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT 30
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":1772323200000,"p6":1775001600000}

-- a store locator · worth
SELECT toString(e.currency) AS currency, count() AS orders, avg(e.revenue_minor) AS mean,
  stddevSamp(e.revenue_minor) AS deviation
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p3:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND e.currency != '' AND e.revenue_minor > 0
GROUP BY currency ORDER BY orders DESC, currency LIMIT 1
-- {"p1":["Order Completed"],"p2":"Order Completed","p3":1772323200000,"p4":1775001600000}

-- a store locator · ways
SELECT e.person_id AS id, 
    groupArray(toFloat64((toUnixTimestamp64Milli(e.timestamp) - {p13:Int64}) * 352 + (((e.name = {p1:String}) * 1 + (e.name = {p2:String}) * 2 + (e.name = {p3:String}) * 4) + 8 * transform(if(e.name = '', toString(e.type), toString(e.name)), {p5:Array(String)}, {p6:Array(UInt16)}, 0)))) AS at,
    groupArray(toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`lcp`)), nan))) AS x_m0,
    groupArray(toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`load`)), nan))) AS x_m1,
    toFloat64(ifNull(transform(argMinIf(if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.device), ''), e.timestamp, if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.device), '') != ''), {p7:Array(String)}, {p8:Array(UInt16)}, 0), nan)) AS o_v0,
    toFloat64(ifNull(transform(argMinIf(if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.browser), ''), e.timestamp, if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.browser), '') != ''), {p9:Array(String)}, {p10:Array(UInt16)}, 0), nan)) AS o_v1,
    toFloat64(ifNull(0, nan)) AS o_v2,
    toFloat64(ifNull(transform(argMinIf(if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.country), ''), e.timestamp, if((e.name = {p1:String} OR e.name = {p2:String} OR e.name = {p3:String}), toString(e.country), '') != ''), {p11:Array(String)}, {p12:Array(UInt16)}, 0), nan)) AS o_v3,
    toFloat64(ifNull(0, nan)) AS o_v4
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p13:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p14:Int64}, 'UTC')
GROUP BY id
-- {"p1":"Store Locator Opened","p2":"Store Selected","p3":"Order Completed","p4":["Store Locator Opened","Store Selected","Order Completed"],"p5":["Store Locator Opened","Web Vitals","Store Selected","Noise 0","Noise 28","Noise 39","Noise 22","Noise 4","Noise 27","Noise 31","Noise 35","Noise 20","Noise 25","Noise 18","Noise 30","Noise 37","Noise 13","Noise 5","Noise 33","Noise 3","Noise 26","Noise 36","Noise 7","Noise 12","Noise 10","Noise 24","Noise 32","Noise 11","Noise 38","Noise 8","Noise 14","Noise 34","Noise 1","Noise 23","Noise 29","Noise 9","Noise 21","Noise 6","Noise 15","Noise 16","Noise 2","Noise 17","Noise 19"],"p6":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43],"p7":["desktop","mobile"],"p8":[1,2],"p9":["Browser 7","Browser 6","Browser 2","Browser 4","Browser 3","Browser 0","Browser 5","Browser 1"],"p10":[1,2,3,4,5,6,7,8],"p11":["C13","C16","C8","C7","C5","C18","C6","C15","C10","C9","C2","C0","C17","C11","C3","C1","C14","C4","C19","C12"],"p12":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20],"p13":1772323200000,"p14":1775001600000}
