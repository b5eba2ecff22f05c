/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions4 = #"""
    3830|pg_last_xact_replay_timestamp||timestamptz|fvs|pg_last_xact_replay_timestamp||
    3839|pg_identify_object|oid oid int4|record|fss|pg_identify_object||type:text schema:text name:text identity:text
    3842|pg_relation_is_updatable|regclass bool|int4|fss|pg_relation_is_updatable||
    3843|pg_column_is_updatable|regclass int2 bool|bool|fss|pg_column_is_updatable||
    3846|make_date|int4 int4 int4|date|fis|make_date||
    3847|make_time|int4 int4 float8|time|fis|make_time||
    3922|int4range_subdiff|int4 int4|float8|fis|int4range_subdiff||
    3923|int8range_subdiff|int8 int8|float8|fis|int8range_subdiff||
    3924|numrange_subdiff|numeric numeric|float8|fis|numrange_subdiff||
    3925|daterange_subdiff|date date|float8|fis|daterange_subdiff||
    3929|tsrange_subdiff|timestamp timestamp|float8|fis|tsrange_subdiff||
    3930|tstzrange_subdiff|timestamptz timestamptz|float8|fis|tstzrange_subdiff||
    3931|jsonb_object_keys|jsonb|text|fisr|jsonb_object_keys||
    3932|jsonb_each_text|jsonb|record|fisr|jsonb_each_text||key:text value:text
    3935|pg_sleep_for|interval|void|fvs|sql pg_sleep_for(interval)||
    3936|pg_sleep_until|timestamptz|void|fvs|sql pg_sleep_until(timestamptz)||
    3939|mxid_age|xid|int4|fss|mxid_age||
    3940|jsonb_extract_path_text|jsonb _text|text|fisv|jsonb_extract_path_text||
    3947|json_object_field|json text|json|fis|json_object_field||
    3948|json_object_field_text|json text|text|fis|json_object_field_text||
    3949|json_array_element|json int4|json|fis|json_array_element||
    3950|json_array_element_text|json int4|text|fis|json_array_element_text||
    3951|json_extract_path|json _text|json|fisv|json_extract_path||
    3952|brin_summarize_new_values|regclass|int4|fvs|brin_summarize_new_values||
    3953|json_extract_path_text|json _text|text|fisv|json_extract_path_text||
    3954|pg_get_object_address|text _text _text|record|fss|pg_get_object_address||classid:oid objid:oid objsubid:int4
    3955|json_array_elements|json|json|fisr|json_array_elements||value:json
    3956|json_array_length|json|int4|fis|json_array_length||
    3957|json_object_keys|json|text|fisr|json_object_keys||
    3958|json_each|json|record|fisr|json_each||key:text value:json
    3959|json_each_text|json|record|fisr|json_each_text||key:text value:text
    3960|json_populate_record|anyelement json bool|anyelement|fs|json_populate_record|false|
    3961|json_populate_recordset|anyelement json bool|anyelement|fsr|json_populate_recordset|false|
    3968|json_typeof|json|text|fis|json_typeof||
    3969|json_array_elements_text|json|text|fisr|json_array_elements_text||value:text
    3972|percentile_disc|float8 anyelement|anyelement|ai|agg percentile_disc(float8 anyelement)||
    3974|percentile_cont|float8 float8|float8|ai|agg percentile_cont(float8 float8)||
    3976|percentile_cont|float8 interval|interval|ai|agg percentile_cont(float8 interval)||
    3978|percentile_disc|_float8 anyelement|anyarray|ai|agg percentile_disc(_float8 anyelement)||
    3980|percentile_cont|_float8 float8|_float8|ai|agg percentile_cont(_float8 float8)||
    3982|percentile_cont|_float8 interval|_interval|ai|agg percentile_cont(_float8 interval)||
    3984|mode|anyelement|anyelement|ai|agg mode(anyelement)||
    3986|rank|any|int8|aiv|agg rank(any)||
    3988|percent_rank|any|float8|aiv|agg percent_rank(any)||
    3990|cume_dist|any|float8|aiv|agg cume_dist(any)||
    3992|dense_rank|any|int8|aiv|agg dense_rank(any)||
    3999|brin_summarize_range|regclass int8|int4|fvs|brin_summarize_range||
    4014|brin_desummarize_range|regclass int8|void|fvs|brin_desummarize_range||
    4032|pg_sequence_last_value|regclass|int8|fvs|pg_sequence_last_value||
    4038|jsonb_ne|jsonb jsonb|bool|fis|jsonb_ne||
    4039|jsonb_lt|jsonb jsonb|bool|fis|jsonb_lt||
    4040|jsonb_gt|jsonb jsonb|bool|fis|jsonb_gt||
    4041|jsonb_le|jsonb jsonb|bool|fis|jsonb_le||
    4042|jsonb_ge|jsonb jsonb|bool|fis|jsonb_ge||
    4043|jsonb_eq|jsonb jsonb|bool|fis|jsonb_eq||
    4044|jsonb_cmp|jsonb jsonb|int4|fis|jsonb_cmp||
    4045|jsonb_hash|jsonb|int4|fis|jsonb_hash||
    4046|jsonb_contains|jsonb jsonb|bool|fis|jsonb_contains||
    4047|jsonb_exists|jsonb text|bool|fis|jsonb_exists||
    4048|jsonb_exists_any|jsonb _text|bool|fis|jsonb_exists_any||
    4049|jsonb_exists_all|jsonb _text|bool|fis|jsonb_exists_all||
    4050|jsonb_contained|jsonb jsonb|bool|fis|jsonb_contained||
    4053|array_agg|anyarray|anyarray|ai|agg array_agg(anyarray)||
    4063|inet_merge|inet inet|cidr|fis|inet_merge||
    4071|inet_same_family|inet inet|bool|fis|inet_same_family||
    4083|binary_upgrade_set_record_init_privs|bool|void|fvs|binary_upgrade_set_record_init_privs||
    4086|to_regnamespace|text|regnamespace|fss|to_regnamespace||
    4088|regnamespacesend|regnamespace|bytea|fis|regnamespacesend||
    4093|to_regrole|text|regrole|fss|to_regrole||
    4095|regrolesend|regrole|bytea|fis|regrolesend||
    4099|pg_rotate_logfile_old||bool|fvs|pg_rotate_logfile||
    4100|pg_read_file_old|text int8 int8|text|fvs|pg_read_file||
    4101|binary_upgrade_set_missing_value|oid text text|void|fvs|binary_upgrade_set_missing_value||
    4126|in_range|int8 int8 int8 bool bool|bool|fis|in_range_int8_int8||
    4127|in_range|int4 int4 int8 bool bool|bool|fis|in_range_int4_int8||
    4128|in_range|int4 int4 int4 bool bool|bool|fis|in_range_int4_int4||
    4129|in_range|int4 int4 int2 bool bool|bool|fis|in_range_int4_int2||
    4130|in_range|int2 int2 int8 bool bool|bool|fis|in_range_int2_int8||
    4131|in_range|int2 int2 int4 bool bool|bool|fis|in_range_int2_int4||
    4132|in_range|int2 int2 int2 bool bool|bool|fis|in_range_int2_int2||
    4133|in_range|date date interval bool bool|bool|fis|in_range_date_interval||
    4134|in_range|timestamp timestamp interval bool bool|bool|fis|in_range_timestamp_interval||
    4135|in_range|timestamptz timestamptz interval bool bool|bool|fss|in_range_timestamptz_interval||
    4136|in_range|interval interval interval bool bool|bool|fis|in_range_interval_interval||
    4137|in_range|time time interval bool bool|bool|fis|in_range_time_interval||
    4138|in_range|timetz timetz interval bool bool|bool|fis|in_range_timetz_interval||
    4139|in_range|float8 float8 float8 bool bool|bool|fis|in_range_float8_float8||
    4140|in_range|float4 float4 float8 bool bool|bool|fis|in_range_float4_float8||
    4141|in_range|numeric numeric numeric bool bool|bool|fis|in_range_numeric_numeric||
    4195|to_regcollation|text|regcollation|fss|to_regcollation||
    4197|regcollationsend|regcollation|bytea|fis|regcollationsend||
    4350|normalize|text text|text|fis|unicode_normalize_func|NFC|
    4351|is_normalized|text text|bool|fis|unicode_is_normalized|NFC|
    4390|binary_upgrade_set_next_multirange_pg_type_oid|oid|void|fvs|binary_upgrade_set_next_multirange_pg_type_oid||
    4391|binary_upgrade_set_next_multirange_array_pg_type_oid|oid|void|fvs|binary_upgrade_set_next_multirange_array_pg_type_oid||
    4543|pg_log_backend_memory_contexts|int4|bool|fvs|pg_log_backend_memory_contexts||
    4545|binary_upgrade_set_next_heap_relfilenode|oid|void|fvs|binary_upgrade_set_next_heap_relfilenode||
    4546|binary_upgrade_set_next_index_relfilenode|oid|void|fvs|binary_upgrade_set_next_index_relfilenode||
    4547|binary_upgrade_set_next_toast_relfilenode|oid|void|fvs|binary_upgrade_set_next_toast_relfilenode||
    4548|binary_upgrade_set_next_pg_tablespace_oid|oid|void|fvs|binary_upgrade_set_next_pg_tablespace_oid||
    4566|pg_event_trigger_table_rewrite_oid||oid|fss|pg_event_trigger_table_rewrite_oid||oid:oid
    4567|pg_event_trigger_table_rewrite_reason||int4|fss|pg_event_trigger_table_rewrite_reason||
    5028|satisfies_hash_partition|oid int4 int4 any|bool|fiv|satisfies_hash_partition||
    5029|pg_ls_tmpdir||record|fvsr|pg_ls_tmpdir_noargs||name:text size:int8 modification:timestamptz
    5030|pg_ls_tmpdir|oid|record|fvsr|pg_ls_tmpdir_1arg||name:text size:int8 modification:timestamptz
    5031|pg_ls_archive_statusdir||record|fvsr|pg_ls_archive_statusdir||name:text size:int8 modification:timestamptz
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
    5050|btvarstrequalimage|oid|bool|fis|btvarstrequalimage||
    5051|btequalimage|oid|bool|fis|btequalimage||
    5052|pg_get_shmem_allocations||record|fvsr|pg_get_shmem_allocations||name:text off:int8 size:int8 allocated_size:int8
    5053|pg_stat_get_ins_since_vacuum|oid|int8|fss|pg_stat_get_ins_since_vacuum||
    5054|jsonb_set_lax|jsonb _text jsonb bool text|jsonb|fi|jsonb_set_lax|true use_json_null|
    5059|pg_current_xact_id||xid8|fss|pg_current_xact_id||
    5060|pg_current_xact_id_if_assigned||xid8|fss|pg_current_xact_id_if_assigned||
    5066|pg_xact_status|xid8|text|fvs|pg_xact_status||
    5071|xid|xid8|xid|fis|xid8toxid||
    5083|xid8send|xid8|bytea|fis|xid8send||
    5084|xid8eq|xid8 xid8|bool|fis|xid8eq||
    5085|xid8ne|xid8 xid8|bool|fis|xid8ne||
    5096|xid8cmp|xid8 xid8|int4|fis|xid8cmp||
    5097|xid8_larger|xid8 xid8|xid8|fis|xid8_larger||
    5098|xid8_smaller|xid8 xid8|xid8|fis|xid8_smaller||
    5099|max|xid8|xid8|ai|agg max(xid8)||
    5100|min|xid8|xid8|ai|agg min(xid8)||
    6003|pg_replication_origin_create|text|oid|fvs|pg_replication_origin_create||
    6004|pg_replication_origin_drop|text|void|fvs|pg_replication_origin_drop||
    6005|pg_replication_origin_oid|text|oid|fss|pg_replication_origin_oid||
    6006|pg_replication_origin_session_setup|text|void|fvs|pg_replication_origin_session_setup||
    6007|pg_replication_origin_session_reset||void|fvs|pg_replication_origin_session_reset||
    6008|pg_replication_origin_session_is_setup||bool|fvs|pg_replication_origin_session_is_setup||
    6011|pg_replication_origin_xact_reset||void|fvs|pg_replication_origin_xact_reset||
    6119|pg_get_publication_tables|text|record|fssr|pg_get_publication_tables||relid:oid attrs:int2vector qual:pg_node_tree
    6120|pg_get_replica_identity_index|regclass|regclass|fss|pg_get_replica_identity_index||
    6121|pg_relation_is_publishable|regclass|bool|fss|pg_relation_is_publishable||
    6159|pg_get_catalog_foreign_keys||record|fssr|pg_get_catalog_foreign_keys||fktable:regclass fkcols:_text pktable:regclass pkcols:_text is_array:bool is_opt:bool
    6160|string_to_table|text text|text|fir|text_to_table||
    6161|string_to_table|text text text|text|fir|text_to_table_null||
    6163|bit_count|bytea|int8|fis|bytea_bit_count||
    6164|bit_xor|int2|int2|ai|agg bit_xor(int2)||
    6165|bit_xor|int4|int4|ai|agg bit_xor(int4)||
    6166|bit_xor|int8|int8|ai|agg bit_xor(int8)||
    6168|pg_xact_commit_timestamp_origin|xid|record|fvs|pg_xact_commit_timestamp_origin||timestamp:timestamptz roident:oid
    6169|pg_stat_get_replication_slot|text|record|fss|pg_stat_get_replication_slot||slot_name:text spill_txns:int8 spill_count:int8 spill_bytes:int8 stream_txns:int8 stream_count:int8 stream_bytes:int8 total_txns:int8 total_bytes:int8 stats_reset:timestamptz
    6170|pg_stat_reset_replication_slot|text|void|fv|pg_stat_reset_replication_slot||
    6172|trim_array|anyarray int4|anyarray|fis|trim_array||
    6173|pg_get_statisticsobjdef_expressions|oid|_text|fss|pg_get_statisticsobjdef_expressions||
    6174|pg_get_statisticsobjdef_columns|oid|text|fss|pg_get_statisticsobjdef_columns||
    6177|date_bin|interval timestamp timestamp|timestamp|fis|timestamp_bin||
    6178|date_bin|interval timestamptz timestamptz|timestamptz|fis|timestamptz_bin||
    6185|pg_stat_get_db_session_time|oid|float8|fss|pg_stat_get_db_session_time||
    6186|pg_stat_get_db_active_time|oid|float8|fss|pg_stat_get_db_active_time||
    6187|pg_stat_get_db_idle_in_transaction_time|oid|float8|fss|pg_stat_get_db_idle_in_transaction_time||
    6188|pg_stat_get_db_sessions|oid|int8|fss|pg_stat_get_db_sessions||
    6189|pg_stat_get_db_sessions_abandoned|oid|int8|fss|pg_stat_get_db_sessions_abandoned||
    6190|pg_stat_get_db_sessions_fatal|oid|int8|fss|pg_stat_get_db_sessions_fatal||
    6191|pg_stat_get_db_sessions_killed|oid|int8|fss|pg_stat_get_db_sessions_killed||
    6192|hash_record|record|int4|fis|hash_record||
    6193|hash_record_extended|record int8|int8|fis|hash_record_extended||
    6195|ltrim|bytea bytea|bytea|fis|bytealtrim||
    6196|rtrim|bytea bytea|bytea|fis|byteartrim||
    6197|pg_get_function_sqlbody|oid|text|fss|pg_get_function_sqlbody||
    6198|unistr|text|text|fis|unistr||
    6199|extract|text date|numeric|fis|extract_date||
    6200|extract|text time|numeric|fis|extract_time||
    6201|extract|text timetz|numeric|fis|extract_timetz||
    6202|extract|text timestamp|numeric|fis|extract_timestamp||
    6203|extract|text timestamptz|numeric|fss|extract_timestamptz||
    6204|extract|text interval|numeric|fis|extract_interval||
    6205|has_parameter_privilege|name text text|bool|fss|has_parameter_privilege_name_name||
    6206|has_parameter_privilege|oid text text|bool|fss|has_parameter_privilege_id_name||
    6207|has_parameter_privilege|text text|bool|fss|has_parameter_privilege_name||
    6224|pg_get_wal_resource_managers||record|fvsr|pg_get_wal_resource_managers||rm_id:int4 rm_name:text rm_builtin:bool
    6230|pg_stat_have_stats|text oid oid|bool|fvs|pg_stat_have_stats||
    6231|pg_stat_get_subscription_stats|oid|record|fss|pg_stat_get_subscription_stats||subid:oid apply_error_count:int8 sync_error_count:int8 stats_reset:timestamptz
    6232|pg_stat_reset_subscription_stats|oid|void|fv|pg_stat_reset_subscription_stats||
    6240|pg_settings_get_flags|text|_text|fss|pg_settings_get_flags||
    6241|pg_stop_making_pinned_objects||void|fvs|pg_stop_making_pinned_objects||
    6248|pg_stat_get_recovery_prefetch||record|fvsr|pg_stat_get_recovery_prefetch||stats_reset:timestamptz prefetch:int8 hit:int8 skip_init:int8 skip_new:int8 skip_fpw:int8 skip_rep:int8 wal_distance:int4 block_distance:int4 io_depth:int4
    6249|pg_database_collation_actual_version|oid|text|fvs|pg_database_collation_actual_version||
    6250|pg_ident_file_mappings||record|fvsr|pg_ident_file_mappings||line_number:int4 map_name:text sys_name:text pg_username:text error:text
    6251|regexp_replace|text text text int4 int4 text|text|fis|textregexreplace_extended||
    6252|regexp_replace|text text text int4 int4|text|fis|textregexreplace_extended_no_flags||
    6253|regexp_replace|text text text int4|text|fis|textregexreplace_extended_no_n||
    6254|regexp_count|text text|int4|fis|regexp_count_no_start||
    6255|regexp_count|text text int4|int4|fis|regexp_count_no_flags||
    6256|regexp_count|text text int4 text|int4|fis|regexp_count||
    6257|regexp_instr|text text|int4|fis|regexp_instr_no_start||
    6258|regexp_instr|text text int4|int4|fis|regexp_instr_no_n||
    6259|regexp_instr|text text int4 int4|int4|fis|regexp_instr_no_endoption||
    6260|regexp_instr|text text int4 int4 int4|int4|fis|regexp_instr_no_flags||
    6261|regexp_instr|text text int4 int4 int4 text|int4|fis|regexp_instr_no_subexpr||
    6262|regexp_instr|text text int4 int4 int4 text int4|int4|fis|regexp_instr||
    6263|regexp_like|text text|bool|fis|regexp_like_no_flags||
    6264|regexp_like|text text text|bool|fis|regexp_like||
    6265|regexp_substr|text text|text|fis|regexp_substr_no_start||
    6266|regexp_substr|text text int4|text|fis|regexp_substr_no_n||
    6267|regexp_substr|text text int4 int4|text|fis|regexp_substr_no_flags||
    6268|regexp_substr|text text int4 int4 text|text|fis|regexp_substr_no_subexpr||
    6269|regexp_substr|text text int4 int4 text int4|text|fis|regexp_substr||
    6270|pg_ls_logicalsnapdir||record|fvsr|pg_ls_logicalsnapdir||name:text size:int8 modification:timestamptz
    6271|pg_ls_logicalmapdir||record|fvsr|pg_ls_logicalmapdir||name:text size:int8 modification:timestamptz
    6272|pg_ls_replslotdir|text|record|fvsr|pg_ls_replslotdir||name:text size:int8 modification:timestamptz
    13208|_pg_expandarray|anyarray|record|fisr|sql _pg_expandarray(anyarray)||n:anyelement column3:int4
    13562|plpgsql_validator|oid|void|fvs|plpgsql_validator||
    """#
}
