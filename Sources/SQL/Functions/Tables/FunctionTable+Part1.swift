/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions1 = #"""
    56|boollt|bool bool|bool|fis|boollt||
    57|boolgt|bool bool|bool|fis|boolgt||
    60|booleq|bool bool|bool|fis|booleq||
    61|chareq|char char|bool|fis|chareq||
    62|nameeq|name name|bool|fis|nameeq||
    63|int2eq|int2 int2|bool|fis|int2eq||
    64|int2lt|int2 int2|bool|fis|int2lt||
    65|int4eq|int4 int4|bool|fis|int4eq||
    66|int4lt|int4 int4|bool|fis|int4lt||
    67|texteq|text text|bool|fis|texteq||
    68|xideq|xid xid|bool|fis|xideq||
    69|cideq|cid cid|bool|fis|cideq||
    70|charne|char char|bool|fis|charne||
    72|charle|char char|bool|fis|charle||
    73|chargt|char char|bool|fis|chargt||
    74|charge|char char|bool|fis|charge||
    77|int4|char|int4|fis|chartoi4||
    78|char|int4|char|fis|i4tochar||
    79|nameregexeq|name text|bool|fis|nameregexeq||
    84|boolne|bool bool|bool|fis|boolne||
    89|version||text|fss|pgsql_version||
    141|int4mul|int4 int4|int4|fis|int4mul||
    144|int4ne|int4 int4|bool|fis|int4ne||
    145|int2ne|int2 int2|bool|fis|int2ne||
    146|int2gt|int2 int2|bool|fis|int2gt||
    147|int4gt|int4 int4|bool|fis|int4gt||
    148|int2le|int2 int2|bool|fis|int2le||
    149|int4le|int4 int4|bool|fis|int4le||
    150|int4ge|int4 int4|bool|fis|int4ge||
    151|int2ge|int2 int2|bool|fis|int2ge||
    152|int2mul|int2 int2|int2|fis|int2mul||
    153|int2div|int2 int2|int2|fis|int2div||
    154|int4div|int4 int4|int4|fis|int4div||
    155|int2mod|int2 int2|int2|fis|int2mod||
    156|int4mod|int4 int4|int4|fis|int4mod||
    157|textne|text text|bool|fis|textne||
    158|int24eq|int2 int4|bool|fis|int24eq||
    159|int42eq|int4 int2|bool|fis|int42eq||
    160|int24lt|int2 int4|bool|fis|int24lt||
    161|int42lt|int4 int2|bool|fis|int42lt||
    162|int24gt|int2 int4|bool|fis|int24gt||
    163|int42gt|int4 int2|bool|fis|int42gt||
    164|int24ne|int2 int4|bool|fis|int24ne||
    165|int42ne|int4 int2|bool|fis|int42ne||
    166|int24le|int2 int4|bool|fis|int24le||
    167|int42le|int4 int2|bool|fis|int42le||
    168|int24ge|int2 int4|bool|fis|int24ge||
    169|int42ge|int4 int2|bool|fis|int42ge||
    170|int24mul|int2 int4|int4|fis|int24mul||
    171|int42mul|int4 int2|int4|fis|int42mul||
    172|int24div|int2 int4|int4|fis|int24div||
    173|int42div|int4 int2|int4|fis|int42div||
    176|int2pl|int2 int2|int2|fis|int2pl||
    177|int4pl|int4 int4|int4|fis|int4pl||
    178|int24pl|int2 int4|int4|fis|int24pl||
    179|int42pl|int4 int2|int4|fis|int42pl||
    180|int2mi|int2 int2|int2|fis|int2mi||
    181|int4mi|int4 int4|int4|fis|int4mi||
    182|int24mi|int2 int4|int4|fis|int24mi||
    183|int42mi|int4 int2|int4|fis|int42mi||
    184|oideq|oid oid|bool|fis|oideq||
    185|oidne|oid oid|bool|fis|oidne||
    202|float4mul|float4 float4|float4|fis|float4mul||
    203|float4div|float4 float4|float4|fis|float4div||
    204|float4pl|float4 float4|float4|fis|float4pl||
    205|float4mi|float4 float4|float4|fis|float4mi||
    206|float4um|float4|float4|fis|float4um||
    207|float4abs|float4|float4|fis|float4abs||
    209|float4larger|float4 float4|float4|fis|float4larger||
    211|float4smaller|float4 float4|float4|fis|float4smaller||
    212|int4um|int4|int4|fis|int4um||
    213|int2um|int2|int2|fis|int2um||
    216|float8mul|float8 float8|float8|fis|float8mul||
    217|float8div|float8 float8|float8|fis|float8div||
    218|float8pl|float8 float8|float8|fis|float8pl||
    219|float8mi|float8 float8|float8|fis|float8mi||
    220|float8um|float8|float8|fis|float8um||
    221|float8abs|float8|float8|fis|float8abs||
    223|float8larger|float8 float8|float8|fis|float8larger||
    224|float8smaller|float8 float8|float8|fis|float8smaller||
    228|dround|float8|float8|fis|dround||
    229|dtrunc|float8|float8|fis|dtrunc||
    230|dsqrt|float8|float8|fis|dsqrt||
    231|dcbrt|float8|float8|fis|dcbrt||
    232|dpow|float8 float8|float8|fis|dpow||
    233|dexp|float8|float8|fis|dexp||
    234|dlog1|float8|float8|fis|dlog1||
    235|float8|int2|float8|fis|i2tod||
    236|float4|int2|float4|fis|i2tof||
    237|int2|float8|int2|fis|dtoi2||
    238|int2|float4|int2|fis|ftoi2||
    240|nameeqtext|name text|bool|fis|nameeqtext||
    241|namelttext|name text|bool|fis|namelttext||
    242|nameletext|name text|bool|fis|nameletext||
    243|namegetext|name text|bool|fis|namegetext||
    244|namegttext|name text|bool|fis|namegttext||
    245|namenetext|name text|bool|fis|namenetext||
    247|texteqname|text name|bool|fis|texteqname||
    248|textltname|text name|bool|fis|textltname||
    249|textlename|text name|bool|fis|textlename||
    250|textgename|text name|bool|fis|textgename||
    251|textgtname|text name|bool|fis|textgtname||
    252|textnename|text name|bool|fis|textnename||
    274|timeofday||text|fvs|timeofday||
    279|float48mul|float4 float8|float8|fis|float48mul||
    280|float48div|float4 float8|float8|fis|float48div||
    281|float48pl|float4 float8|float8|fis|float48pl||
    282|float48mi|float4 float8|float8|fis|float48mi||
    283|float84mul|float8 float4|float8|fis|float84mul||
    284|float84div|float8 float4|float8|fis|float84div||
    285|float84pl|float8 float4|float8|fis|float84pl||
    286|float84mi|float8 float4|float8|fis|float84mi||
    287|float4eq|float4 float4|bool|fis|float4eq||
    288|float4ne|float4 float4|bool|fis|float4ne||
    289|float4lt|float4 float4|bool|fis|float4lt||
    290|float4le|float4 float4|bool|fis|float4le||
    291|float4gt|float4 float4|bool|fis|float4gt||
    292|float4ge|float4 float4|bool|fis|float4ge||
    293|float8eq|float8 float8|bool|fis|float8eq||
    294|float8ne|float8 float8|bool|fis|float8ne||
    295|float8lt|float8 float8|bool|fis|float8lt||
    296|float8le|float8 float8|bool|fis|float8le||
    297|float8gt|float8 float8|bool|fis|float8gt||
    298|float8ge|float8 float8|bool|fis|float8ge||
    299|float48eq|float4 float8|bool|fis|float48eq||
    300|float48ne|float4 float8|bool|fis|float48ne||
    301|float48lt|float4 float8|bool|fis|float48lt||
    302|float48le|float4 float8|bool|fis|float48le||
    303|float48gt|float4 float8|bool|fis|float48gt||
    304|float48ge|float4 float8|bool|fis|float48ge||
    305|float84eq|float8 float4|bool|fis|float84eq||
    306|float84ne|float8 float4|bool|fis|float84ne||
    307|float84lt|float8 float4|bool|fis|float84lt||
    308|float84le|float8 float4|bool|fis|float84le||
    309|float84gt|float8 float4|bool|fis|float84gt||
    310|float84ge|float8 float4|bool|fis|float84ge||
    311|float8|float4|float8|fis|ftod||
    312|float4|float8|float4|fis|dtof||
    313|int4|int2|int4|fis|i2toi4||
    314|int2|int4|int2|fis|i4toi2||
    315|pg_jit_available||bool|fvs|pg_jit_available||
    316|float8|int4|float8|fis|i4tod||
    317|int4|float8|int4|fis|dtoi4||
    318|float4|int4|float4|fis|i4tof||
    319|int4|float4|int4|fis|ftoi4||
    320|width_bucket|float8 float8 float8 int4|int4|fis|width_bucket_float8||
    350|btint2cmp|int2 int2|int4|fis|btint2cmp||
    351|btint4cmp|int4 int4|int4|fis|btint4cmp||
    355|btfloat8cmp|float8 float8|int4|fis|btfloat8cmp||
    356|btoidcmp|oid oid|int4|fis|btoidcmp||
    360|bttextcmp|text text|int4|fis|bttextcmp||
    376|string_to_array|text text text|_text|fi|text_to_array_null||
    378|array_append|anycompatiblearray anycompatible|anycompatiblearray|fi|array_append||
    379|array_prepend|anycompatible anycompatiblearray|anycompatiblearray|fi|array_prepend||
    383|array_cat|anycompatiblearray anycompatiblearray|anycompatiblearray|fi|array_cat||
    384|array_to_string|anyarray text text|text|fs|array_to_text_null||
    390|array_ne|anyarray anyarray|bool|fis|array_ne||
    391|array_lt|anyarray anyarray|bool|fis|array_lt||
    392|array_gt|anyarray anyarray|bool|fis|array_gt||
    393|array_le|anyarray anyarray|bool|fis|array_le||
    394|string_to_array|text text|_text|fi|text_to_array||
    395|array_to_string|anyarray text|text|fss|array_to_text||
    396|array_ge|anyarray anyarray|bool|fis|array_ge||
    401|text|bpchar|text|fis|rtrim1||
    406|text|name|text|fis|name_text||
    407|name|text|name|fis|text_name||
    408|bpchar|name|bpchar|fis|name_bpchar||
    409|name|bpchar|name|fis|bpchar_name||
    438|num_nulls|any|int4|fiv|pg_num_nulls||
    440|num_nonnulls|any|int4|fiv|pg_num_nonnulls||
    462|int8um|int8|int8|fis|int8um||
    463|int8pl|int8 int8|int8|fis|int8pl||
    464|int8mi|int8 int8|int8|fis|int8mi||
    465|int8mul|int8 int8|int8|fis|int8mul||
    466|int8div|int8 int8|int8|fis|int8div||
    467|int8eq|int8 int8|bool|fis|int8eq||
    468|int8ne|int8 int8|bool|fis|int8ne||
    469|int8lt|int8 int8|bool|fis|int8lt||
    470|int8gt|int8 int8|bool|fis|int8gt||
    471|int8le|int8 int8|bool|fis|int8le||
    472|int8ge|int8 int8|bool|fis|int8ge||
    474|int84eq|int8 int4|bool|fis|int84eq||
    475|int84ne|int8 int4|bool|fis|int84ne||
    476|int84lt|int8 int4|bool|fis|int84lt||
    477|int84gt|int8 int4|bool|fis|int84gt||
    478|int84le|int8 int4|bool|fis|int84le||
    479|int84ge|int8 int4|bool|fis|int84ge||
    480|int4|int8|int4|fis|int84||
    481|int8|int4|int8|fis|int48||
    482|float8|int8|float8|fis|i8tod||
    483|int8|float8|int8|fis|dtoi8||
    619|oidvectorne|oidvector oidvector|bool|fis|oidvectorne||
    636|pg_indexam_has_property|oid text|bool|fss|pg_indexam_has_property||
    637|pg_index_has_property|regclass text|bool|fss|pg_index_has_property||
    638|pg_index_column_has_property|regclass int4 text|bool|fss|pg_index_column_has_property||
    652|float4|int8|float4|fis|i8tof||
    653|int8|float4|int8|fis|ftoi8||
    655|namelt|name name|bool|fis|namelt||
    656|namele|name name|bool|fis|namele||
    657|namegt|name name|bool|fis|namegt||
    658|namege|name name|bool|fis|namege||
    659|namene|name name|bool|fis|namene||
    677|oidvectorlt|oidvector oidvector|bool|fis|oidvectorlt||
    678|oidvectorle|oidvector oidvector|bool|fis|oidvectorle||
    679|oidvectoreq|oidvector oidvector|bool|fis|oidvectoreq||
    680|oidvectorge|oidvector oidvector|bool|fis|oidvectorge||
    681|oidvectorgt|oidvector oidvector|bool|fis|oidvectorgt||
    683|network|inet|cidr|fis|network_network||
    697|masklen|inet|int4|fis|network_masklen||
    699|host|inet|text|fis|network_host||
    710|getpgusername||name|fss|current_user||
    711|family|inet|int4|fis|network_family||
    714|int2|int8|int2|fis|int82||
    716|oidlt|oid oid|bool|fis|oidlt||
    717|oidle|oid oid|bool|fis|oidle||
    720|octet_length|bytea|int4|fis|byteaoctetlen||
    721|get_byte|bytea int4|int4|fis|byteaGetByte||
    730|text|inet|text|fis|network_show||
    740|text_lt|text text|bool|fis|text_lt||
    741|text_le|text text|bool|fis|text_le||
    742|text_gt|text text|bool|fis|text_gt||
    743|text_ge|text text|bool|fis|text_ge||
    744|array_eq|anyarray anyarray|bool|fis|array_eq||
    745|current_user||name|fss|current_user||
    746|session_user||name|fss|session_user||
    747|array_dims|anyarray|text|fis|array_dims||
    748|array_ndims|anyarray|int4|fis|array_ndims||
    754|int8|int2|int8|fis|int28||
    768|int4larger|int4 int4|int4|fis|int4larger||
    769|int4smaller|int4 int4|int4|fis|int4smaller||
    770|int2larger|int2 int2|int2|fis|int2larger||
    771|int2smaller|int2 int2|int2|fis|int2smaller||
    810|pg_client_encoding||name|fss|pg_client_encoding||
    817|current_query||text|fv|current_query||
    837|int82pl|int8 int2|int8|fis|int82pl||
    838|int82mi|int8 int2|int8|fis|int82mi||
    839|int82mul|int8 int2|int8|fis|int82mul||
    840|int82div|int8 int2|int8|fis|int82div||
    841|int28pl|int2 int8|int8|fis|int28pl||
    842|btint8cmp|int8 int8|int4|fis|btint8cmp||
    849|position|text text|int4|fis|textpos||
    850|textlike|text text|bool|fis|textlike||
    851|textnlike|text text|bool|fis|textnlike||
    852|int48eq|int4 int8|bool|fis|int48eq||
    853|int48ne|int4 int8|bool|fis|int48ne||
    854|int48lt|int4 int8|bool|fis|int48lt||
    855|int48gt|int4 int8|bool|fis|int48gt||
    856|int48le|int4 int8|bool|fis|int48le||
    857|int48ge|int4 int8|bool|fis|int48ge||
    858|namelike|name text|bool|fis|namelike||
    859|namenlike|name text|bool|fis|namenlike||
    860|bpchar|char|bpchar|fis|char_bpchar||
    861|current_database||name|fss|current_database||
    868|strpos|text text|int4|fis|textpos||
    870|lower|text|text|fis|lower||
    871|upper|text|text|fis|upper||
    872|initcap|text|text|fis|initcap||
    873|lpad|text int4 text|text|fis|lpad||
    874|rpad|text int4 text|text|fis|rpad||
    875|ltrim|text text|text|fis|ltrim||
    876|rtrim|text text|text|fis|rtrim||
    877|substr|text int4 int4|text|fis|text_substr||
    878|translate|text text text|text|fis|translate||
    879|lpad|text int4|text|fis|sql lpad(text int4)||
    880|rpad|text int4|text|fis|sql rpad(text int4)||
    881|ltrim|text|text|fis|ltrim1||
    882|rtrim|text|text|fis|rtrim1||
    883|substr|text int4|text|fis|text_substr_no_len||
    884|btrim|text text|text|fis|btrim||
    885|btrim|text|text|fis|btrim1||
    920|network_eq|inet inet|bool|fis|network_eq||
    921|network_lt|inet inet|bool|fis|network_lt||
    922|network_le|inet inet|bool|fis|network_le||
    923|network_gt|inet inet|bool|fis|network_gt||
    924|network_ge|inet inet|bool|fis|network_ge||
    925|network_ne|inet inet|bool|fis|network_ne||
    927|network_sub|inet inet|bool|fis|network_sub||
    928|network_subeq|inet inet|bool|fis|network_subeq||
    929|network_sup|inet inet|bool|fis|network_sup||
    930|network_supeq|inet inet|bool|fis|network_supeq||
    936|substring|text int4 int4|text|fis|text_substr||
    937|substring|text int4|text|fis|text_substr_no_len||
    938|generate_series|timestamp timestamp interval|timestamp|fisr|generate_series_timestamp||
    939|generate_series|timestamptz timestamptz interval|timestamptz|fssr|generate_series_timestamptz||
    940|mod|int2 int2|int2|fis|int2mod||
    941|mod|int4 int4|int4|fis|int4mod||
    942|int28mi|int2 int8|int8|fis|int28mi||
    943|int28mul|int2 int8|int8|fis|int28mul||
    944|char|text|char|fis|text_char||
    945|int8mod|int8 int8|int8|fis|int8mod||
    946|text|char|text|fis|char_text||
    947|mod|int8 int8|int8|fis|int8mod||
    948|int28div|int2 int8|int8|fis|int28div||
    1026|timezone|interval timestamptz|timestamp|fis|timestamptz_izone||
    1048|bpchareq|bpchar bpchar|bool|fis|bpchareq||
    1049|bpcharlt|bpchar bpchar|bool|fis|bpcharlt||
    1050|bpcharle|bpchar bpchar|bool|fis|bpcharle||
    1051|bpchargt|bpchar bpchar|bool|fis|bpchargt||
    1052|bpcharge|bpchar bpchar|bool|fis|bpcharge||
    1053|bpcharne|bpchar bpchar|bool|fis|bpcharne||
    1065|pg_prepared_xact||record|fvsr|pg_prepared_xact||transaction:xid gid:text prepared:timestamptz ownerid:oid dbid:oid
    1066|generate_series|int4 int4 int4|int4|fisr|generate_series_step_int4||
    1067|generate_series|int4 int4|int4|fisr|generate_series_int4||
    1068|generate_series|int8 int8 int8|int8|fisr|generate_series_step_int8||
    1069|generate_series|int8 int8|int8|fisr|generate_series_int8||
    1079|regclass|text|regclass|fss|text_regclass||
    1081|format_type|oid int4|text|fs|format_type||
    1086|date_eq|date date|bool|fis|date_eq||
    1087|date_lt|date date|bool|fis|date_lt||
    1088|date_le|date date|bool|fis|date_le||
    1089|date_gt|date date|bool|fis|date_gt||
    1090|date_ge|date date|bool|fis|date_ge||
    1091|date_ne|date date|bool|fis|date_ne||
    1092|date_cmp|date date|int4|fis|date_cmp||
    1102|time_lt|time time|bool|fis|time_lt||
    1103|time_le|time time|bool|fis|time_le||
    1104|time_gt|time time|bool|fis|time_gt||
    1105|time_ge|time time|bool|fis|time_ge||
    1106|time_ne|time time|bool|fis|time_ne||
    1138|date_larger|date date|date|fis|date_larger||
    1139|date_smaller|date date|date|fis|date_smaller||
    1140|date_mi|date date|int4|fis|date_mi||
    1141|date_pli|date int4|date|fis|date_pli||
    1142|date_mii|date int4|date|fis|date_mii||
    1145|time_eq|time time|bool|fis|time_eq||
    1152|timestamptz_eq|timestamptz timestamptz|bool|fis|timestamp_eq||
    1153|timestamptz_ne|timestamptz timestamptz|bool|fis|timestamp_ne||
    1154|timestamptz_lt|timestamptz timestamptz|bool|fis|timestamp_lt||
    1155|timestamptz_le|timestamptz timestamptz|bool|fis|timestamp_le||
    1156|timestamptz_ge|timestamptz timestamptz|bool|fis|timestamp_ge||
    1157|timestamptz_gt|timestamptz timestamptz|bool|fis|timestamp_gt||
    1158|to_timestamp|float8|timestamptz|fis|float8_timestamptz||
    1159|timezone|text timestamptz|timestamp|fis|timestamptz_zone||
    1162|interval_eq|interval interval|bool|fis|interval_eq||
    1163|interval_ne|interval interval|bool|fis|interval_ne||
    1164|interval_lt|interval interval|bool|fis|interval_lt||
    1165|interval_le|interval interval|bool|fis|interval_le||
    1166|interval_ge|interval interval|bool|fis|interval_ge||
    1167|interval_gt|interval interval|bool|fis|interval_gt||
    1168|interval_um|interval|interval|fis|interval_um||
    1169|interval_pl|interval interval|interval|fis|interval_pl||
    1170|interval_mi|interval interval|interval|fis|interval_mi||
    1171|date_part|text timestamptz|float8|fss|timestamptz_part||
    1172|date_part|text interval|float8|fis|interval_part||
    1174|timestamptz|date|timestamptz|fss|date_timestamptz||
    1175|justify_hours|interval|interval|fis|interval_justify_hours||
    1178|date|timestamptz|date|fss|timestamptz_date||
    1188|timestamptz_mi|timestamptz timestamptz|interval|fis|timestamp_mi||
    1189|timestamptz_pl_interval|timestamptz interval|timestamptz|fss|timestamptz_pl_interval||
    1190|timestamptz_mi_interval|timestamptz interval|timestamptz|fss|timestamptz_mi_interval||
    1191|generate_subscripts|anyarray int4 bool|int4|fisr|generate_subscripts||
    1192|generate_subscripts|anyarray int4|int4|fisr|generate_subscripts_nodir||
    1193|array_fill|anyelement _int4|anyarray|fi|array_fill||
    1194|log10|float8|float8|fis|dlog10||
    1195|timestamptz_smaller|timestamptz timestamptz|timestamptz|fis|timestamp_smaller||
    1196|timestamptz_larger|timestamptz timestamptz|timestamptz|fis|timestamp_larger||
    1197|interval_smaller|interval interval|interval|fis|interval_smaller||
    1198|interval_larger|interval interval|interval|fis|interval_larger||
    1199|age|timestamptz timestamptz|interval|fis|timestamptz_age||
    1215|obj_description|oid name|text|fss|sql obj_description(oid name)||
    1216|col_description|oid int4|text|fss|sql col_description(oid int4)||
    1217|date_trunc|text timestamptz|timestamptz|fss|timestamptz_trunc||
    1218|date_trunc|text interval|interval|fis|interval_trunc||
    1230|int8abs|int8|int8|fis|int8abs||
    1236|int8larger|int8 int8|int8|fis|int8larger||
    1237|int8smaller|int8 int8|int8|fis|int8smaller||
    1238|texticregexeq|text text|bool|fis|texticregexeq||
    1239|texticregexne|text text|bool|fis|texticregexne||
    1240|nameicregexeq|name text|bool|fis|nameicregexeq||
    1241|nameicregexne|name text|bool|fis|nameicregexne||
    1246|charlt|char char|bool|fis|charlt||
    1251|int4abs|int4|int4|fis|int4abs||
    1252|nameregexne|name text|bool|fis|nameregexne||
    1253|int2abs|int2|int2|fis|int2abs||
    1254|textregexeq|text text|bool|fis|textregexeq||
    1256|textregexne|text text|bool|fis|textregexne||
    1257|textlen|text|int4|fis|textlen||
    1258|textcat|text text|text|fis|textcat||
    1264|pg_char_to_encoding|name|int4|fss|PG_char_to_encoding||
    1265|tidne|tid tid|bool|fis|tidne||
    1269|pg_column_size|any|int4|fss|pg_column_size||
    1271|overlaps|timetz timetz timetz timetz|bool|fi|overlaps_timetz||
    1272|datetime_pl|date time|timestamp|fis|datetime_timestamp||
    1273|date_part|text timetz|float8|fis|timetz_part||
    1274|int84pl|int8 int4|int8|fis|int84pl||
    1275|int84mi|int8 int4|int8|fis|int84mi||
    1276|int84mul|int8 int4|int8|fis|int84mul||
    1277|int84div|int8 int4|int8|fis|int84div||
    1278|int48pl|int4 int8|int8|fis|int48pl||
    1279|int48mi|int4 int8|int8|fis|int48mi||
    1280|int48mul|int4 int8|int8|fis|int48mul||
    1281|int48div|int4 int8|int8|fis|int48div||
    1282|quote_ident|text|text|fis|quote_ident||
    1283|quote_literal|text|text|fis|quote_literal||
    1284|date_trunc|text timestamptz text|timestamptz|fss|timestamptz_trunc_zone||
    1285|quote_literal|anyelement|text|fss|sql quote_literal(anyelement)||
    1286|array_fill|anyelement _int4 _int4|anyarray|fi|array_fill_with_lower_bounds||
    1287|oid|int8|oid|fis|i8tooid||
    1288|int8|oid|int8|fis|oidtoi8||
    1289|quote_nullable|text|text|fi|quote_nullable||
    1290|quote_nullable|anyelement|text|fs|sql quote_nullable(anyelement)||
    1292|tideq|tid tid|bool|fis|tideq||
    1295|justify_days|interval|interval|fis|interval_justify_days||
    1296|timedate_pl|time date|timestamp|fis|sql timedate_pl(time date)||
    1299|now||timestamptz|fss|now||
    1304|overlaps|timestamptz timestamptz timestamptz timestamptz|bool|fi|overlaps_timestamp||
    1308|overlaps|time time time time|bool|fi|overlaps_time||
    1314|timestamptz_cmp|timestamptz timestamptz|int4|fis|timestamp_cmp||
    1316|time|timestamp|time|fis|timestamp_time||
    1317|length|text|int4|fis|textlen||
    1318|length|bpchar|int4|fis|bpcharlen||
    1319|xideqint4|xid int4|bool|fis|xideq||
    1326|interval_div|interval float8|interval|fis|interval_div||
    1339|dlog10|float8|float8|fis|dlog10||
    1340|log|float8|float8|fis|dlog10||
    1341|ln|float8|float8|fis|dlog1||
    1342|round|float8|float8|fis|dround||
    1343|trunc|float8|float8|fis|dtrunc||
    1344|sqrt|float8|float8|fis|dsqrt||
    1345|cbrt|float8|float8|fis|dcbrt||
    1346|pow|float8 float8|float8|fis|dpow||
    1347|exp|float8|float8|fis|dexp||
    1348|obj_description|oid|text|fss|sql obj_description(oid)||
    1352|timetz_eq|timetz timetz|bool|fis|timetz_eq||
    1353|timetz_ne|timetz timetz|bool|fis|timetz_ne||
    1354|timetz_lt|timetz timetz|bool|fis|timetz_lt||
    1355|timetz_le|timetz timetz|bool|fis|timetz_le||
    1356|timetz_ge|timetz timetz|bool|fis|timetz_ge||
    1357|timetz_gt|timetz timetz|bool|fis|timetz_gt||
    1367|character_length|bpchar|int4|fis|bpcharlen||
    1368|power|float8 float8|float8|fis|dpow||
    1369|character_length|text|int4|fis|textlen||
    1370|interval|time|interval|fis|time_interval||
    1371|pg_lock_status||record|fvsr|pg_lock_status||locktype:text database:oid relation:oid page:int4 tuple:int2 virtualxid:text transactionid:xid classid:oid objid:oid objsubid:int2 virtualtransaction:text pid:int4 mode:text granted:bool fastpath:bool waitstart:timestamptz
    1372|char_length|bpchar|int4|fis|bpcharlen||
    1373|isfinite|date|bool|fis|date_finite||
    1374|octet_length|text|int4|fis|textoctetlen||
    1375|octet_length|bpchar|int4|fis|bpcharoctetlen||
    1377|time_larger|time time|time|fis|time_larger||
    1378|time_smaller|time time|time|fis|time_smaller||
    1379|timetz_larger|timetz timetz|timetz|fis|timetz_larger||
    1380|timetz_smaller|timetz timetz|timetz|fis|timetz_smaller||
    1381|char_length|text|int4|fis|textlen||
    1384|date_part|text date|float8|fis|sql date_part(text date)||
    1385|date_part|text time|float8|fis|time_part||
    1386|age|timestamptz|interval|fss|sql age(timestamptz)||
    1387|pg_get_constraintdef|oid|text|fss|pg_get_constraintdef||
    1388|timetz|timestamptz|timetz|fss|timestamptz_timetz||
    1389|isfinite|timestamptz|bool|fis|timestamp_finite||
    1390|isfinite|interval|bool|fis|interval_finite||
    1394|abs|float4|float4|fis|float4abs||
    1395|abs|float8|float8|fis|float8abs||
    1396|abs|int8|int8|fis|int8abs||
    1397|abs|int4|int4|fis|int4abs||
    1398|abs|int2|int2|fis|int2abs||
    1400|name|varchar|name|fis|text_name||
    1401|varchar|name|varchar|fis|name_text||
    1402|current_schema||name|fss|current_schema||
    1403|current_schemas|bool|_name|fss|current_schemas||
    1404|overlay|text text int4 int4|text|fis|textoverlay||
    1405|overlay|text text int4|text|fis|textoverlay_no_len||
    1419|time|interval|time|fis|interval_time||
    1481|log10|numeric|numeric|fis|sql log10(numeric)||
    1569|like|text text|bool|fis|textlike||
    1570|notlike|text text|bool|fis|textnlike||
    1571|like|name text|bool|fis|namelike||
    1572|notlike|name text|bool|fis|namenlike||
    1573|pg_get_ruledef|oid|text|fss|pg_get_ruledef||
    1574|nextval|regclass|int8|fvs|nextval_oid||
    1575|currval|regclass|int8|fvs|currval_oid||
    1576|setval|regclass int8|int8|fvs|setval_oid||
    1597|pg_encoding_to_char|int4|name|fss|PG_encoding_to_char||
    1598|random||float8|fvs|drandom||
    1599|setseed|float8|void|fvs|setseed||
    1600|asin|float8|float8|fis|dasin||
    1601|acos|float8|float8|fis|dacos||
    1602|atan|float8|float8|fis|datan||
    1603|atan2|float8 float8|float8|fis|datan2||
    1604|sin|float8|float8|fis|dsin||
    1605|cos|float8|float8|fis|dcos||
    1606|tan|float8|float8|fis|dtan||
    1607|cot|float8|float8|fis|dcot||
    1608|degrees|float8|float8|fis|degrees||
    1609|radians|float8|float8|fis|radians||
    1610|pi||float8|fis|dpi||
    1618|interval_mul|interval float8|interval|fis|interval_mul||
    1619|pg_typeof|any|regtype|fs|pg_typeof||
    1620|ascii|text|int4|fis|ascii||
    1621|chr|int4|text|fis|chr||
    1622|repeat|text int4|text|fis|repeat||
    1624|mul_d_interval|float8 interval|interval|fis|mul_d_interval||
    1631|bpcharlike|bpchar text|bool|fis|textlike||
    1632|bpcharnlike|bpchar text|bool|fis|textnlike||
    1633|texticlike|text text|bool|fis|texticlike||
    1634|texticnlike|text text|bool|fis|texticnlike||
    1635|nameiclike|name text|bool|fis|nameiclike||
    1636|nameicnlike|name text|bool|fis|nameicnlike||
    1637|like_escape|text text|text|fis|like_escape||
    1638|oidgt|oid oid|bool|fis|oidgt||
    1639|oidge|oid oid|bool|fis|oidge||
    1640|pg_get_viewdef|text|text|fss|pg_get_viewdef_name||
    1641|pg_get_viewdef|oid|text|fss|pg_get_viewdef||
    1642|pg_get_userbyid|oid|name|fss|pg_get_userbyid||
    1643|pg_get_indexdef|oid|text|fss|pg_get_indexdef||
    1656|bpcharicregexeq|bpchar text|bool|fis|texticregexeq||
    1657|bpcharicregexne|bpchar text|bool|fis|texticregexne||
    1658|bpcharregexeq|bpchar text|bool|fis|textregexeq||
    1659|bpcharregexne|bpchar text|bool|fis|textregexne||
    1660|bpchariclike|bpchar text|bool|fis|texticlike||
    1661|bpcharicnlike|bpchar text|bool|fis|texticnlike||
    1662|pg_get_triggerdef|oid|text|fss|pg_get_triggerdef||
    1665|pg_get_serial_sequence|text text|text|fss|pg_get_serial_sequence||
    1686|pg_get_keywords||record|fssr|pg_get_keywords||word:text catcode:char barelabel:bool catdesc:text baredesc:text
    1689|aclexplode|_text|record|fssr|aclexplode||grantor:oid grantee:oid privilege_type:text is_grantable:bool
    1690|time_mi_time|time time|interval|fis|time_mi_time||
    1691|boolle|bool bool|bool|fis|boolle||
    1692|boolge|bool bool|bool|fis|boolge||
    1693|btboolcmp|bool bool|int4|fis|btboolcmp||
    1704|numeric_abs|numeric|numeric|fis|numeric_abs||
    1705|abs|numeric|numeric|fis|numeric_abs||
    1706|sign|numeric|numeric|fis|numeric_sign||
    1707|round|numeric int4|numeric|fis|numeric_round||
    1708|round|numeric|numeric|fis|sql round(numeric)||
    1709|trunc|numeric int4|numeric|fis|numeric_trunc||
    1710|trunc|numeric|numeric|fis|sql trunc(numeric)||
    1711|ceil|numeric|numeric|fis|numeric_ceil||
    1712|floor|numeric|numeric|fis|numeric_floor||
    1714|convert_from|bytea name|text|fss|pg_convert_from||
    1715|cidr|inet|cidr|fis|inet_to_cidr||
    1716|pg_get_expr|pg_node_tree oid|text|fss|pg_get_expr||
    1717|convert_to|text name|bytea|fss|pg_convert_to||
    1718|numeric_eq|numeric numeric|bool|fis|numeric_eq||
    1719|numeric_ne|numeric numeric|bool|fis|numeric_ne||
    1720|numeric_gt|numeric numeric|bool|fis|numeric_gt||
    1721|numeric_ge|numeric numeric|bool|fis|numeric_ge||
    1722|numeric_lt|numeric numeric|bool|fis|numeric_lt||
    1723|numeric_le|numeric numeric|bool|fis|numeric_le||
    1724|numeric_add|numeric numeric|numeric|fis|numeric_add||
    1725|numeric_sub|numeric numeric|numeric|fis|numeric_sub||
    1726|numeric_mul|numeric numeric|numeric|fis|numeric_mul||
    1727|numeric_div|numeric numeric|numeric|fis|numeric_div||
    1728|mod|numeric numeric|numeric|fis|numeric_mod||
    1729|numeric_mod|numeric numeric|numeric|fis|numeric_mod||
    1730|sqrt|numeric|numeric|fis|numeric_sqrt||
    1731|numeric_sqrt|numeric|numeric|fis|numeric_sqrt||
    1732|exp|numeric|numeric|fis|numeric_exp||
    1733|numeric_exp|numeric|numeric|fis|numeric_exp||
    1734|ln|numeric|numeric|fis|numeric_ln||
    1735|numeric_ln|numeric|numeric|fis|numeric_ln||
    1736|log|numeric numeric|numeric|fis|numeric_log||
    """#
}
