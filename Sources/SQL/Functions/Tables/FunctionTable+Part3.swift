/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions3 = #"""
    3185|record_image_le|record record|bool|fis|record_image_le||
    3186|record_image_ge|record record|bool|fis|record_image_ge||
    3197|json_object_agg|any any|json|as|agg json_object_agg(any any)||
    3198|json_build_array|any|json|fsv|json_build_array||
    3199|json_build_array||json|fs|json_build_array_noargs||
    3200|json_build_object|any|json|fsv|json_build_object||
    3201|json_build_object||json|fs|json_build_object_noargs||
    3202|json_object|_text|json|fis|json_object||
    3207|jsonb_array_length|jsonb|int4|fis|jsonb_array_length||
    3208|jsonb_each|jsonb|record|fisr|jsonb_each||key:text value:jsonb
    3210|jsonb_typeof|jsonb|text|fis|jsonb_typeof||
    3214|jsonb_object_field_text|jsonb text|text|fis|jsonb_object_field_text||
    3215|jsonb_array_element|jsonb int4|jsonb|fis|jsonb_array_element||
    3216|jsonb_array_element_text|jsonb int4|text|fis|jsonb_array_element_text||
    3217|jsonb_extract_path|jsonb _text|jsonb|fisv|jsonb_extract_path||
    3219|jsonb_array_elements|jsonb|jsonb|fisr|jsonb_array_elements||value:jsonb
    3259|generate_series|numeric numeric numeric|numeric|fisr|generate_series_step_numeric||
    3260|generate_series|numeric numeric|numeric|fisr|generate_series_numeric||
    3262|jsonb_strip_nulls|jsonb|jsonb|fis|jsonb_strip_nulls||
    3263|jsonb_object|_text|jsonb|fis|jsonb_object||
    3267|jsonb_agg|anyelement|jsonb|as|agg jsonb_agg(anyelement)||
    3270|jsonb_object_agg|any any|jsonb|ai|agg jsonb_object_agg(any any)||
    3271|jsonb_build_array|any|jsonb|fsv|jsonb_build_array||
    3272|jsonb_build_array||jsonb|fs|jsonb_build_array_noargs||
    3273|jsonb_build_object|any|jsonb|fsv|jsonb_build_object||
    3274|jsonb_build_object||jsonb|fs|jsonb_build_object_noargs||
    3277|array_position|anycompatiblearray anycompatible|int4|fi|array_position||
    3278|array_position|anycompatiblearray anycompatible int4|int4|fi|array_position_start||
    3279|array_positions|anycompatiblearray anycompatible|_int4|fi|array_positions||
    3281|scale|numeric|int4|fis|numeric_scale||
    3294|current_setting|text bool|text|fss|show_config_by_name_missing_ok||
    3296|pg_notification_queue_usage||float8|fvs|pg_notification_queue_usage||
    3298|row_security_active|oid|bool|fss|row_security_active||
    3299|row_security_active|text|bool|fss|row_security_active_name||
    3301|jsonb_concat|jsonb jsonb|jsonb|fis|jsonb_concat||
    3302|jsonb_delete|jsonb text|jsonb|fis|jsonb_delete||
    3303|jsonb_delete|jsonb int4|jsonb|fis|jsonb_delete_idx||
    3304|jsonb_delete_path|jsonb _text|jsonb|fis|jsonb_delete_path||
    3305|jsonb_set|jsonb _text jsonb bool|jsonb|fis|jsonb_set|true|
    3306|jsonb_pretty|jsonb|text|fis|jsonb_pretty||
    3308|xidneq|xid xid|bool|fis|xidneq||
    3309|xidneqint4|xid int4|bool|fis|xidneq||
    3343|jsonb_delete|jsonb _text|jsonb|fisv|jsonb_delete_array||
    3348|txid_current_if_assigned||int8|fss|pg_current_xact_id_if_assigned||
    3352|pg_get_partkeydef|oid|text|fss|pg_get_partkeydef||
    3360|txid_status|int8|text|fvs|pg_xact_status||
    3396|regexp_match|text text|_text|fis|regexp_match_no_flags||
    3397|regexp_match|text text text|_text|fis|regexp_match||
    3400|pg_config||record|fssr|pg_config||name:text setting:text
    3403|pg_statistics_obj_is_visible|oid|bool|fss|pg_statistics_obj_is_visible||
    3408|pg_get_partition_constraintdef|oid|text|fss|pg_get_partition_constraintdef||
    3415|pg_get_statisticsobjdef|oid|text|fss|pg_get_statisticsobjdef||
    3419|sha224|bytea|bytea|fis|sha224_bytea||
    3420|sha256|bytea|bytea|fis|sha256_bytea||
    3421|sha384|bytea|bytea|fis|sha384_bytea||
    3422|sha512|bytea|bytea|fis|sha512_bytea||
    3423|pg_partition_tree|regclass|record|fvsr|pg_partition_tree||relid:regclass parentrelid:regclass isleaf:bool level:int4
    3424|pg_partition_root|regclass|regclass|fis|pg_partition_root||
    3425|pg_partition_ancestors|regclass|regclass|fvsr|pg_partition_ancestors||relid:regclass
    3432|gen_random_uuid||uuid|fvs|gen_random_uuid||
    3448|pg_collation_actual_version|oid|text|fvs|pg_collation_actual_version||
    3449|numeric|jsonb|numeric|fis|jsonb_numeric||
    3450|int2|jsonb|int2|fis|jsonb_int2||
    3451|int4|jsonb|int4|fis|jsonb_int4||
    3452|int8|jsonb|int8|fis|jsonb_int8||
    3453|float4|jsonb|float4|fis|jsonb_float4||
    3454|pg_filenode_relation|oid oid|regclass|fss|pg_filenode_relation||
    3461|make_timestamp|int4 int4 int4 int4 int4 float8|timestamp|fis|make_timestamp||
    3462|make_timestamptz|int4 int4 int4 int4 int4 float8|timestamptz|fss|make_timestamptz||
    3464|make_interval|int4 int4 int4 int4 int4 int4 float8|interval|fis|make_interval|0 0 0 0 0 0 0.0|
    3465|jsonb_array_elements_text|jsonb|text|fisr|jsonb_array_elements_text||value:text
    3476|to_regoperator|text|regoperator|fss|to_regoperator||
    3478|jsonb_object_field|jsonb text|jsonb|fis|jsonb_object_field||
    3479|to_regprocedure|text|regprocedure|fss|to_regprocedure||
    3492|to_regoper|text|regoper|fss|to_regoper||
    3493|to_regtype|text|regtype|fss|to_regtype||
    3494|to_regproc|text|regproc|fss|to_regproc||
    3495|to_regclass|text|regclass|fss|to_regclass||
    3508|enum_eq|anyenum anyenum|bool|fis|enum_eq||
    3509|enum_ne|anyenum anyenum|bool|fis|enum_ne||
    3510|enum_lt|anyenum anyenum|bool|fis|enum_lt||
    3511|enum_gt|anyenum anyenum|bool|fis|enum_gt||
    3512|enum_le|anyenum anyenum|bool|fis|enum_le||
    3513|enum_ge|anyenum anyenum|bool|fis|enum_ge||
    3526|max|anyenum|anyenum|ai|agg max(anyenum)||
    3527|min|anyenum|anyenum|ai|agg min(anyenum)||
    3537|pg_describe_object|oid oid int4|text|fss|pg_describe_object||
    3538|string_agg|text text|text|ai|agg string_agg(text text)||
    3539|format|text any|text|fsv|text_format||
    3540|format|text|text|fs|text_format_nv||
    3545|string_agg|bytea bytea|bytea|ai|agg string_agg(bytea bytea)||
    3551|network_overlap|inet inet|bool|fis|network_overlap||
    3556|bool|jsonb|bool|fis|jsonb_bool||
    3564|max|inet|inet|ai|agg max(inet)||
    3565|min|inet|inet|ai|agg min(inet)||
    3579|jsonb_insert|jsonb _text jsonb bool|jsonb|fis|jsonb_insert|false|
    3581|pg_xact_commit_timestamp|xid|timestamptz|fvs|pg_xact_commit_timestamp||
    3696|starts_with|text text|bool|fis|text_starts_with||
    3756|pg_ts_parser_is_visible|oid|bool|fss|pg_ts_parser_is_visible||
    3757|pg_ts_dict_is_visible|oid|bool|fss|pg_ts_dict_is_visible||
    3758|pg_ts_config_is_visible|oid|bool|fss|pg_ts_config_is_visible||
    3768|pg_ts_template_is_visible|oid|bool|fss|pg_ts_template_is_visible||
    3778|pg_tablespace_location|oid|text|fss|pg_tablespace_location||
    3787|to_jsonb|anyelement|jsonb|fss|to_jsonb||
    3808|pg_get_function_arg_default|oid int4|text|fss|pg_get_function_arg_default||
    3809|pg_export_snapshot||text|fvs|pg_export_snapshot||
    3810|pg_is_in_recovery||bool|fvs|pg_is_in_recovery||
    3815|pg_collation_is_visible|oid|bool|fss|pg_collation_is_visible||
    3829|pg_opfamily_is_visible|oid|bool|fss|pg_opfamily_is_visible||
    3839|pg_identify_object|oid oid int4|record|fss|pg_identify_object||type:text schema:text name:text identity:text
    3842|pg_relation_is_updatable|regclass bool|int4|fss|pg_relation_is_updatable||
    3843|pg_column_is_updatable|regclass int2 bool|bool|fss|pg_column_is_updatable||
    3846|make_date|int4 int4 int4|date|fis|make_date||
    3847|make_time|int4 int4 float8|time|fis|make_time||
    3931|jsonb_object_keys|jsonb|text|fisr|jsonb_object_keys||
    3932|jsonb_each_text|jsonb|record|fisr|jsonb_each_text||key:text value:text
    3935|pg_sleep_for|interval|void|fvs|sql pg_sleep_for(interval)||
    3936|pg_sleep_until|timestamptz|void|fvs|sql pg_sleep_until(timestamptz)||
    3940|jsonb_extract_path_text|jsonb _text|text|fisv|jsonb_extract_path_text||
    3943|acldefault|char oid|_text|fis|acldefault_sql||
    3947|json_object_field|json text|json|fis|json_object_field||
    3948|json_object_field_text|json text|text|fis|json_object_field_text||
    3949|json_array_element|json int4|json|fis|json_array_element||
    3950|json_array_element_text|json int4|text|fis|json_array_element_text||
    3951|json_extract_path|json _text|json|fisv|json_extract_path||
    3953|json_extract_path_text|json _text|text|fisv|json_extract_path_text||
    3955|json_array_elements|json|json|fisr|json_array_elements||value:json
    3956|json_array_length|json|int4|fis|json_array_length||
    3957|json_object_keys|json|text|fisr|json_object_keys||
    3958|json_each|json|record|fisr|json_each||key:text value:json
    3959|json_each_text|json|record|fisr|json_each_text||key:text value:text
    3968|json_typeof|json|text|fis|json_typeof||
    3969|json_array_elements_text|json|text|fisr|json_array_elements_text||value:text
    3972|percentile_disc|float8 anyelement|anyelement|ai|agg percentile_disc(float8 anyelement)||
    3974|percentile_cont|float8 float8|float8|ai|agg percentile_cont(float8 float8)||
    3984|mode|anyelement|anyelement|ai|agg mode(anyelement)||
    3986|rank|any|int8|aiv|agg rank(any)||
    3988|percent_rank|any|float8|aiv|agg percent_rank(any)||
    3990|cume_dist|any|float8|aiv|agg cume_dist(any)||
    3992|dense_rank|any|int8|aiv|agg dense_rank(any)||
    4032|pg_sequence_last_value|regclass|int8|fvs|pg_sequence_last_value||
    4038|jsonb_ne|jsonb jsonb|bool|fis|jsonb_ne||
    4039|jsonb_lt|jsonb jsonb|bool|fis|jsonb_lt||
    4040|jsonb_gt|jsonb jsonb|bool|fis|jsonb_gt||
    4041|jsonb_le|jsonb jsonb|bool|fis|jsonb_le||
    4042|jsonb_ge|jsonb jsonb|bool|fis|jsonb_ge||
    4043|jsonb_eq|jsonb jsonb|bool|fis|jsonb_eq||
    4044|jsonb_cmp|jsonb jsonb|int4|fis|jsonb_cmp||
    4046|jsonb_contains|jsonb jsonb|bool|fis|jsonb_contains||
    4047|jsonb_exists|jsonb text|bool|fis|jsonb_exists||
    4048|jsonb_exists_any|jsonb _text|bool|fis|jsonb_exists_any||
    4049|jsonb_exists_all|jsonb _text|bool|fis|jsonb_exists_all||
    4050|jsonb_contained|jsonb jsonb|bool|fis|jsonb_contained||
    4053|array_agg|anyarray|anyarray|ai|agg array_agg(anyarray)||
    4086|to_regnamespace|text|regnamespace|fss|to_regnamespace||
    4093|to_regrole|text|regrole|fss|to_regrole||
    4195|to_regcollation|text|regcollation|fss|to_regcollation||
    5034|xid8lt|xid8 xid8|bool|fis|xid8lt||
    5035|xid8gt|xid8 xid8|bool|fis|xid8gt||
    5036|xid8le|xid8 xid8|bool|fis|xid8le||
    5037|xid8ge|xid8 xid8|bool|fis|xid8ge||
    5042|min_scale|numeric|int4|fis|numeric_min_scale||
    5043|trim_scale|numeric|numeric|fis|numeric_trim_scale||
    5044|gcd|int4 int4|int4|fis|int4gcd||
    5045|gcd|int8 int8|int8|fis|int8gcd||
    5046|lcm|int4 int4|int4|fis|int4lcm||
    5047|lcm|int8 int8|int8|fis|int8lcm||
    5048|gcd|numeric numeric|numeric|fis|numeric_gcd||
    5049|lcm|numeric numeric|numeric|fis|numeric_lcm||
    5059|pg_current_xact_id||xid8|fss|pg_current_xact_id||
    5060|pg_current_xact_id_if_assigned||xid8|fss|pg_current_xact_id_if_assigned||
    5071|xid|xid8|xid|fis|xid8toxid||
    5084|xid8eq|xid8 xid8|bool|fis|xid8eq||
    5085|xid8ne|xid8 xid8|bool|fis|xid8ne||
    5099|max|xid8|xid8|ai|agg max(xid8)||
    5100|min|xid8|xid8|ai|agg min(xid8)||
    6119|pg_get_publication_tables|text|record|fssr|pg_get_publication_tables||relid:oid attrs:int2vector qual:pg_node_tree
    6120|pg_get_replica_identity_index|regclass|regclass|fss|pg_get_replica_identity_index||
    6121|pg_relation_is_publishable|regclass|bool|fss|pg_relation_is_publishable||
    6159|pg_get_catalog_foreign_keys||record|fssr|pg_get_catalog_foreign_keys||fktable:regclass fkcols:_text pktable:regclass pkcols:_text is_array:bool is_opt:bool
    6160|string_to_table|text text|text|fir|text_to_table||
    6161|string_to_table|text text text|text|fir|text_to_table_null||
    6164|bit_xor|int2|int2|ai|agg bit_xor(int2)||
    6165|bit_xor|int4|int4|ai|agg bit_xor(int4)||
    6166|bit_xor|int8|int8|ai|agg bit_xor(int8)||
    6172|trim_array|anyarray int4|anyarray|fis|trim_array||
    6173|pg_get_statisticsobjdef_expressions|oid|_text|fss|pg_get_statisticsobjdef_expressions||
    6174|pg_get_statisticsobjdef_columns|oid|text|fss|pg_get_statisticsobjdef_columns||
    6177|date_bin|interval timestamp timestamp|timestamp|fis|timestamp_bin||
    6178|date_bin|interval timestamptz timestamptz|timestamptz|fis|timestamptz_bin||
    6195|ltrim|bytea bytea|bytea|fis|bytealtrim||
    6196|rtrim|bytea bytea|bytea|fis|byteartrim||
    6197|pg_get_function_sqlbody|oid|text|fss|pg_get_function_sqlbody||
    6199|extract|text date|numeric|fis|extract_date||
    6200|extract|text time|numeric|fis|extract_time||
    6201|extract|text timetz|numeric|fis|extract_timetz||
    6202|extract|text timestamp|numeric|fis|extract_timestamp||
    6203|extract|text timestamptz|numeric|fss|extract_timestamptz||
    6204|extract|text interval|numeric|fis|extract_interval||
    6205|has_parameter_privilege|name text text|bool|fss|has_parameter_privilege_name_name||
    6206|has_parameter_privilege|oid text text|bool|fss|has_parameter_privilege_id_name||
    6207|has_parameter_privilege|text text|bool|fss|has_parameter_privilege_name||
    6240|pg_settings_get_flags|text|_text|fss|pg_settings_get_flags||
    6249|pg_database_collation_actual_version|oid|text|fvs|pg_database_collation_actual_version||
    6251|regexp_replace|text text text int4 int4 text|text|fis|textregexreplace_extended||
    6252|regexp_replace|text text text int4 int4|text|fis|textregexreplace_extended_no_flags||
    6253|regexp_replace|text text text int4|text|fis|textregexreplace_extended_no_n||
    6254|regexp_count|text text|int4|fis|regexp_count_no_start||
    6255|regexp_count|text text int4|int4|fis|regexp_count_no_flags||
    6256|regexp_count|text text int4 text|int4|fis|regexp_count||
    6263|regexp_like|text text|bool|fis|regexp_like_no_flags||
    6264|regexp_like|text text text|bool|fis|regexp_like||
    6265|regexp_substr|text text|text|fis|regexp_substr_no_start||
    6266|regexp_substr|text text int4|text|fis|regexp_substr_no_n||
    6267|regexp_substr|text text int4 int4|text|fis|regexp_substr_no_flags||
    6268|regexp_substr|text text int4 int4 text|text|fis|regexp_substr_no_subexpr||
    6269|regexp_substr|text text int4 int4 text int4|text|fis|regexp_substr||
    13208|_pg_expandarray|anyarray|record|fisr|sql _pg_expandarray(anyarray)||x:anyelement n:int4
    """#
}
