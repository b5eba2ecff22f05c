/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions2 = #"""
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
    1946|encode|bytea text|text|fis|binary_encode||
    1947|decode|text text|bytea|fis|binary_decode||
    1948|byteaeq|bytea bytea|bool|fis|byteaeq||
    1949|bytealt|bytea bytea|bool|fis|bytealt||
    1950|byteale|bytea bytea|bool|fis|byteale||
    1951|byteagt|bytea bytea|bool|fis|byteagt||
    1952|byteage|bytea bytea|bool|fis|byteage||
    1953|byteane|bytea bytea|bool|fis|byteane||
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
    2010|length|bytea|int4|fis|byteaoctetlen||
    2011|byteacat|bytea bytea|bytea|fis|byteacat||
    2012|substring|bytea int4 int4|bytea|fis|bytea_substr||
    2013|substring|bytea int4|bytea|fis|bytea_substr_no_len||
    2014|position|bytea bytea|int4|fis|byteapos||
    2015|btrim|bytea bytea|bytea|fis|byteatrim||
    2019|time|timestamptz|time|fss|timestamptz_time||
    2020|date_trunc|text timestamp|timestamp|fis|timestamp_trunc||
    2021|date_part|text timestamp|float8|fis|timestamp_part||
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
    2041|overlaps|timestamp timestamp timestamp timestamp|bool|fi|overlaps_timestamp||
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
    2181|has_sequence_privilege|name text text|bool|fss|has_sequence_privilege_name_name||
    2182|has_sequence_privilege|name oid text|bool|fss|has_sequence_privilege_name_id||
    2183|has_sequence_privilege|oid text text|bool|fss|has_sequence_privilege_id_name||
    2184|has_sequence_privilege|oid oid text|bool|fss|has_sequence_privilege_id_id||
    2185|has_sequence_privilege|text text|bool|fss|has_sequence_privilege_name||
    2186|has_sequence_privilege|oid text|bool|fss|has_sequence_privilege_id||
    2196|inet_client_addr||inet|fs|inet_client_addr||
    2197|inet_client_port||int4|fs|inet_client_port||
    2198|inet_server_addr||inet|fs|inet_server_addr||
    2199|inet_server_port||int4|fs|inet_server_port||
    2232|pg_get_function_identity_arguments|oid|text|fss|pg_get_function_identity_arguments||
    2236|bit_and|int2|int2|ai|agg bit_and(int2)||
    2237|bit_or|int2|int2|ai|agg bit_or(int2)||
    2238|bit_and|int4|int4|ai|agg bit_and(int4)||
    2239|bit_or|int4|int4|ai|agg bit_or(int4)||
    2240|bit_and|int8|int8|ai|agg bit_and(int8)||
    2241|bit_or|int8|int8|ai|agg bit_or(int8)||
    2244|max|bpchar|bpchar|ai|agg max(bpchar)||
    2245|min|bpchar|bpchar|ai|agg min(bpchar)||
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
    2284|regexp_replace|text text text|text|fis|textregexreplace_noopt||
    2285|regexp_replace|text text text text|text|fis|textregexreplace||
    2286|pg_total_relation_size|regclass|int8|fvs|pg_total_relation_size||
    2288|pg_size_pretty|int8|text|fis|pg_size_pretty||
    2289|pg_options_to_table|_text|record|fssr|pg_options_to_table||option_name:text option_value:text
    2308|ceil|float8|float8|fis|dceil||
    2309|floor|float8|float8|fis|dfloor||
    2310|sign|float8|float8|fis|dsign||
    2311|md5|text|text|fis|md5_text||
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
    2351|date_lt_timestamptz|date timestamptz|bool|fss|date_lt_timestamptz||
    2352|date_le_timestamptz|date timestamptz|bool|fss|date_le_timestamptz||
    2353|date_eq_timestamptz|date timestamptz|bool|fss|date_eq_timestamptz||
    2354|date_gt_timestamptz|date timestamptz|bool|fss|date_gt_timestamptz||
    2355|date_ge_timestamptz|date timestamptz|bool|fss|date_ge_timestamptz||
    2356|date_ne_timestamptz|date timestamptz|bool|fss|date_ne_timestamptz||
    2364|timestamp_lt_date|timestamp date|bool|fis|timestamp_lt_date||
    2365|timestamp_le_date|timestamp date|bool|fis|timestamp_le_date||
    2366|timestamp_eq_date|timestamp date|bool|fis|timestamp_eq_date||
    2367|timestamp_gt_date|timestamp date|bool|fis|timestamp_gt_date||
    2368|timestamp_ge_date|timestamp date|bool|fis|timestamp_ge_date||
    2369|timestamp_ne_date|timestamp date|bool|fis|timestamp_ne_date||
    2377|timestamptz_lt_date|timestamptz date|bool|fss|timestamptz_lt_date||
    2378|timestamptz_le_date|timestamptz date|bool|fss|timestamptz_le_date||
    2379|timestamptz_eq_date|timestamptz date|bool|fss|timestamptz_eq_date||
    2380|timestamptz_gt_date|timestamptz date|bool|fss|timestamptz_gt_date||
    2381|timestamptz_ge_date|timestamptz date|bool|fss|timestamptz_ge_date||
    2382|timestamptz_ne_date|timestamptz date|bool|fss|timestamptz_ne_date||
    2390|has_tablespace_privilege|name text text|bool|fss|has_tablespace_privilege_name_name||
    2391|has_tablespace_privilege|name oid text|bool|fss|has_tablespace_privilege_name_id||
    2392|has_tablespace_privilege|oid text text|bool|fss|has_tablespace_privilege_id_name||
    2393|has_tablespace_privilege|oid oid text|bool|fss|has_tablespace_privilege_id_id||
    2394|has_tablespace_privilege|text text|bool|fss|has_tablespace_privilege_name||
    2395|has_tablespace_privilege|oid text|bool|fss|has_tablespace_privilege_id||
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
    2517|bool_and|bool|bool|ai|agg bool_and(bool)||
    2518|bool_or|bool|bool|ai|agg bool_or(bool)||
    2519|every|bool|bool|ai|agg every(bool)||
    2520|timestamp_lt_timestamptz|timestamp timestamptz|bool|fss|timestamp_lt_timestamptz||
    2521|timestamp_le_timestamptz|timestamp timestamptz|bool|fss|timestamp_le_timestamptz||
    2522|timestamp_eq_timestamptz|timestamp timestamptz|bool|fss|timestamp_eq_timestamptz||
    2523|timestamp_gt_timestamptz|timestamp timestamptz|bool|fss|timestamp_gt_timestamptz||
    2524|timestamp_ge_timestamptz|timestamp timestamptz|bool|fss|timestamp_ge_timestamptz||
    2525|timestamp_ne_timestamptz|timestamp timestamptz|bool|fss|timestamp_ne_timestamptz||
    2527|timestamptz_lt_timestamp|timestamptz timestamp|bool|fss|timestamptz_lt_timestamp||
    2528|timestamptz_le_timestamp|timestamptz timestamp|bool|fss|timestamptz_le_timestamp||
    2529|timestamptz_eq_timestamp|timestamptz timestamp|bool|fss|timestamptz_eq_timestamp||
    2530|timestamptz_gt_timestamp|timestamptz timestamp|bool|fss|timestamptz_gt_timestamp||
    2531|timestamptz_ge_timestamp|timestamptz timestamp|bool|fss|timestamptz_ge_timestamp||
    2532|timestamptz_ne_timestamp|timestamptz timestamp|bool|fss|timestamptz_ne_timestamp||
    2546|interval_pl_date|interval date|timestamp|fis|sql interval_pl_date(interval date)||
    2548|interval_pl_timestamp|interval timestamp|timestamp|fis|sql interval_pl_timestamp(interval timestamp)||
    2549|interval_pl_timestamptz|interval timestamptz|timestamptz|fss|sql interval_pl_timestamptz(interval timestamptz)||
    2550|integer_pl_date|int4 date|date|fis|sql integer_pl_date(int4 date)||
    2556|pg_tablespace_databases|oid|oid|fssr|pg_tablespace_databases||
    2557|bool|int4|bool|fis|int4_bool||
    2558|int4|bool|int4|fis|bool_int4||
    2559|lastval||int8|fvs|lastval||
    2560|pg_postmaster_start_time||timestamptz|fss|pg_postmaster_start_time||
    2561|pg_blocking_pids|int4|_int4|fvs|pg_blocking_pids||
    2580|float8|jsonb|float8|fis|jsonb_float8||
    2599|pg_timezone_abbrevs||record|fssr|pg_timezone_abbrevs||abbrev:text utc_offset:interval is_dst:bool
    2621|pg_reload_conf||bool|fvs|pg_reload_conf||
    2626|pg_sleep|float8|void|fvs|pg_sleep||
    2641|var_samp|int8|numeric|ai|agg var_samp(int8)||
    2642|var_samp|int4|numeric|ai|agg var_samp(int4)||
    2643|var_samp|int2|numeric|ai|agg var_samp(int2)||
    2644|var_samp|float4|float8|ai|agg var_samp(float4)||
    2645|var_samp|float8|float8|ai|agg var_samp(float8)||
    2646|var_samp|numeric|numeric|ai|agg var_samp(numeric)||
    2647|transaction_timestamp||timestamptz|fss|now||
    2648|statement_timestamp||timestamptz|fss|statement_timestamp||
    2649|clock_timestamp||timestamptz|fvs|clock_timestamp||
    2705|pg_has_role|name name text|bool|fss|pg_has_role_name_name||
    2706|pg_has_role|name oid text|bool|fss|pg_has_role_name_id||
    2707|pg_has_role|oid name text|bool|fss|pg_has_role_id_name||
    2708|pg_has_role|oid oid text|bool|fss|pg_has_role_id_id||
    2709|pg_has_role|name text|bool|fss|pg_has_role_name||
    2710|pg_has_role|oid text|bool|fss|pg_has_role_id||
    2711|justify_interval|interval|interval|fis|interval_justify_interval||
    2712|stddev_samp|int8|numeric|ai|agg stddev_samp(int8)||
    2713|stddev_samp|int4|numeric|ai|agg stddev_samp(int4)||
    2714|stddev_samp|int2|numeric|ai|agg stddev_samp(int2)||
    2715|stddev_samp|float4|float8|ai|agg stddev_samp(float4)||
    2716|stddev_samp|float8|float8|ai|agg stddev_samp(float8)||
    2717|stddev_samp|numeric|numeric|ai|agg stddev_samp(numeric)||
    2718|var_pop|int8|numeric|ai|agg var_pop(int8)||
    2719|var_pop|int4|numeric|ai|agg var_pop(int4)||
    2720|var_pop|int2|numeric|ai|agg var_pop(int2)||
    2721|var_pop|float4|float8|ai|agg var_pop(float4)||
    2722|var_pop|float8|float8|ai|agg var_pop(float8)||
    2723|var_pop|numeric|numeric|ai|agg var_pop(numeric)||
    2724|stddev_pop|int8|numeric|ai|agg stddev_pop(int8)||
    2725|stddev_pop|int4|numeric|ai|agg stddev_pop(int4)||
    2726|stddev_pop|int2|numeric|ai|agg stddev_pop(int2)||
    2727|stddev_pop|float4|float8|ai|agg stddev_pop(float4)||
    2728|stddev_pop|float8|float8|ai|agg stddev_pop(float8)||
    2729|stddev_pop|numeric|numeric|ai|agg stddev_pop(numeric)||
    2730|pg_get_triggerdef|oid bool|text|fss|pg_get_triggerdef_ext||
    2747|arrayoverlap|anyarray anyarray|bool|fis|arrayoverlap||
    2748|arraycontains|anyarray anyarray|bool|fis|arraycontains||
    2749|arraycontained|anyarray anyarray|bool|fis|arraycontained||
    2763|regexp_matches|text text|_text|fisr|regexp_matches_no_flags||
    2764|regexp_matches|text text text|_text|fisr|regexp_matches||
    2765|regexp_split_to_table|text text|text|fisr|regexp_split_to_table_no_flags||
    2766|regexp_split_to_table|text text text|text|fisr|regexp_split_to_table||
    2767|regexp_split_to_array|text text|_text|fis|regexp_split_to_array_no_flags||
    2768|regexp_split_to_array|text text text|_text|fis|regexp_split_to_array||
    2790|tidgt|tid tid|bool|fis|tidgt||
    2791|tidlt|tid tid|bool|fis|tidlt||
    2792|tidge|tid tid|bool|fis|tidge||
    2793|tidle|tid tid|bool|fis|tidle||
    2797|max|tid|tid|ai|agg max(tid)||
    2798|min|tid|tid|ai|agg min(tid)||
    2803|count||int8|ai|agg count()||
    2818|regr_count|float8 float8|int8|ai|agg regr_count(float8 float8)||
    2819|regr_sxx|float8 float8|float8|ai|agg regr_sxx(float8 float8)||
    2820|regr_syy|float8 float8|float8|ai|agg regr_syy(float8 float8)||
    2821|regr_sxy|float8 float8|float8|ai|agg regr_sxy(float8 float8)||
    2822|regr_avgx|float8 float8|float8|ai|agg regr_avgx(float8 float8)||
    2823|regr_avgy|float8 float8|float8|ai|agg regr_avgy(float8 float8)||
    2824|regr_r2|float8 float8|float8|ai|agg regr_r2(float8 float8)||
    2825|regr_slope|float8 float8|float8|ai|agg regr_slope(float8 float8)||
    2826|regr_intercept|float8 float8|float8|ai|agg regr_intercept(float8 float8)||
    2827|covar_pop|float8 float8|float8|ai|agg covar_pop(float8 float8)||
    2828|covar_samp|float8 float8|float8|ai|agg covar_samp(float8 float8)||
    2829|corr|float8 float8|float8|ai|agg corr(float8 float8)||
    2854|pg_my_temp_schema||oid|fss|pg_my_temp_schema||
    2855|pg_is_other_temp_schema|oid|bool|fss|pg_is_other_temp_schema||
    2856|pg_timezone_names||record|fssr|pg_timezone_names||name:text abbrev:text utc_offset:interval is_dst:bool
    2878|pg_stat_get_live_tuples|oid|int8|fss|pg_stat_get_live_tuples||
    2879|pg_stat_get_dead_tuples|oid|int8|fss|pg_stat_get_dead_tuples||
    2880|pg_advisory_lock|int8|void|fvs|pg_advisory_lock_int8||
    2881|pg_advisory_lock_shared|int8|void|fvs|pg_advisory_lock_shared_int8||
    2882|pg_try_advisory_lock|int8|bool|fvs|pg_try_advisory_lock_int8||
    2883|pg_try_advisory_lock_shared|int8|bool|fvs|pg_try_advisory_lock_shared_int8||
    2884|pg_advisory_unlock|int8|bool|fvs|pg_advisory_unlock_int8||
    2885|pg_advisory_unlock_shared|int8|bool|fvs|pg_advisory_unlock_shared_int8||
    2886|pg_advisory_lock|int4 int4|void|fvs|pg_advisory_lock_int4||
    2887|pg_advisory_lock_shared|int4 int4|void|fvs|pg_advisory_lock_shared_int4||
    2888|pg_try_advisory_lock|int4 int4|bool|fvs|pg_try_advisory_lock_int4||
    2889|pg_try_advisory_lock_shared|int4 int4|bool|fvs|pg_try_advisory_lock_shared_int4||
    2890|pg_advisory_unlock|int4 int4|bool|fvs|pg_advisory_unlock_int4||
    2891|pg_advisory_unlock_shared|int4 int4|bool|fvs|pg_advisory_unlock_shared_int4||
    2892|pg_advisory_unlock_all||void|fvs|pg_advisory_unlock_all||
    2922|text|xml|text|fis|xmltotext||
    2943|txid_current||int8|fss|pg_current_xact_id||
    2954|uuid_lt|uuid uuid|bool|fis|uuid_lt||
    2955|uuid_le|uuid uuid|bool|fis|uuid_le||
    2956|uuid_eq|uuid uuid|bool|fis|uuid_eq||
    2957|uuid_ge|uuid uuid|bool|fis|uuid_ge||
    2958|uuid_gt|uuid uuid|bool|fis|uuid_gt||
    2959|uuid_ne|uuid uuid|bool|fis|uuid_ne||
    2960|uuid_cmp|uuid uuid|int4|fis|uuid_cmp||
    2971|text|bool|text|fis|booltext||
    2981|record_eq|record record|bool|fis|record_eq||
    2982|record_ne|record record|bool|fis|record_ne||
    2983|record_lt|record record|bool|fis|record_lt||
    2984|record_gt|record record|bool|fis|record_gt||
    2985|record_le|record record|bool|fis|record_le||
    2986|record_ge|record record|bool|fis|record_ge||
    2997|pg_table_size|regclass|int8|fvs|pg_table_size||
    2998|pg_indexes_size|regclass|int8|fvs|pg_indexes_size||
    2999|pg_relation_filenode|regclass|oid|fss|pg_relation_filenode||
    3000|has_foreign_data_wrapper_privilege|name text text|bool|fss|has_foreign_data_wrapper_privilege_name_name||
    3001|has_foreign_data_wrapper_privilege|name oid text|bool|fss|has_foreign_data_wrapper_privilege_name_id||
    3002|has_foreign_data_wrapper_privilege|oid text text|bool|fss|has_foreign_data_wrapper_privilege_id_name||
    3003|has_foreign_data_wrapper_privilege|oid oid text|bool|fss|has_foreign_data_wrapper_privilege_id_id||
    3004|has_foreign_data_wrapper_privilege|text text|bool|fss|has_foreign_data_wrapper_privilege_name||
    3005|has_foreign_data_wrapper_privilege|oid text|bool|fss|has_foreign_data_wrapper_privilege_id||
    3006|has_server_privilege|name text text|bool|fss|has_server_privilege_name_name||
    3007|has_server_privilege|name oid text|bool|fss|has_server_privilege_name_id||
    3008|has_server_privilege|oid text text|bool|fss|has_server_privilege_id_name||
    3009|has_server_privilege|oid oid text|bool|fss|has_server_privilege_id_id||
    3010|has_server_privilege|text text|bool|fss|has_server_privilege_name||
    3011|has_server_privilege|oid text|bool|fss|has_server_privilege_id||
    3012|has_column_privilege|name text text text|bool|fss|has_column_privilege_name_name_name||
    3013|has_column_privilege|name text int2 text|bool|fss|has_column_privilege_name_name_attnum||
    3014|has_column_privilege|name oid text text|bool|fss|has_column_privilege_name_id_name||
    3015|has_column_privilege|name oid int2 text|bool|fss|has_column_privilege_name_id_attnum||
    3016|has_column_privilege|oid text text text|bool|fss|has_column_privilege_id_name_name||
    3017|has_column_privilege|oid text int2 text|bool|fss|has_column_privilege_id_name_attnum||
    3018|has_column_privilege|oid oid text text|bool|fss|has_column_privilege_id_id_name||
    3019|has_column_privilege|oid oid int2 text|bool|fss|has_column_privilege_id_id_attnum||
    3020|has_column_privilege|text text text|bool|fss|has_column_privilege_name_name||
    3021|has_column_privilege|text int2 text|bool|fss|has_column_privilege_name_attnum||
    3022|has_column_privilege|oid text text|bool|fss|has_column_privilege_id_name||
    3023|has_column_privilege|oid int2 text|bool|fss|has_column_privilege_id_attnum||
    3024|has_any_column_privilege|name text text|bool|fss|has_any_column_privilege_name_name||
    3025|has_any_column_privilege|name oid text|bool|fss|has_any_column_privilege_name_id||
    3026|has_any_column_privilege|oid text text|bool|fss|has_any_column_privilege_id_name||
    3027|has_any_column_privilege|oid oid text|bool|fss|has_any_column_privilege_id_id||
    3028|has_any_column_privilege|text text|bool|fss|has_any_column_privilege_name||
    3029|has_any_column_privilege|oid text|bool|fss|has_any_column_privilege_id||
    3034|pg_relation_filepath|regclass|text|fss|pg_relation_filepath||
    3035|pg_listening_channels||text|fssr|pg_listening_channels||
    3036|pg_notify|text text|void|fv|pg_notify||
    3058|concat|any|text|fsv|text_concat||
    3059|concat_ws|text any|text|fsv|text_concat_ws||
    3060|left|text int4|text|fis|text_left||
    3061|right|text int4|text|fis|text_right||
    3062|reverse|text|text|fis|text_reverse||
    3073|pg_is_wal_replay_paused||bool|fvs|pg_is_wal_replay_paused||
    3078|pg_sequence_parameters|oid|record|fss|pg_sequence_parameters||start_value:int8 minimum_value:int8 maximum_value:int8 increment:int8 cycle_option:bool cache_size:int8 data_type:oid
    3082|pg_available_extensions||record|fssr|pg_available_extensions||name:name default_version:text comment:text
    3083|pg_available_extension_versions||record|fssr|pg_available_extension_versions||name:name version:text superuser:bool trusted:bool relocatable:bool schema:name requires:_name comment:text
    3084|pg_extension_update_paths|name|record|fssr|pg_extension_update_paths||source:text target:text path:text
    3089|pg_advisory_xact_lock|int8|void|fvs|pg_advisory_xact_lock_int8||
    3090|pg_advisory_xact_lock_shared|int8|void|fvs|pg_advisory_xact_lock_shared_int8||
    3091|pg_try_advisory_xact_lock|int8|bool|fvs|pg_try_advisory_xact_lock_int8||
    3092|pg_try_advisory_xact_lock_shared|int8|bool|fvs|pg_try_advisory_xact_lock_shared_int8||
    3093|pg_advisory_xact_lock|int4 int4|void|fvs|pg_advisory_xact_lock_int4||
    3094|pg_advisory_xact_lock_shared|int4 int4|void|fvs|pg_advisory_xact_lock_shared_int4||
    3095|pg_try_advisory_xact_lock|int4 int4|bool|fvs|pg_try_advisory_xact_lock_int4||
    3096|pg_try_advisory_xact_lock_shared|int4 int4|bool|fvs|pg_try_advisory_xact_lock_shared_int4||
    3100|row_number||int8|wi|window_row_number||
    3101|rank||int8|wi|window_rank||
    3102|dense_rank||int8|wi|window_dense_rank||
    3103|percent_rank||float8|wi|window_percent_rank||
    3104|cume_dist||float8|wi|window_cume_dist||
    3105|ntile|int4|int4|wis|window_ntile||
    3106|lag|anyelement|anyelement|wis|window_lag||
    3107|lag|anyelement int4|anyelement|wis|window_lag_with_offset||
    3108|lag|anycompatible int4 anycompatible|anycompatible|wis|window_lag_with_offset_and_default||
    3109|lead|anyelement|anyelement|wis|window_lead||
    3110|lead|anyelement int4|anyelement|wis|window_lead_with_offset||
    3111|lead|anycompatible int4 anycompatible|anycompatible|wis|window_lead_with_offset_and_default||
    3112|first_value|anyelement|anyelement|wis|window_first_value||
    3113|last_value|anyelement|anyelement|wis|window_last_value||
    3114|nth_value|anyelement int4|anyelement|wis|window_nth_value||
    3138|has_type_privilege|name text text|bool|fss|has_type_privilege_name_name||
    3139|has_type_privilege|name oid text|bool|fss|has_type_privilege_name_id||
    3140|has_type_privilege|oid text text|bool|fss|has_type_privilege_id_name||
    3141|has_type_privilege|oid oid text|bool|fss|has_type_privilege_id_id||
    3142|has_type_privilege|text text|bool|fss|has_type_privilege_name||
    3143|has_type_privilege|oid text|bool|fss|has_type_privilege_id||
    3153|array_to_json|anyarray|json|fss|array_to_json||
    3155|row_to_json|record|json|fss|row_to_json||
    3159|pg_get_viewdef|oid int4|text|fss|pg_get_viewdef_wrap||
    3162|pg_collation_for|any|text|fs|pg_collation_for||
    3163|pg_trigger_depth||int4|fss|pg_trigger_depth||
    3167|array_remove|anycompatiblearray anycompatible|anycompatiblearray|fi|array_remove||
    3168|array_replace|anycompatiblearray anycompatible anycompatible|anycompatiblearray|fi|array_replace||
    3175|json_agg|anyelement|json|as|agg json_agg(anyelement)||
    3176|to_json|anyelement|json|fss|to_json||
    3179|cardinality|anyarray|int4|fis|array_cardinality||
    3181|record_image_eq|record record|bool|fis|record_image_eq||
    3182|record_image_ne|record record|bool|fis|record_image_ne||
    3183|record_image_lt|record record|bool|fis|record_image_lt||
    3184|record_image_gt|record record|bool|fis|record_image_gt||
    """#
}
