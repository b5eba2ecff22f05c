/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions2 = #"""
    1390|isfinite|interval|bool|fis|interval_finite||
    1391|pg_stat_get_backend_start|int4|timestamptz|fss|pg_stat_get_backend_start||
    1392|pg_stat_get_backend_client_addr|int4|inet|fss|pg_stat_get_backend_client_addr||
    1393|pg_stat_get_backend_client_port|int4|int4|fss|pg_stat_get_backend_client_port||
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
    1623|similar_escape|text text|text|fi|similar_escape||
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
    1688|time_hash|time|int4|fis|time_hash||
    1690|time_mi_time|time time|interval|fis|time_mi_time||
    1691|boolle|bool bool|bool|fis|boolle||
    1692|boolge|bool bool|bool|fis|boolge||
    1693|btboolcmp|bool bool|int4|fis|btboolcmp||
    1696|timetz_hash|timetz|int4|fis|timetz_hash||
    1697|interval_hash|interval|int4|fis|interval_hash||
    1703|numeric|numeric int4|numeric|fis|numeric||
    1704|numeric_abs|numeric|numeric|fis|numeric_abs||
    1705|abs|numeric|numeric|fis|numeric_abs||
    1706|sign|numeric|numeric|fis|numeric_sign||
    1707|round|numeric int4|numeric|fis|numeric_round||
    1708|round|numeric|numeric|fis|sql round(numeric)||
    1709|trunc|numeric int4|numeric|fis|numeric_trunc||
    1710|trunc|numeric|numeric|fis|sql trunc(numeric)||
    1711|ceil|numeric|numeric|fis|numeric_ceil||
    1712|floor|numeric|numeric|fis|numeric_floor||
    1713|length|bytea name|int4|fss|length_in_encoding||
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
    1737|numeric_log|numeric numeric|numeric|fis|numeric_log||
    1738|pow|numeric numeric|numeric|fis|numeric_power||
    1739|numeric_power|numeric numeric|numeric|fis|numeric_power||
    1740|numeric|int4|numeric|fis|int4_numeric||
    1741|log|numeric|numeric|fis|sql log(numeric)||
    1742|numeric|float4|numeric|fis|float4_numeric||
    1743|numeric|float8|numeric|fis|float8_numeric||
    1744|int4|numeric|int4|fis|numeric_int4||
    1745|float4|numeric|float4|fis|numeric_float4||
    1746|float8|numeric|float8|fis|numeric_float8||
    1747|time_pl_interval|time interval|time|fis|time_pl_interval||
    1748|time_mi_interval|time interval|time|fis|time_mi_interval||
    1749|timetz_pl_interval|timetz interval|timetz|fis|timetz_pl_interval||
    1750|timetz_mi_interval|timetz interval|timetz|fis|timetz_mi_interval||
    1764|numeric_inc|numeric|numeric|fis|numeric_inc||
    1765|setval|regclass int8 bool|int8|fvs|setval3_oid||
    1766|numeric_smaller|numeric numeric|numeric|fis|numeric_smaller||
    1767|numeric_larger|numeric numeric|numeric|fis|numeric_larger||
    1768|to_char|interval text|text|fss|interval_to_char||
    1769|numeric_cmp|numeric numeric|int4|fis|numeric_cmp||
    1770|to_char|timestamptz text|text|fss|timestamptz_to_char||
    1771|numeric_uminus|numeric|numeric|fis|numeric_uminus||
    1772|to_char|numeric text|text|fss|numeric_to_char||
    1773|to_char|int4 text|text|fss|int4_to_char||
    1774|to_char|int8 text|text|fss|int8_to_char||
    1775|to_char|float4 text|text|fss|float4_to_char||
    1776|to_char|float8 text|text|fss|float8_to_char||
    1777|to_number|text text|numeric|fss|numeric_to_number||
    1778|to_timestamp|text text|timestamptz|fss|to_timestamp||
    1779|int8|numeric|int8|fis|numeric_int8||
    1780|to_date|text text|date|fss|to_date||
    1781|numeric|int8|numeric|fis|int8_numeric||
    1782|numeric|int2|numeric|fis|int2_numeric||
    1783|int2|numeric|int2|fis|numeric_int2||
    1810|bit_length|bytea|int4|fis|sql bit_length(bytea)||
    1811|bit_length|text|int4|fis|sql bit_length(text)||
    1813|convert|bytea name name|bytea|fss|pg_convert||
    1830|float8_avg|_float8|float8|fis|float8_avg||
    1831|float8_var_samp|_float8|float8|fis|float8_var_samp||
    1832|float8_stddev_samp|_float8|float8|fis|float8_stddev_samp||
    1840|int2_sum|int8 int2|int8|fi|int2_sum||
    1841|int4_sum|int8 int4|int8|fi|int4_sum||
    1842|int8_sum|numeric int8|numeric|fi|int8_sum||
    1843|interval_accum|_interval interval|_interval|fis|interval_accum||
    1844|interval_avg|_interval|interval|fis|interval_avg||
    1845|to_ascii|text|text|fis|to_ascii_default||
    1846|to_ascii|text int4|text|fis|to_ascii_enc||
    1847|to_ascii|text name|text|fis|to_ascii_encname||
    1848|interval_pl_time|interval time|time|fis|sql interval_pl_time(interval time)||
    1850|int28eq|int2 int8|bool|fis|int28eq||
    1851|int28ne|int2 int8|bool|fis|int28ne||
    1852|int28lt|int2 int8|bool|fis|int28lt||
    1853|int28gt|int2 int8|bool|fis|int28gt||
    1854|int28le|int2 int8|bool|fis|int28le||
    1855|int28ge|int2 int8|bool|fis|int28ge||
    1856|int82eq|int8 int2|bool|fis|int82eq||
    1857|int82ne|int8 int2|bool|fis|int82ne||
    1858|int82lt|int8 int2|bool|fis|int82lt||
    1859|int82gt|int8 int2|bool|fis|int82gt||
    1860|int82le|int8 int2|bool|fis|int82le||
    1861|int82ge|int8 int2|bool|fis|int82ge||
    1892|int2and|int2 int2|int2|fis|int2and||
    1893|int2or|int2 int2|int2|fis|int2or||
    1894|int2xor|int2 int2|int2|fis|int2xor||
    1895|int2not|int2|int2|fis|int2not||
    1896|int2shl|int2 int4|int2|fis|int2shl||
    1897|int2shr|int2 int4|int2|fis|int2shr||
    1898|int4and|int4 int4|int4|fis|int4and||
    1899|int4or|int4 int4|int4|fis|int4or||
    1900|int4xor|int4 int4|int4|fis|int4xor||
    1901|int4not|int4|int4|fis|int4not||
    1902|int4shl|int4 int4|int4|fis|int4shl||
    1903|int4shr|int4 int4|int4|fis|int4shr||
    1904|int8and|int8 int8|int8|fis|int8and||
    1905|int8or|int8 int8|int8|fis|int8or||
    1906|int8xor|int8 int8|int8|fis|int8xor||
    1907|int8not|int8|int8|fis|int8not||
    1908|int8shl|int8 int4|int8|fis|int8shl||
    1909|int8shr|int8 int4|int8|fis|int8shr||
    1910|int8up|int8|int8|fis|int8up||
    1911|int2up|int2|int2|fis|int2up||
    1912|int4up|int4|int4|fis|int4up||
    1913|float4up|float4|float4|fis|float4up||
    1914|float8up|float8|float8|fis|float8up||
    1915|numeric_uplus|numeric|numeric|fis|numeric_uplus||
    1922|has_table_privilege|name text text|bool|fss|has_table_privilege_name_name||
    1923|has_table_privilege|name oid text|bool|fss|has_table_privilege_name_id||
    1924|has_table_privilege|oid text text|bool|fss|has_table_privilege_id_name||
    1925|has_table_privilege|oid oid text|bool|fss|has_table_privilege_id_id||
    1926|has_table_privilege|text text|bool|fss|has_table_privilege_name||
    1927|has_table_privilege|oid text|bool|fss|has_table_privilege_id||
    1928|pg_stat_get_numscans|oid|int8|fss|pg_stat_get_numscans||
    1929|pg_stat_get_tuples_returned|oid|int8|fss|pg_stat_get_tuples_returned||
    1930|pg_stat_get_tuples_fetched|oid|int8|fss|pg_stat_get_tuples_fetched||
    1931|pg_stat_get_tuples_inserted|oid|int8|fss|pg_stat_get_tuples_inserted||
    1932|pg_stat_get_tuples_updated|oid|int8|fss|pg_stat_get_tuples_updated||
    1933|pg_stat_get_tuples_deleted|oid|int8|fss|pg_stat_get_tuples_deleted||
    1934|pg_stat_get_blocks_fetched|oid|int8|fss|pg_stat_get_blocks_fetched||
    1935|pg_stat_get_blocks_hit|oid|int8|fss|pg_stat_get_blocks_hit||
    1936|pg_stat_get_backend_idset||int4|fssr|pg_stat_get_backend_idset||
    1937|pg_stat_get_backend_pid|int4|int4|fss|pg_stat_get_backend_pid||
    1938|pg_stat_get_backend_dbid|int4|oid|fss|pg_stat_get_backend_dbid||
    1939|pg_stat_get_backend_userid|int4|oid|fss|pg_stat_get_backend_userid||
    1940|pg_stat_get_backend_activity|int4|text|fss|pg_stat_get_backend_activity||
    1941|pg_stat_get_db_numbackends|oid|int4|fss|pg_stat_get_db_numbackends||
    1942|pg_stat_get_db_xact_commit|oid|int8|fss|pg_stat_get_db_xact_commit||
    1943|pg_stat_get_db_xact_rollback|oid|int8|fss|pg_stat_get_db_xact_rollback||
    1944|pg_stat_get_db_blocks_fetched|oid|int8|fss|pg_stat_get_db_blocks_fetched||
    1945|pg_stat_get_db_blocks_hit|oid|int8|fss|pg_stat_get_db_blocks_hit||
    1946|encode|bytea text|text|fis|binary_encode||
    1947|decode|text text|bytea|fis|binary_decode||
    1948|byteaeq|bytea bytea|bool|fis|byteaeq||
    1949|bytealt|bytea bytea|bool|fis|bytealt||
    1950|byteale|bytea bytea|bool|fis|byteale||
    1951|byteagt|bytea bytea|bool|fis|byteagt||
    1952|byteage|bytea bytea|bool|fis|byteage||
    1953|byteane|bytea bytea|bool|fis|byteane||
    1954|byteacmp|bytea bytea|int4|fis|byteacmp||
    1961|timestamp|timestamp int4|timestamp|fis|timestamp_scale||
    1962|int2_avg_accum|_int8 int2|_int8|fis|int2_avg_accum||
    1963|int4_avg_accum|_int8 int4|_int8|fis|int4_avg_accum||
    1964|int8_avg|_int8|numeric|fis|int8_avg||
    1965|oidlarger|oid oid|oid|fis|oidlarger||
    1966|oidsmaller|oid oid|oid|fis|oidsmaller||
    1967|timestamptz|timestamptz int4|timestamptz|fis|timestamptz_scale||
    1968|time|time int4|time|fis|time_scale||
    1969|timetz|timetz int4|timetz|fis|timetz_scale||
    1972|pg_stat_get_tuples_hot_updated|oid|int8|fss|pg_stat_get_tuples_hot_updated||
    1973|div|numeric numeric|numeric|fis|numeric_div_trunc||
    1980|numeric_div_trunc|numeric numeric|numeric|fis|numeric_div_trunc||
    1986|similar_to_escape|text text|text|fis|similar_to_escape_2||
    1987|similar_to_escape|text|text|fis|similar_to_escape_1||
    1993|shobj_description|oid name|text|fss|sql shobj_description(oid name)||
    2003|textanycat|text anynonarray|text|fss|sql textanycat(text anynonarray)||
    2004|anytextcat|anynonarray text|text|fss|sql anytextcat(anynonarray text)||
    2005|bytealike|bytea bytea|bool|fis|bytealike||
    2006|byteanlike|bytea bytea|bool|fis|byteanlike||
    2007|like|bytea bytea|bool|fis|bytealike||
    2008|notlike|bytea bytea|bool|fis|byteanlike||
    2009|like_escape|bytea bytea|bytea|fis|like_escape_bytea||
    2010|length|bytea|int4|fis|byteaoctetlen||
    2011|byteacat|bytea bytea|bytea|fis|byteacat||
    2012|substring|bytea int4 int4|bytea|fis|bytea_substr||
    2013|substring|bytea int4|bytea|fis|bytea_substr_no_len||
    2014|position|bytea bytea|int4|fis|byteapos||
    2015|btrim|bytea bytea|bytea|fis|byteatrim||
    2019|time|timestamptz|time|fss|timestamptz_time||
    2020|date_trunc|text timestamp|timestamp|fis|timestamp_trunc||
    2021|date_part|text timestamp|float8|fis|timestamp_part||
    2022|pg_stat_get_activity|int4|record|fsr|pg_stat_get_activity||datid:oid pid:int4 usesysid:oid application_name:text state:text query:text wait_event_type:text wait_event:text xact_start:timestamptz query_start:timestamptz backend_start:timestamptz state_change:timestamptz client_addr:inet client_hostname:text client_port:int4 backend_xid:xid backend_xmin:xid backend_type:text ssl:bool sslversion:text sslcipher:text sslbits:int4 ssl_client_dn:text ssl_client_serial:numeric ssl_issuer_dn:text gss_auth:bool gss_princ:text gss_enc:bool leader_pid:int4 query_id:int8
    2024|timestamp|date|timestamp|fis|date_timestamp||
    2025|timestamp|date time|timestamp|fis|datetime_timestamp||
    2026|pg_backend_pid||int4|fss|pg_backend_pid||
    2027|timestamp|timestamptz|timestamp|fss|timestamptz_timestamp||
    2028|timestamptz|timestamp|timestamptz|fss|timestamp_timestamptz||
    2029|date|timestamp|date|fis|timestamp_date||
    2031|timestamp_mi|timestamp timestamp|interval|fis|timestamp_mi||
    2032|timestamp_pl_interval|timestamp interval|timestamp|fis|timestamp_pl_interval||
    2033|timestamp_mi_interval|timestamp interval|timestamp|fis|timestamp_mi_interval||
    2034|pg_conf_load_time||timestamptz|fss|pg_conf_load_time||
    2035|timestamp_smaller|timestamp timestamp|timestamp|fis|timestamp_smaller||
    2036|timestamp_larger|timestamp timestamp|timestamp|fis|timestamp_larger||
    2037|timezone|text timetz|timetz|fss|timetz_zone||
    2038|timezone|interval timetz|timetz|fis|timetz_izone||
    2039|timestamp_hash|timestamp|int4|fis|timestamp_hash||
    2041|overlaps|timestamp timestamp timestamp timestamp|bool|fi|overlaps_timestamp||
    2042|overlaps|timestamp interval timestamp interval|bool|fi|sql overlaps(timestamp interval timestamp interval)||
    2043|overlaps|timestamp timestamp timestamp interval|bool|fi|sql overlaps(timestamp timestamp timestamp interval)||
    2044|overlaps|timestamp interval timestamp timestamp|bool|fi|sql overlaps(timestamp interval timestamp timestamp)||
    2045|timestamp_cmp|timestamp timestamp|int4|fis|timestamp_cmp||
    2046|time|timetz|time|fis|timetz_time||
    2047|timetz|time|timetz|fss|time_timetz||
    2048|isfinite|timestamp|bool|fis|timestamp_finite||
    2049|to_char|timestamp text|text|fss|timestamp_to_char||
    2050|max|anyarray|anyarray|ai|agg max(anyarray)||
    2051|min|anyarray|anyarray|ai|agg min(anyarray)||
    2052|timestamp_eq|timestamp timestamp|bool|fis|timestamp_eq||
    2053|timestamp_ne|timestamp timestamp|bool|fis|timestamp_ne||
    2054|timestamp_lt|timestamp timestamp|bool|fis|timestamp_lt||
    2055|timestamp_le|timestamp timestamp|bool|fis|timestamp_le||
    2056|timestamp_ge|timestamp timestamp|bool|fis|timestamp_ge||
    2057|timestamp_gt|timestamp timestamp|bool|fis|timestamp_gt||
    2058|age|timestamp timestamp|interval|fis|timestamp_age||
    2059|age|timestamp|interval|fss|sql age(timestamp)||
    2069|timezone|text timestamp|timestamptz|fis|timestamp_zone||
    2070|timezone|interval timestamp|timestamptz|fis|timestamp_izone||
    2071|date_pl_interval|date interval|timestamp|fis|date_pl_interval||
    2072|date_mi_interval|date interval|timestamp|fis|date_mi_interval||
    2073|substring|text text|text|fis|textregexsubstr||
    2074|substring|text text text|text|fis|sql substring(text text text)||
    2077|current_setting|text|text|fss|show_config_by_name||
    2078|set_config|text text bool|text|fv|set_config_by_name||
    2079|pg_table_is_visible|oid|bool|fss|pg_table_is_visible||
    2080|pg_type_is_visible|oid|bool|fss|pg_type_is_visible||
    2081|pg_function_is_visible|oid|bool|fss|pg_function_is_visible||
    2082|pg_operator_is_visible|oid|bool|fss|pg_operator_is_visible||
    2083|pg_opclass_is_visible|oid|bool|fss|pg_opclass_is_visible||
    2084|pg_show_all_settings||record|fssr|show_all_settings||name:text setting:text unit:text category:text short_desc:text extra_desc:text context:text vartype:text source:text min_val:text max_val:text enumvals:_text boot_val:text reset_val:text sourcefile:text sourceline:int4 pending_restart:bool
    2085|substr|bytea int4 int4|bytea|fis|bytea_substr||
    2086|substr|bytea int4|bytea|fis|bytea_substr_no_len||
    2087|replace|text text text|text|fis|replace_text||
    2088|split_part|text text int4|text|fis|split_part||
    2089|to_hex|int4|text|fis|to_hex32||
    2090|to_hex|int8|text|fis|to_hex64||
    2091|array_lower|anyarray int4|int4|fis|array_lower||
    2092|array_upper|anyarray int4|int4|fis|array_upper||
    2093|pg_conversion_is_visible|oid|bool|fss|pg_conversion_is_visible||
    2094|pg_stat_get_backend_activity_start|int4|timestamptz|fss|pg_stat_get_backend_activity_start||
    2096|pg_terminate_backend|int4 int8|bool|fvs|pg_terminate_backend|0|
    2098|pg_get_functiondef|oid|text|fss|pg_get_functiondef||
    2100|avg|int8|numeric|ai|agg avg(int8)||
    2101|avg|int4|numeric|ai|agg avg(int4)||
    2102|avg|int2|numeric|ai|agg avg(int2)||
    2103|avg|numeric|numeric|ai|agg avg(numeric)||
    2104|avg|float4|float8|ai|agg avg(float4)||
    2105|avg|float8|float8|ai|agg avg(float8)||
    2106|avg|interval|interval|ai|agg avg(interval)||
    2107|sum|int8|numeric|ai|agg sum(int8)||
    2108|sum|int4|int8|ai|agg sum(int4)||
    2109|sum|int2|int8|ai|agg sum(int2)||
    2110|sum|float4|float4|ai|agg sum(float4)||
    2111|sum|float8|float8|ai|agg sum(float8)||
    2113|sum|interval|interval|ai|agg sum(interval)||
    2114|sum|numeric|numeric|ai|agg sum(numeric)||
    2115|max|int8|int8|ai|agg max(int8)||
    2116|max|int4|int4|ai|agg max(int4)||
    2117|max|int2|int2|ai|agg max(int2)||
    2118|max|oid|oid|ai|agg max(oid)||
    2119|max|float4|float4|ai|agg max(float4)||
    2120|max|float8|float8|ai|agg max(float8)||
    2121|pg_column_compression|any|text|fss|pg_column_compression||
    2122|max|date|date|ai|agg max(date)||
    2123|max|time|time|ai|agg max(time)||
    2124|max|timetz|timetz|ai|agg max(timetz)||
    2126|max|timestamp|timestamp|ai|agg max(timestamp)||
    2127|max|timestamptz|timestamptz|ai|agg max(timestamptz)||
    2128|max|interval|interval|ai|agg max(interval)||
    2129|max|text|text|ai|agg max(text)||
    2130|max|numeric|numeric|ai|agg max(numeric)||
    2131|min|int8|int8|ai|agg min(int8)||
    2132|min|int4|int4|ai|agg min(int4)||
    2133|min|int2|int2|ai|agg min(int2)||
    2134|min|oid|oid|ai|agg min(oid)||
    2135|min|float4|float4|ai|agg min(float4)||
    2136|min|float8|float8|ai|agg min(float8)||
    2137|pg_stat_force_next_flush||void|fv|pg_stat_force_next_flush||
    2138|min|date|date|ai|agg min(date)||
    2139|min|time|time|ai|agg min(time)||
    2140|min|timetz|timetz|ai|agg min(timetz)||
    2142|min|timestamp|timestamp|ai|agg min(timestamp)||
    2143|min|timestamptz|timestamptz|ai|agg min(timestamptz)||
    2144|min|interval|interval|ai|agg min(interval)||
    2145|min|text|text|ai|agg min(text)||
    2146|min|numeric|numeric|ai|agg min(numeric)||
    2147|count|any|int8|ai|agg count(any)||
    2148|variance|int8|numeric|ai|agg variance(int8)||
    2149|variance|int4|numeric|ai|agg variance(int4)||
    2150|variance|int2|numeric|ai|agg variance(int2)||
    2151|variance|float4|float8|ai|agg variance(float4)||
    2152|variance|float8|float8|ai|agg variance(float8)||
    2153|variance|numeric|numeric|ai|agg variance(numeric)||
    2154|stddev|int8|numeric|ai|agg stddev(int8)||
    2155|stddev|int4|numeric|ai|agg stddev(int4)||
    2156|stddev|int2|numeric|ai|agg stddev(int2)||
    2157|stddev|float4|float8|ai|agg stddev(float4)||
    2158|stddev|float8|float8|ai|agg stddev(float8)||
    2159|stddev|numeric|numeric|ai|agg stddev(numeric)||
    2160|text_pattern_lt|text text|bool|fis|text_pattern_lt||
    2161|text_pattern_le|text text|bool|fis|text_pattern_le||
    2162|pg_get_function_arguments|oid|text|fss|pg_get_function_arguments||
    2163|text_pattern_ge|text text|bool|fis|text_pattern_ge||
    2164|text_pattern_gt|text text|bool|fis|text_pattern_gt||
    2165|pg_get_function_result|oid|text|fss|pg_get_function_result||
    2166|bttext_pattern_cmp|text text|int4|fis|bttext_pattern_cmp||
    2167|ceiling|numeric|numeric|fis|numeric_ceil||
    2168|pg_database_size|name|int8|fvs|pg_database_size_name||
    2169|power|numeric numeric|numeric|fis|numeric_power||
    2170|width_bucket|numeric numeric numeric int4|int4|fis|width_bucket_numeric||
    2171|pg_cancel_backend|int4|bool|fvs|pg_cancel_backend||
    2174|bpchar_pattern_lt|bpchar bpchar|bool|fis|bpchar_pattern_lt||
    2175|bpchar_pattern_le|bpchar bpchar|bool|fis|bpchar_pattern_le||
    2176|array_length|anyarray int4|int4|fis|array_length||
    2177|bpchar_pattern_ge|bpchar bpchar|bool|fis|bpchar_pattern_ge||
    2178|bpchar_pattern_gt|bpchar bpchar|bool|fis|bpchar_pattern_gt||
    2180|btbpchar_pattern_cmp|bpchar bpchar|int4|fis|btbpchar_pattern_cmp||
    2181|has_sequence_privilege|name text text|bool|fss|has_sequence_privilege_name_name||
    2182|has_sequence_privilege|name oid text|bool|fss|has_sequence_privilege_name_id||
    2183|has_sequence_privilege|oid text text|bool|fss|has_sequence_privilege_id_name||
    2184|has_sequence_privilege|oid oid text|bool|fss|has_sequence_privilege_id_id||
    2185|has_sequence_privilege|text text|bool|fss|has_sequence_privilege_name||
    2186|has_sequence_privilege|oid text|bool|fss|has_sequence_privilege_id||
    2188|btint48cmp|int4 int8|int4|fis|btint48cmp||
    2189|btint84cmp|int8 int4|int4|fis|btint84cmp||
    2190|btint24cmp|int2 int4|int4|fis|btint24cmp||
    2191|btint42cmp|int4 int2|int4|fis|btint42cmp||
    2192|btint28cmp|int2 int8|int4|fis|btint28cmp||
    2193|btint82cmp|int8 int2|int4|fis|btint82cmp||
    2194|btfloat48cmp|float4 float8|int4|fis|btfloat48cmp||
    2195|btfloat84cmp|float8 float4|int4|fis|btfloat84cmp||
    2196|inet_client_addr||inet|fs|inet_client_addr||
    2197|inet_client_port||int4|fs|inet_client_port||
    2198|inet_server_addr||inet|fs|inet_server_addr||
    2199|inet_server_port||int4|fs|inet_server_port||
    2230|pg_stat_clear_snapshot||void|fv|pg_stat_clear_snapshot||
    2232|pg_get_function_identity_arguments|oid|text|fss|pg_get_function_identity_arguments||
    2233|hashtid|tid|int4|fis|hashtid||
    2234|hashtidextended|tid int8|int8|fis|hashtidextended||
    2236|bit_and|int2|int2|ai|agg bit_and(int2)||
    2237|bit_or|int2|int2|ai|agg bit_or(int2)||
    2238|bit_and|int4|int4|ai|agg bit_and(int4)||
    2239|bit_or|int4|int4|ai|agg bit_or(int4)||
    2240|bit_and|int8|int8|ai|agg bit_and(int8)||
    2241|bit_or|int8|int8|ai|agg bit_or(int8)||
    2244|max|bpchar|bpchar|ai|agg max(bpchar)||
    2245|min|bpchar|bpchar|ai|agg min(bpchar)||
    2246|fmgr_internal_validator|oid|void|fss|fmgr_internal_validator||
    2247|fmgr_c_validator|oid|void|fss|fmgr_c_validator||
    2248|fmgr_sql_validator|oid|void|fss|fmgr_sql_validator||
    2250|has_database_privilege|name text text|bool|fss|has_database_privilege_name_name||
    2251|has_database_privilege|name oid text|bool|fss|has_database_privilege_name_id||
    2252|has_database_privilege|oid text text|bool|fss|has_database_privilege_id_name||
    2253|has_database_privilege|oid oid text|bool|fss|has_database_privilege_id_id||
    2254|has_database_privilege|text text|bool|fss|has_database_privilege_name||
    2255|has_database_privilege|oid text|bool|fss|has_database_privilege_id||
    2256|has_function_privilege|name text text|bool|fss|has_function_privilege_name_name||
    2257|has_function_privilege|name oid text|bool|fss|has_function_privilege_name_id||
    2258|has_function_privilege|oid text text|bool|fss|has_function_privilege_id_name||
    2259|has_function_privilege|oid oid text|bool|fss|has_function_privilege_id_id||
    2260|has_function_privilege|text text|bool|fss|has_function_privilege_name||
    2261|has_function_privilege|oid text|bool|fss|has_function_privilege_id||
    2262|has_language_privilege|name text text|bool|fss|has_language_privilege_name_name||
    2263|has_language_privilege|name oid text|bool|fss|has_language_privilege_name_id||
    2264|has_language_privilege|oid text text|bool|fss|has_language_privilege_id_name||
    2265|has_language_privilege|oid oid text|bool|fss|has_language_privilege_id_id||
    2266|has_language_privilege|text text|bool|fss|has_language_privilege_name||
    2267|has_language_privilege|oid text|bool|fss|has_language_privilege_id||
    2268|has_schema_privilege|name text text|bool|fss|has_schema_privilege_name_name||
    2269|has_schema_privilege|name oid text|bool|fss|has_schema_privilege_name_id||
    2270|has_schema_privilege|oid text text|bool|fss|has_schema_privilege_id_name||
    2271|has_schema_privilege|oid oid text|bool|fss|has_schema_privilege_id_id||
    2272|has_schema_privilege|text text|bool|fss|has_schema_privilege_name||
    2273|has_schema_privilege|oid text|bool|fss|has_schema_privilege_id||
    2274|pg_stat_reset||void|fv|pg_stat_reset||
    2282|pg_get_backend_memory_contexts||record|fvsr|pg_get_backend_memory_contexts||name:text ident:text parent:text level:int4 total_bytes:int8 total_nblocks:int8 free_bytes:int8 free_chunks:int8 used_bytes:int8
    2284|regexp_replace|text text text|text|fis|textregexreplace_noopt||
    2285|regexp_replace|text text text text|text|fis|textregexreplace||
    2286|pg_total_relation_size|regclass|int8|fvs|pg_total_relation_size||
    2288|pg_size_pretty|int8|text|fis|pg_size_pretty||
    2289|pg_options_to_table|_text|record|fssr|pg_options_to_table||option_name:text option_value:text
    2306|pg_stat_get_slru||record|fsr|pg_stat_get_slru||name:text blks_zeroed:int8 blks_hit:int8 blks_read:int8 blks_written:int8 blks_exists:int8 flushes:int8 truncates:int8 stats_reset:timestamptz
    2307|pg_stat_reset_slru|text|void|fv|pg_stat_reset_slru||
    2308|ceil|float8|float8|fis|dceil||
    2309|floor|float8|float8|fis|dfloor||
    2310|sign|float8|float8|fis|dsign||
    2311|md5|text|text|fis|md5_text||
    2316|postgresql_fdw_validator|_text oid|bool|fis|postgresql_fdw_validator||
    2319|pg_encoding_max_length|int4|int4|fis|pg_encoding_max_length_sql||
    2320|ceiling|float8|float8|fis|dceil||
    2321|md5|bytea|text|fis|md5_bytea||
    2322|pg_tablespace_size|oid|int8|fvs|pg_tablespace_size_oid||
    2323|pg_tablespace_size|name|int8|fvs|pg_tablespace_size_name||
    2324|pg_database_size|oid|int8|fvs|pg_database_size_oid||
    2325|pg_relation_size|regclass|int8|fvs|sql pg_relation_size(regclass)||
    2331|unnest|anyarray|anyelement|fisr|array_unnest||
    2332|pg_relation_size|regclass text|int8|fvs|pg_relation_size||
    2335|array_agg|anynonarray|anyarray|ai|agg array_agg(anynonarray)||
    2338|date_lt_timestamp|date timestamp|bool|fis|date_lt_timestamp||
    2339|date_le_timestamp|date timestamp|bool|fis|date_le_timestamp||
    2340|date_eq_timestamp|date timestamp|bool|fis|date_eq_timestamp||
    2341|date_gt_timestamp|date timestamp|bool|fis|date_gt_timestamp||
    2342|date_ge_timestamp|date timestamp|bool|fis|date_ge_timestamp||
    2343|date_ne_timestamp|date timestamp|bool|fis|date_ne_timestamp||
    2344|date_cmp_timestamp|date timestamp|int4|fis|date_cmp_timestamp||
    2351|date_lt_timestamptz|date timestamptz|bool|fss|date_lt_timestamptz||
    2352|date_le_timestamptz|date timestamptz|bool|fss|date_le_timestamptz||
    2353|date_eq_timestamptz|date timestamptz|bool|fss|date_eq_timestamptz||
    2354|date_gt_timestamptz|date timestamptz|bool|fss|date_gt_timestamptz||
    2355|date_ge_timestamptz|date timestamptz|bool|fss|date_ge_timestamptz||
    2356|date_ne_timestamptz|date timestamptz|bool|fss|date_ne_timestamptz||
    2357|date_cmp_timestamptz|date timestamptz|int4|fss|date_cmp_timestamptz||
    2364|timestamp_lt_date|timestamp date|bool|fis|timestamp_lt_date||
    2365|timestamp_le_date|timestamp date|bool|fis|timestamp_le_date||
    2366|timestamp_eq_date|timestamp date|bool|fis|timestamp_eq_date||
    2367|timestamp_gt_date|timestamp date|bool|fis|timestamp_gt_date||
    2368|timestamp_ge_date|timestamp date|bool|fis|timestamp_ge_date||
    2369|timestamp_ne_date|timestamp date|bool|fis|timestamp_ne_date||
    2370|timestamp_cmp_date|timestamp date|int4|fis|timestamp_cmp_date||
    2377|timestamptz_lt_date|timestamptz date|bool|fss|timestamptz_lt_date||
    2378|timestamptz_le_date|timestamptz date|bool|fss|timestamptz_le_date||
    2379|timestamptz_eq_date|timestamptz date|bool|fss|timestamptz_eq_date||
    2380|timestamptz_gt_date|timestamptz date|bool|fss|timestamptz_gt_date||
    2381|timestamptz_ge_date|timestamptz date|bool|fss|timestamptz_ge_date||
    2382|timestamptz_ne_date|timestamptz date|bool|fss|timestamptz_ne_date||
    2383|timestamptz_cmp_date|timestamptz date|int4|fss|timestamptz_cmp_date||
    2390|has_tablespace_privilege|name text text|bool|fss|has_tablespace_privilege_name_name||
    2391|has_tablespace_privilege|name oid text|bool|fss|has_tablespace_privilege_name_id||
    2392|has_tablespace_privilege|oid text text|bool|fss|has_tablespace_privilege_id_name||
    2393|has_tablespace_privilege|oid oid text|bool|fss|has_tablespace_privilege_id_id||
    2394|has_tablespace_privilege|text text|bool|fss|has_tablespace_privilege_name||
    2395|has_tablespace_privilege|oid text|bool|fss|has_tablespace_privilege_id||
    2405|int2send|int2|bytea|fis|int2send||
    2407|int4send|int4|bytea|fis|int4send||
    2409|int8send|int8|bytea|fis|int8send||
    2411|int2vectorsend|int2vector|bytea|fis|int2vectorsend||
    2413|byteasend|bytea|bytea|fis|byteasend||
    2415|textsend|text|bytea|fss|textsend||
    2419|oidsend|oid|bytea|fis|oidsend||
    2421|oidvectorsend|oidvector|bytea|fis|oidvectorsend||
    2423|namesend|name|bytea|fss|namesend||
    2425|float4send|float4|bytea|fis|float4send||
    2427|float8send|float8|bytea|fis|float8send||
    2431|bpcharsend|bpchar|bytea|fss|bpcharsend||
    2433|varcharsend|varchar|bytea|fss|varcharsend||
    2435|charsend|char|bytea|fis|charsend||
    2437|boolsend|bool|bytea|fis|boolsend||
    2439|tidsend|tid|bytea|fis|tidsend||
    2441|xidsend|xid|bytea|fis|xidsend||
    2443|cidsend|cid|bytea|fis|cidsend||
    2445|regprocsend|regproc|bytea|fis|regprocsend||
    2447|regproceduresend|regprocedure|bytea|fis|regproceduresend||
    2449|regopersend|regoper|bytea|fis|regopersend||
    2451|regoperatorsend|regoperator|bytea|fis|regoperatorsend||
    2453|regclasssend|regclass|bytea|fis|regclasssend||
    2455|regtypesend|regtype|bytea|fis|regtypesend||
    2462|sinh|float8|float8|fis|dsinh||
    2463|cosh|float8|float8|fis|dcosh||
    2464|tanh|float8|float8|fis|dtanh||
    2465|asinh|float8|float8|fis|dasinh||
    2466|acosh|float8|float8|fis|dacosh||
    2467|atanh|float8|float8|fis|datanh||
    2504|pg_get_ruledef|oid bool|text|fss|pg_get_ruledef_ext||
    2505|pg_get_viewdef|text bool|text|fss|pg_get_viewdef_name_ext||
    2506|pg_get_viewdef|oid bool|text|fss|pg_get_viewdef_ext||
    2507|pg_get_indexdef|oid int4 bool|text|fss|pg_get_indexdef_ext||
    2508|pg_get_constraintdef|oid bool|text|fss|pg_get_constraintdef_ext||
    2509|pg_get_expr|pg_node_tree oid bool|text|fss|pg_get_expr_ext||
    2510|pg_prepared_statement||record|fssr|pg_prepared_statement||name:text statement:text prepare_time:timestamptz parameter_types:_regtype from_sql:bool generic_plans:int8 custom_plans:int8
    2511|pg_cursor||record|fssr|pg_cursor||name:text statement:text is_holdable:bool is_binary:bool is_scrollable:bool creation_time:timestamptz
    2512|float8_var_pop|_float8|float8|fis|float8_var_pop||
    2513|float8_stddev_pop|_float8|float8|fis|float8_stddev_pop||
    2515|booland_statefunc|bool bool|bool|fis|booland_statefunc||
    """#
}
