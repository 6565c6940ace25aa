-- clicks of mobile visitors · interactions
SELECT dictGetOrDefault('person_overrides_map', 'person_id', e.origin_id, e.person_id) AS id,
    sipHash64(e.origin_id, toString(e.properties.`view`), if(toString(e.properties.`view`) = '', toString(e.event_id), '')) AS view,
    substring(toString(e.properties.`points`), 1, 16000) AS points,
    substring(toString(e.properties.`elements`), 1, 16000) AS elements,
    substring(toString(e.properties.`attention`), 1, 200) AS attention,
    toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`viewportWidth`)), 0)) AS width,
    toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`viewportHeight`)), 0)) AS viewport,
    toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`pageHeight`)), 0)) AS height,
    toFloat64(ifNull(toFloat64OrNull(toString(e.properties.`maxScroll`)), 0)) AS scroll
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p6:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND e.path LIKE {p3:String}
  AND e.device = {p4:String}
ORDER BY id, view
-- {"p1":["Page Interacted"],"p2":"Page Interacted","p3":"/shop/%","p4":"mobile","p5":1777766400000,"p6":1780358400000}

-- forms of one page · uses of forms
SELECT dictGetOrDefault('person_overrides_map', 'person_id', e.origin_id, e.person_id) AS id,
    substring(toString(e.properties.`form`), 1, 2000) AS form,
    substring(toString(e.properties.`submitted`), 1, 10) AS submitted,
    substring(toString(e.properties.`lastField`), 1, 2000) AS lastField,
    substring(ifNull(toJSONString(e.properties.`fields`), ''), 1, 16000) AS fields,
    substring(ifNull(toJSONString(e.properties.`times`), ''), 1, 16000) AS times,
    substring(ifNull(toJSONString(e.properties.`refills`), ''), 1, 16000) AS refills
FROM events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND e.timestamp < fromUnixTimestamp64Milli({p5:Int64}, 'UTC')
  AND e.name IN {p1:Array(String)}
  AND e.name = {p2:String}
  AND e.path = {p3:String}
ORDER BY id, form
-- {"p1":["Form Used"],"p2":"Form Used","p3":"/join","p4":1777766400000,"p5":1780358400000}
