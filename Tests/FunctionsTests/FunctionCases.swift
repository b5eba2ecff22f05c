/// Calls and what PostgreSQL 15 answers: name, arguments as type:text, then the result, `!` before
/// an SQLSTATE; rows end with `;`, columns with `~`.
let functionCases = #"""
  op +¦int4:1¦int4:2⇒3
  op +¦int4:2147483647¦int4:1⇒!22003
  op +¦int4:1¦?:2⇒3
  op +¦int2:1¦int8:2⇒3
  op /¦int4:7¦int4:-2⇒-3
  op /¦int4:7¦int4:0⇒!22012
  op %¦int4:-7¦int4:3⇒-1
  op *¦numeric:1.50¦int4:3⇒4.50
  op /¦numeric:10¦numeric:3⇒3.3333333333333333
  op +¦float8:1.5¦int4:1⇒2.5
  op *¦float4:1.1¦float4:2⇒2.2
  op -¦int8:-9223372036854775808¦int8:1⇒!22003
  op +¦int4:1¦bool:t⇒!42883
  op =¦varchar:a¦?:a⇒true
  op =¦bpchar:a  ¦text:a⇒true
  op =¦int4:1¦numeric:1.0⇒true
  op <¦text:a¦text:B⇒false
  op ~~¦text:hello¦?:h%l_⇒true
  op ~~*¦text:HELLO¦text:h%o⇒true
  op !~~¦text:hello¦text:x%⇒true
  op ~¦text:pgbench¦text:^(pgbench)$⇒true
  op ~¦text:abc¦text:[[:digit:]]⇒false
  op ~*¦text:ABC¦text:b.$⇒true
  op ~¦text:a¦text:(⇒!2201B
  op ~¦text:foobar¦text:\mfoo(?=bar)⇒true
  op ||¦text:a¦int4:1⇒a1
  op ||¦?:a¦?:b⇒ab
  op ||¦_int4:{1,2}¦int4:3⇒{1,2,3}
  op ||¦_int4:{1,2}¦_int4:{3}⇒{1,2,3}
  op @>¦_int4:{1,2,3}¦_int4:{2}⇒true
  op &&¦_text:{a,b}¦_text:{c}⇒false
  op <@¦_int4:{1}¦_int4:{1,2}⇒true
  op -¦date:2024-03-01¦date:2024-02-01⇒29
  op -¦date:2024-03-01¦int4:1⇒2024-02-29
  op +¦date:2024-01-31¦interval:1 month⇒2024-02-29 00:00:00
  op -¦timestamp:2024-03-01 12:00¦timestamp:2024-02-28 13:30⇒1 day 22:30:00
  op +¦timestamp:2024-01-31 10:00¦interval:1 month 1 day⇒2024-03-01 10:00:00
  op *¦interval:1 day 2 hours¦float8:1.5⇒1 day 15:00:00
  op /¦interval:1 mon¦int4:4⇒7 days 12:00:00
  op <¦date:2024-01-01¦timestamp:2024-01-01 00:00:01⇒true
  op ^¦int4:2¦int4:10⇒1024
  op &¦int4:12¦int4:10⇒8
  op #¦int4:12¦int4:10⇒6
  op <<¦int4:1¦int4:4⇒16
  op =¦int4:1¦text:1⇒!42883
  abs¦int4:-5⇒5
  ceil¦numeric:1.2⇒2
  floor¦float8:-1.5⇒-2
  round¦numeric:2.567¦int4:2⇒2.57
  round¦float8:2.5⇒2
  trunc¦numeric:-2.567¦int4:1⇒-2.5
  power¦float8:2¦float8:0.5⇒1.4142135623730951
  sqrt¦float8:-1⇒!2201F
  sqrt¦numeric:2⇒1.414213562373095
  ln¦numeric:2⇒0.6931471805599453
  log¦numeric:100⇒2.0000000000000000
  exp¦float8:1⇒2.718281828459045
  gcd¦int4:12¦int4:18⇒6
  lcm¦int4:4¦int4:6⇒12
  sign¦numeric:-3⇒-1
  width_bucket¦float8:5.35¦float8:0.024¦float8:10.06¦int4:5⇒3
  mod¦int4:7¦int4:3⇒1
  length¦text:héllo⇒5
  octet_length¦text:héllo⇒6
  upper¦text:straße⇒STRAßE
  initcap¦text:hello wORLD⇒Hello World
  substring¦text:hello¦int4:2¦int4:3⇒ell
  substring¦text:hello¦int4:-1¦int4:3⇒h
  substring¦text:foobar¦text:o(.)b⇒o
  substr¦text:hello¦int4:2⇒ello
  position¦text:hello¦text:ll⇒3
  btrim¦text:xxhixx¦text:x⇒hi
  ltrim¦text:  a⇒a
  lpad¦text:hi¦int4:5¦text:xy⇒xyxhi
  rpad¦text:hi¦int4:5⇒hi   
  replace¦text:abcabc¦text:b¦text:XX⇒aXXcaXXc
  split_part¦text:a,b,c¦text:,¦int4:2⇒b
  split_part¦text:a,b,c¦text:,¦int4:-1⇒c
  concat¦text:a¦int4:1¦bool:t⇒a1t
  concat_ws¦text:,¦text:a¦text:b⇒a,b
  format¦text:%s is %I and %L¦int4:1¦text:A b¦text:it's⇒1 is "A b" and 'it''s'
  format¦text:%-5s|%2$s¦text:a¦text:b⇒a    |b
  left¦text:hello¦int4:-2⇒hel
  right¦text:hello¦int4:2⇒lo
  repeat¦text:ab¦int4:3⇒ababab
  reverse¦text:héy⇒yéh
  strpos¦text:hello¦text:l⇒3
  ascii¦text:é⇒233
  chr¦int4:233⇒é
  md5¦text:hello⇒5d41402abc4b2a76b9719d911017c592
  sha224¦bytea:abc⇒\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7
  sha256¦bytea:abc⇒\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
  sha384¦bytea:abc⇒\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7
  sha512¦bytea:abc⇒\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
  encode¦bytea:\x00ff41¦text:base64⇒AP9B
  encode¦bytea:\x00ff41¦text:hex⇒00ff41
  encode¦bytea:\x00ff41¦text:escape⇒\000\377A
  decode¦text:AP9B¦text:base64⇒\x00ff41
  quote_ident¦text:select⇒"select"
  quote_ident¦text:a_1⇒a_1
  quote_literal¦text:it's⇒'it''s'
  quote_literal¦int4:5⇒'5'
  quote_nullable¦text:a\b⇒E'a\\b'
  to_hex¦int4:-1⇒ffffffff
  translate¦text:12345¦text:143¦text:ax⇒a2x5
  starts_with¦text:alphabet¦text:alph⇒t
  regexp_replace¦text:foobarbaz¦text:b(..)¦text:X\1Y¦text:g⇒fooXarYXazY
  regexp_replace¦text:Thomas¦text:.[mN]a.¦text:M⇒ThM
  regexp_match¦text:foobarbequebaz¦text:(bar)(beque)⇒{bar,beque}
  regexp_matches¦text:foobarbequebazilbarfbonk¦text:(b[^b]+)(b[^b]+)¦text:g⇒{bar,beque};{bazil,barf}
  regexp_split_to_table¦text:hello  world¦text:\s+⇒hello;world
  regexp_split_to_array¦text:abc¦text:⇒{a,b,c}
  regexp_count¦text:123123¦text:\d\d\d⇒2
  string_to_array¦text:a,b,NULL¦text:,¦text:NULL⇒{a,b,NULL}
  array_to_string¦_int4:{1,NULL,3}¦text:,¦text:*⇒1,*,3
  array_append¦_int4:{1}¦int4:2⇒{1,2}
  array_prepend¦int4:0¦_int4:{1}⇒{0,1}
  array_cat¦_int4:{1}¦_int4:{2,3}⇒{1,2,3}
  array_length¦_int4:{{1,2},{3,4}}¦int4:2⇒2
  array_upper¦int2vector:1 2¦int4:1⇒1
  array_position¦_text:{a,b}¦text:b⇒2
  array_remove¦_int4:{1,2,1}¦int4:1⇒{2}
  array_replace¦_int4:{1,2}¦int4:1¦int4:5⇒{5,2}
  cardinality¦_int4:{{1,2},{3,4}}⇒4
  unnest¦_int4:{1,2}⇒1;2
  generate_subscripts¦_int4:{5,6}¦int4:1⇒1;2
  generate_series¦int4:1¦int4:3⇒1;2;3
  generate_series¦int4:3¦int4:1¦int4:-1⇒3;2;1
  generate_series¦numeric:1¦numeric:2¦numeric:0.5⇒1;1.5;2.0
  generate_series¦timestamp:2024-01-01¦timestamp:2024-03-01¦interval:1 month⇒2024-01-01 00:00:00;2024-02-01 00:00:00;2024-03-01 00:00:00
  overlay¦text:Txxxxas¦text:hom¦int4:2¦int4:4⇒Thomas
  age¦timestamp:2001-04-10¦timestamp:1957-06-13⇒43 years 9 mons 27 days
  date_trunc¦text:month¦timestamp:2024-05-17 10:20:30⇒2024-05-01 00:00:00
  date_trunc¦text:week¦timestamp:2024-05-17 10:20:30⇒2024-05-13 00:00:00
  date_trunc¦text:foo¦timestamp:2024-05-17 10:20:30⇒!22023
  date_part¦text:dow¦timestamp:2024-05-17 10:20:30⇒5
  extract¦text:epoch¦timestamptz:2024-05-17 10:20:30.5+00⇒1715941230.500000
  extract¦text:second¦time:10:20:30.25⇒30.250000
  extract¦text:week¦date:2024-12-30⇒1
  extract¦text:epoch¦interval:1 year 2 mons 3 days 04:05:06⇒37015506.000000
  extract¦text:century¦date:2000-12-31⇒20
  make_date¦int4:2024¦int4:2¦int4:30⇒!22008
  make_date¦int4:2024¦int4:2¦int4:29⇒2024-02-29
  make_timestamp¦int4:2013¦int4:7¦int4:15¦int4:8¦int4:15¦float8:23.5⇒2013-07-15 08:15:23.5
  make_interval¦int4:0¦int4:1⇒1 mon
  to_char¦timestamp:2024-05-07 15:04:05.123456¦text:YYYY-MM-DD HH24:MI:SS.US⇒2024-05-07 15:04:05.123456
  to_char¦timestamp:2024-05-07 15:04:05¦text:FMDay, DDth Mon YYYY HH12:MI AM⇒Tuesday, 07th May 2024 03:04 PM
  to_char¦timestamp:2024-05-07 15:04:05¦text:Day Month IYYY-IW Q⇒Tuesday   May       2024-19 2
  to_date¦text:05 Dec 2000¦text:DD Mon YYYY⇒2000-12-05
  to_date¦text:20240229¦text:YYYYMMDD⇒2024-02-29
  to_timestamp¦text:2024-05-07 15:04:05¦text:YYYY-MM-DD HH24:MI:SS⇒2024-05-07 15:04:05+00
  to_timestamp¦float8:1284352323.5⇒2010-09-13 04:32:03.5+00
  timezone¦text:America/New_York¦timestamp:2024-07-01 12:00⇒2024-07-01 16:00:00+00
  justify_interval¦interval:1 mon -1 hour⇒29 days 23:00:00
  justify_hours¦interval:50 hours⇒2 days 02:00:00
  isfinite¦date:infinity⇒f
  date_bin¦interval:15 minutes¦timestamp:2020-02-11 15:44:17¦timestamp:2001-01-01⇒2020-02-11 15:30:00
  num_nulls¦int4:1¦text:a⇒0
  pg_typeof¦int4:1⇒integer
  pg_size_pretty¦int8:10240⇒10 kB
  pg_size_pretty¦int8:123456789⇒118 MB
  foo¦int4:1⇒!42883
  abs¦text:1⇒!42883
  to_char¦numeric:1234.5¦text:9,999.99⇒ 1,234.50
  to_char¦int4:12¦text:0000⇒ 0012
  to_char¦int4:-5¦text:FM999⇒-5
  to_char¦numeric:0.1¦text:0.99⇒ 0.10
  to_char¦numeric:1234567.891¦text:FM999,999,999.00⇒1,234,567.89
  to_number¦text:1,234.5¦text:9,999.9⇒1234.5
  op ->¦jsonb:{"a":{"b":1}}¦?:a⇒{"b": 1}
  op ->>¦jsonb:{"a":{"b":1}}¦text:a⇒{"b": 1}
  op ->>¦json:{"a": [1, 2]}¦text:a⇒[1, 2]
  op ->¦json:[1,{"x": 2}]¦int4:1⇒{"x": 2}
  op ->¦jsonb:[1,2,3]¦int4:-1⇒3
  op #>¦jsonb:{"a":[1,2]}¦_text:{a,1}⇒2
  op #>>¦json:{"a":["x","y"]}¦_text:{a,1}⇒y
  op @>¦jsonb:{"a":1,"b":[1,2]}¦jsonb:{"b":[2]}⇒true
  op @>¦jsonb:[1,2]¦jsonb:1⇒true
  op <@¦jsonb:{}¦jsonb:{"b":[2]}⇒true
  op ?¦jsonb:{"a":1}¦text:a⇒true
  op ?|¦jsonb:{"a":1}¦_text:{b,a}⇒true
  op ?&¦jsonb:{"a":1}¦_text:{b,a}⇒false
  op ||¦jsonb:{"a":1}¦jsonb:{"b":2}⇒{"a": 1, "b": 2}
  op ||¦jsonb:[1]¦jsonb:2⇒[1, 2]
  op -¦jsonb:{"a":1,"b":2}¦text:a⇒{"b": 2}
  op -¦jsonb:[1,2,3]¦int4:1⇒[1, 3]
  op #-¦jsonb:{"a":[1,2]}¦_text:{a,0}⇒{"a": [2]}
  jsonb_build_object¦text:a¦int4:1¦text:b¦_int4:{1,2}⇒{"a": 1, "b": [1, 2]}
  json_build_object¦text:a¦int4:1¦text:b¦bool:t⇒{"a" : 1, "b" : true}
  json_build_array¦int4:1¦text:x¦json:{"a": 1}⇒[1, "x", {"a": 1}]
  jsonb_build_array¦numeric:1.50¦date:2024-01-01⇒[1.50, "2024-01-01"]
  to_json¦text:a"b⇒"a\"b"
  to_jsonb¦_int4:{1,2}⇒[1, 2]
  to_json¦timestamp:2024-01-01 10:00⇒"2024-01-01T10:00:00"
  json_array_elements¦json:[1, {"a" : 2}]⇒1;{"a" : 2}
  jsonb_array_elements_text¦jsonb:[1,"a",null]⇒1;a;
  jsonb_each¦jsonb:{"a":1,"b":"x"}⇒a~1;b~"x"
  json_each_text¦json:{"a":1,"b":"x"}⇒a~1;b~x
  json_object_keys¦json:{"b":1,"a":2}⇒b;a
  jsonb_object_keys¦jsonb:{"b":1,"a":2}⇒a;b
  json_array_length¦json:[1,2,[3]]⇒3
  jsonb_array_length¦jsonb:{"a":1}⇒!22023
  json_typeof¦json: 1.5⇒number
  jsonb_typeof¦jsonb:null⇒null
  jsonb_set¦jsonb:{"a":[1,2]}¦_text:{a,1}¦jsonb:9⇒{"a": [1, 9]}
  jsonb_set¦jsonb:{"a":1}¦_text:{b}¦jsonb:9⇒{"a": 1, "b": 9}
  jsonb_set¦jsonb:{"a":1}¦_text:{b}¦jsonb:9¦bool:f⇒{"a": 1}
  jsonb_insert¦jsonb:{"a":[0,1,2]}¦_text:{a,1}¦jsonb:9⇒{"a": [0, 9, 1, 2]}
  jsonb_pretty¦jsonb:{"a":[1,{}],"b":null}⇒{\n    "a": [\n        1,\n        {\n        }\n    ],\n    "b": null\n}
  jsonb_strip_nulls¦jsonb:{"a":null,"b":{"c":null}}⇒{"b": {}}
  json_extract_path_text¦json:{"a":{"b":"c"}}¦text:a¦text:b⇒c
  array_to_json¦_int4:{{1,2},{3,4}}⇒[[1,2],[3,4]]
  json_object¦_text:{a,1,b,NULL}⇒{"a" : "1", "b" : null}
  to_char¦numeric:0.1¦text:9.99⇒  .10
  to_char¦int4:0¦text:99⇒  0
  to_char¦numeric:-1.5¦text:S99.9⇒ -1.5
  to_char¦numeric:12345¦text:999⇒ ###
  to_char¦int4:-7¦text:99MI⇒ 7-
  op =¦name:a¦?:a⇒true
  op =¦oid:1259¦?:1259⇒true
  op ~¦name:pg_class¦?:^(pg_class)$⇒true
  op ||¦text:a¦?:b⇒ab
  op ||¦jsonb:[1]¦?:[2]⇒[1, 2]
  op =¦timestamptz:2024-01-01 00:00+00¦?:2024-01-01 00:00+00⇒true
  op -¦timestamptz:2024-01-02 00:00+00¦?:2024-01-01 00:00+00⇒1 day
  op +¦date:2024-01-01¦?:1 day⇒!42725
  op *¦int4:2¦float4:1.5⇒3
  op =¦uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11¦?:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11⇒true
  op @>¦_text:{a}¦?:{a}⇒true
  op =¦_int4:{1,2}¦?:{1,2}⇒true
  op -¦int4:1¦?:x⇒!22P02
  length¦?:abc⇒3
  lower¦varchar:ABC⇒abc
  upper¦bpchar:ab ⇒AB
  concat¦?:a¦?:b⇒ab
  array_append¦_text:{a}¦?:b⇒{a,b}
  round¦?:2.5⇒2
  extract¦text:millennium¦timestamp:2001-02-16 20:38:40⇒3
  extract¦text:decade¦date:2024-01-01⇒202
  date_part¦text:epoch¦date:2024-01-01⇒1704067200
  substring¦text:abc¦int4:2¦int4:-1⇒!22011
  repeat¦text:a¦int4:2000000000⇒!54000
  power¦numeric:2¦numeric:0.5⇒1.4142135623730950
  sqrt¦numeric:-1⇒!2201F
  ln¦numeric:0⇒!2201E
  regexp_replace¦text:abc¦text:(a)(b)¦text:\2\1⇒bac
  regexp_replace¦text:aaa¦text:a*?¦text:x¦text:g⇒xaxaxax
  regexp_match¦text:abcd¦text:(a|ab)(c|bcd)⇒{a,bcd}
  regexp_split_to_array¦text:a1b22c¦text:\d+⇒{a,b,c}
  """#
