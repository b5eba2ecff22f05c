/// Functions, in the order of their oids.
extension FunctionTable {
  static let functions3 = #"""
    2516|boolor_statefunc|bool bool|bool|fis|boolor_statefunc||
    2517|bool_and|bool|bool|ai|agg bool_and(bool)||
    2518|bool_or|bool|bool|ai|agg bool_or(bool)||
    2519|every|bool|bool|ai|agg every(bool)||
    2520|timestamp_lt_timestamptz|timestamp timestamptz|bool|fss|timestamp_lt_timestamptz||
    2521|timestamp_le_timestamptz|timestamp timestamptz|bool|fss|timestamp_le_timestamptz||
    2522|timestamp_eq_timestamptz|timestamp timestamptz|bool|fss|timestamp_eq_timestamptz||
    2523|timestamp_gt_timestamptz|timestamp timestamptz|bool|fss|timestamp_gt_timestamptz||
    2524|timestamp_ge_timestamptz|timestamp timestamptz|bool|fss|timestamp_ge_timestamptz||
    2525|timestamp_ne_timestamptz|timestamp timestamptz|bool|fss|timestamp_ne_timestamptz||
    2526|timestamp_cmp_timestamptz|timestamp timestamptz|int4|fss|timestamp_cmp_timestamptz||
    2527|timestamptz_lt_timestamp|timestamptz timestamp|bool|fss|timestamptz_lt_timestamp||
    2528|timestamptz_le_timestamp|timestamptz timestamp|bool|fss|timestamptz_le_timestamp||
    2529|timestamptz_eq_timestamp|timestamptz timestamp|bool|fss|timestamptz_eq_timestamp||
    2530|timestamptz_gt_timestamp|timestamptz timestamp|bool|fss|timestamptz_gt_timestamp||
    2531|timestamptz_ge_timestamp|timestamptz timestamp|bool|fss|timestamptz_ge_timestamp||
    2532|timestamptz_ne_timestamp|timestamptz timestamp|bool|fss|timestamptz_ne_timestamp||
    2533|timestamptz_cmp_timestamp|timestamptz timestamp|int4|fss|timestamptz_cmp_timestamp||
    2546|interval_pl_date|interval date|timestamp|fis|sql interval_pl_date(interval date)||
    2547|interval_pl_timetz|interval timetz|timetz|fis|sql interval_pl_timetz(interval timetz)||
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
    2614|xmlexists|text xml|bool|fis|xmlexists||
    2621|pg_reload_conf||bool|fvs|pg_reload_conf||
    2622|pg_rotate_logfile||bool|fvs|pg_rotate_logfile_v2||
    2623|pg_stat_file|text|record|fvs|pg_stat_file_1arg||size:int8 access:timestamptz modification:timestamptz change:timestamptz creation:timestamptz isdir:bool
    2624|pg_read_file|text int8 int8|text|fvs|pg_read_file_off_len||
    2625|pg_ls_dir|text|text|fvsr|pg_ls_dir_1arg||
    2626|pg_sleep|float8|void|fvs|pg_sleep||
    2627|inetnot|inet|inet|fis|inetnot||
    2628|inetand|inet inet|inet|fis|inetand||
    2629|inetor|inet inet|inet|fis|inetor||
    2630|inetpl|inet int8|inet|fis|inetpl||
    2631|int8pl_inet|int8 inet|inet|fis|sql int8pl_inet(int8 inet)||
    2632|inetmi_int8|inet int8|inet|fis|inetmi_int8||
    2633|inetmi|inet inet|int8|fis|inetmi||
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
    2731|asind|float8|float8|fis|dasind||
    2732|acosd|float8|float8|fis|dacosd||
    2733|atand|float8|float8|fis|datand||
    2734|atan2d|float8 float8|float8|fis|datan2d||
    2735|sind|float8|float8|fis|dsind||
    2736|cosd|float8|float8|fis|dcosd||
    2737|tand|float8|float8|fis|dtand||
    2738|cotd|float8|float8|fis|dcotd||
    2747|arrayoverlap|anyarray anyarray|bool|fis|arrayoverlap||
    2748|arraycontains|anyarray anyarray|bool|fis|arraycontains||
    2749|arraycontained|anyarray anyarray|bool|fis|arraycontained||
    2758|pg_stat_get_db_tuples_returned|oid|int8|fss|pg_stat_get_db_tuples_returned||
    2759|pg_stat_get_db_tuples_fetched|oid|int8|fss|pg_stat_get_db_tuples_fetched||
    2760|pg_stat_get_db_tuples_inserted|oid|int8|fss|pg_stat_get_db_tuples_inserted||
    2761|pg_stat_get_db_tuples_updated|oid|int8|fss|pg_stat_get_db_tuples_updated||
    2762|pg_stat_get_db_tuples_deleted|oid|int8|fss|pg_stat_get_db_tuples_deleted||
    2763|regexp_matches|text text|_text|fisr|regexp_matches_no_flags||
    2764|regexp_matches|text text text|_text|fisr|regexp_matches||
    2765|regexp_split_to_table|text text|text|fisr|regexp_split_to_table_no_flags||
    2766|regexp_split_to_table|text text text|text|fisr|regexp_split_to_table||
    2767|regexp_split_to_array|text text|_text|fis|regexp_split_to_array_no_flags||
    2768|regexp_split_to_array|text text text|_text|fis|regexp_split_to_array||
    2769|pg_stat_get_bgwriter_timed_checkpoints||int8|fss|pg_stat_get_bgwriter_timed_checkpoints||
    2770|pg_stat_get_bgwriter_requested_checkpoints||int8|fss|pg_stat_get_bgwriter_requested_checkpoints||
    2771|pg_stat_get_bgwriter_buf_written_checkpoints||int8|fss|pg_stat_get_bgwriter_buf_written_checkpoints||
    2772|pg_stat_get_bgwriter_buf_written_clean||int8|fss|pg_stat_get_bgwriter_buf_written_clean||
    2773|pg_stat_get_bgwriter_maxwritten_clean||int8|fss|pg_stat_get_bgwriter_maxwritten_clean||
    2775|pg_stat_get_buf_written_backend||int8|fss|pg_stat_get_buf_written_backend||
    2781|pg_stat_get_last_vacuum_time|oid|timestamptz|fss|pg_stat_get_last_vacuum_time||
    2782|pg_stat_get_last_autovacuum_time|oid|timestamptz|fss|pg_stat_get_last_autovacuum_time||
    2783|pg_stat_get_last_analyze_time|oid|timestamptz|fss|pg_stat_get_last_analyze_time||
    2784|pg_stat_get_last_autoanalyze_time|oid|timestamptz|fss|pg_stat_get_last_autoanalyze_time||
    2788|pg_stat_get_backend_wait_event_type|int4|text|fss|pg_stat_get_backend_wait_event_type||
    2790|tidgt|tid tid|bool|fis|tidgt||
    2791|tidlt|tid tid|bool|fis|tidlt||
    2792|tidge|tid tid|bool|fis|tidge||
    2793|tidle|tid tid|bool|fis|tidle||
    2794|bttidcmp|tid tid|int4|fis|bttidcmp||
    2795|tidlarger|tid tid|tid|fis|tidlarger||
    2796|tidsmaller|tid tid|tid|fis|tidsmaller||
    2797|max|tid|tid|ai|agg max(tid)||
    2798|min|tid|tid|ai|agg min(tid)||
    2803|count||int8|ai|agg count()||
    2804|int8inc_any|int8 any|int8|fis|int8inc_any||
    2805|int8inc_float8_float8|int8 float8 float8|int8|fis|int8inc_float8_float8||
    2806|float8_regr_accum|_float8 float8 float8|_float8|fis|float8_regr_accum||
    2807|float8_regr_sxx|_float8|float8|fis|float8_regr_sxx||
    2808|float8_regr_syy|_float8|float8|fis|float8_regr_syy||
    2809|float8_regr_sxy|_float8|float8|fis|float8_regr_sxy||
    2810|float8_regr_avgx|_float8|float8|fis|float8_regr_avgx||
    2811|float8_regr_avgy|_float8|float8|fis|float8_regr_avgy||
    2812|float8_regr_r2|_float8|float8|fis|float8_regr_r2||
    2813|float8_regr_slope|_float8|float8|fis|float8_regr_slope||
    2814|float8_regr_intercept|_float8|float8|fis|float8_regr_intercept||
    2815|float8_covar_pop|_float8|float8|fis|float8_covar_pop||
    2816|float8_covar_samp|_float8|float8|fis|float8_covar_samp||
    2817|float8_corr|_float8|float8|fis|float8_corr||
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
    2844|pg_stat_get_db_blk_read_time|oid|float8|fss|pg_stat_get_db_blk_read_time||
    2845|pg_stat_get_db_blk_write_time|oid|float8|fss|pg_stat_get_db_blk_write_time||
    2853|pg_stat_get_backend_wait_event|int4|text|fss|pg_stat_get_backend_wait_event||
    2854|pg_my_temp_schema||oid|fss|pg_my_temp_schema||
    2855|pg_is_other_temp_schema|oid|bool|fss|pg_is_other_temp_schema||
    2856|pg_timezone_names||record|fssr|pg_timezone_names||name:text abbrev:text utc_offset:interval is_dst:bool
    2857|pg_stat_get_backend_xact_start|int4|timestamptz|fss|pg_stat_get_backend_xact_start||
    2859|pg_stat_get_buf_alloc||int8|fss|pg_stat_get_buf_alloc||
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
    2895|xmlcomment|text|xml|fis|xmlcomment||
    2896|xml|text|xml|fss|texttoxml||
    2897|xmlvalidate|xml text|bool|fis|xmlvalidate||
    2900|xmlconcat2|xml xml|xml|fi|xmlconcat2||
    2901|xmlagg|xml|xml|ai|agg xmlagg(xml)||
    2922|text|xml|text|fis|xmltotext||
    2923|table_to_xml|regclass bool bool text|xml|fss|table_to_xml||
    2924|query_to_xml|text bool bool text|xml|fvs|query_to_xml||
    2925|cursor_to_xml|refcursor int4 bool bool text|xml|fvs|cursor_to_xml||
    2926|table_to_xmlschema|regclass bool bool text|xml|fss|table_to_xmlschema||
    2927|query_to_xmlschema|text bool bool text|xml|fvs|query_to_xmlschema||
    2928|cursor_to_xmlschema|refcursor bool bool text|xml|fvs|cursor_to_xmlschema||
    2929|table_to_xml_and_xmlschema|regclass bool bool text|xml|fss|table_to_xml_and_xmlschema||
    2930|query_to_xml_and_xmlschema|text bool bool text|xml|fvs|query_to_xml_and_xmlschema||
    2931|xpath|text xml _text|_xml|fis|xpath||
    2932|xpath|text xml|_xml|fis|sql xpath(text xml)||
    2933|schema_to_xml|name bool bool text|xml|fss|schema_to_xml||
    2934|schema_to_xmlschema|name bool bool text|xml|fss|schema_to_xmlschema||
    2935|schema_to_xml_and_xmlschema|name bool bool text|xml|fss|schema_to_xml_and_xmlschema||
    2936|database_to_xml|bool bool text|xml|fss|database_to_xml||
    2937|database_to_xmlschema|bool bool text|xml|fss|database_to_xmlschema||
    2938|database_to_xml_and_xmlschema|bool bool text|xml|fss|database_to_xml_and_xmlschema||
    2943|txid_current||int8|fss|pg_current_xact_id||
    2954|uuid_lt|uuid uuid|bool|fis|uuid_lt||
    2955|uuid_le|uuid uuid|bool|fis|uuid_le||
    2956|uuid_eq|uuid uuid|bool|fis|uuid_eq||
    2957|uuid_ge|uuid uuid|bool|fis|uuid_ge||
    2958|uuid_gt|uuid uuid|bool|fis|uuid_gt||
    2959|uuid_ne|uuid uuid|bool|fis|uuid_ne||
    2960|uuid_cmp|uuid uuid|int4|fis|uuid_cmp||
    2963|uuid_hash|uuid|int4|fis|uuid_hash||
    2971|text|bool|text|fis|booltext||
    2978|pg_stat_get_function_calls|oid|int8|fss|pg_stat_get_function_calls||
    2979|pg_stat_get_function_total_time|oid|float8|fss|pg_stat_get_function_total_time||
    2980|pg_stat_get_function_self_time|oid|float8|fss|pg_stat_get_function_self_time||
    2981|record_eq|record record|bool|fis|record_eq||
    2982|record_ne|record record|bool|fis|record_ne||
    2983|record_lt|record record|bool|fis|record_lt||
    2984|record_gt|record record|bool|fis|record_gt||
    2985|record_le|record record|bool|fis|record_le||
    2986|record_ge|record record|bool|fis|record_ge||
    2987|btrecordcmp|record record|int4|fis|btrecordcmp||
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
    3037|pg_stat_get_xact_numscans|oid|int8|fvs|pg_stat_get_xact_numscans||
    3038|pg_stat_get_xact_tuples_returned|oid|int8|fvs|pg_stat_get_xact_tuples_returned||
    3039|pg_stat_get_xact_tuples_fetched|oid|int8|fvs|pg_stat_get_xact_tuples_fetched||
    3040|pg_stat_get_xact_tuples_inserted|oid|int8|fvs|pg_stat_get_xact_tuples_inserted||
    3041|pg_stat_get_xact_tuples_updated|oid|int8|fvs|pg_stat_get_xact_tuples_updated||
    3042|pg_stat_get_xact_tuples_deleted|oid|int8|fvs|pg_stat_get_xact_tuples_deleted||
    3043|pg_stat_get_xact_tuples_hot_updated|oid|int8|fvs|pg_stat_get_xact_tuples_hot_updated||
    3044|pg_stat_get_xact_blocks_fetched|oid|int8|fvs|pg_stat_get_xact_blocks_fetched||
    3045|pg_stat_get_xact_blocks_hit|oid|int8|fvs|pg_stat_get_xact_blocks_hit||
    3046|pg_stat_get_xact_function_calls|oid|int8|fvs|pg_stat_get_xact_function_calls||
    3047|pg_stat_get_xact_function_total_time|oid|float8|fvs|pg_stat_get_xact_function_total_time||
    3048|pg_stat_get_xact_function_self_time|oid|float8|fvs|pg_stat_get_xact_function_self_time||
    3049|xpath_exists|text xml _text|bool|fis|xpath_exists||
    3050|xpath_exists|text xml|bool|fis|sql xpath_exists(text xml)||
    3051|xml_is_well_formed|text|bool|fss|xml_is_well_formed||
    3052|xml_is_well_formed_document|text|bool|fis|xml_is_well_formed_document||
    3053|xml_is_well_formed_content|text|bool|fis|xml_is_well_formed_content||
    3054|pg_stat_get_vacuum_count|oid|int8|fss|pg_stat_get_vacuum_count||
    3055|pg_stat_get_autovacuum_count|oid|int8|fss|pg_stat_get_autovacuum_count||
    3056|pg_stat_get_analyze_count|oid|int8|fss|pg_stat_get_analyze_count||
    3057|pg_stat_get_autoanalyze_count|oid|int8|fss|pg_stat_get_autoanalyze_count||
    3058|concat|any|text|fsv|text_concat||
    3059|concat_ws|text any|text|fsv|text_concat_ws||
    3060|left|text int4|text|fis|text_left||
    3061|right|text int4|text|fis|text_right||
    3062|reverse|text|text|fis|text_reverse||
    3063|pg_stat_get_buf_fsync_backend||int8|fss|pg_stat_get_buf_fsync_backend||
    3065|pg_stat_get_db_conflict_tablespace|oid|int8|fss|pg_stat_get_db_conflict_tablespace||
    3066|pg_stat_get_db_conflict_lock|oid|int8|fss|pg_stat_get_db_conflict_lock||
    3067|pg_stat_get_db_conflict_snapshot|oid|int8|fss|pg_stat_get_db_conflict_snapshot||
    3068|pg_stat_get_db_conflict_bufferpin|oid|int8|fss|pg_stat_get_db_conflict_bufferpin||
    3069|pg_stat_get_db_conflict_startup_deadlock|oid|int8|fss|pg_stat_get_db_conflict_startup_deadlock||
    3070|pg_stat_get_db_conflict_all|oid|int8|fss|pg_stat_get_db_conflict_all||
    3071|pg_wal_replay_pause||void|fvs|pg_wal_replay_pause||
    3072|pg_wal_replay_resume||void|fvs|pg_wal_replay_resume||
    3073|pg_is_wal_replay_paused||bool|fvs|pg_is_wal_replay_paused||
    3074|pg_stat_get_db_stat_reset_time|oid|timestamptz|fss|pg_stat_get_db_stat_reset_time||
    3075|pg_stat_get_bgwriter_stat_reset_time||timestamptz|fss|pg_stat_get_bgwriter_stat_reset_time||
    3078|pg_sequence_parameters|oid|record|fss|pg_sequence_parameters||start_value:int8 minimum_value:int8 maximum_value:int8 increment:int8 cycle_option:bool cache_size:int8 data_type:oid
    3082|pg_available_extensions||record|fssr|pg_available_extensions||name:name default_version:text comment:text
    3083|pg_available_extension_versions||record|fssr|pg_available_extension_versions||name:name version:text superuser:bool trusted:bool relocatable:bool schema:name requires:_name comment:text
    3084|pg_extension_update_paths|name|record|fssr|pg_extension_update_paths||source:text target:text path:text
    3086|pg_extension_config_dump|regclass text|void|fvs|pg_extension_config_dump||
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
    3150|pg_stat_get_db_temp_files|oid|int8|fss|pg_stat_get_db_temp_files||
    3151|pg_stat_get_db_temp_bytes|oid|int8|fss|pg_stat_get_db_temp_bytes||
    3152|pg_stat_get_db_deadlocks|oid|int8|fss|pg_stat_get_db_deadlocks||
    3153|array_to_json|anyarray|json|fss|array_to_json||
    3154|array_to_json|anyarray bool|json|fss|array_to_json_pretty||
    3155|row_to_json|record|json|fss|row_to_json||
    3156|row_to_json|record bool|json|fss|row_to_json_pretty||
    3159|pg_get_viewdef|oid int4|text|fss|pg_get_viewdef_wrap||
    3160|pg_stat_get_checkpoint_write_time||float8|fss|pg_stat_get_checkpoint_write_time||
    3161|pg_stat_get_checkpoint_sync_time||float8|fss|pg_stat_get_checkpoint_sync_time||
    3162|pg_collation_for|any|text|fs|pg_collation_for||
    3163|pg_trigger_depth||int4|fss|pg_trigger_depth||
    3166|pg_size_pretty|numeric|text|fis|pg_size_pretty_numeric||
    3167|array_remove|anycompatiblearray anycompatible|anycompatiblearray|fi|array_remove||
    3168|array_replace|anycompatiblearray anycompatible anycompatible|anycompatiblearray|fi|array_replace||
    3170|lo_lseek64|int4 int8 int4|int8|fvs|be_lo_lseek64||
    3171|lo_tell64|int4|int8|fvs|be_lo_tell64||
    3172|lo_truncate64|int4 int8|int4|fvs|be_lo_truncate64||
    3175|json_agg|anyelement|json|as|agg json_agg(anyelement)||
    3176|to_json|anyelement|json|fss|to_json||
    3177|pg_stat_get_mod_since_analyze|oid|int8|fss|pg_stat_get_mod_since_analyze||
    3179|cardinality|anyarray|int4|fis|array_cardinality||
    3181|record_image_eq|record record|bool|fis|record_image_eq||
    3182|record_image_ne|record record|bool|fis|record_image_ne||
    3183|record_image_lt|record record|bool|fis|record_image_lt||
    3184|record_image_gt|record record|bool|fis|record_image_gt||
    3185|record_image_le|record record|bool|fis|record_image_le||
    3186|record_image_ge|record record|bool|fis|record_image_ge||
    3187|btrecordimagecmp|record record|int4|fis|btrecordimagecmp||
    3195|pg_stat_get_archiver||record|fs|pg_stat_get_archiver||archived_count:int8 last_archived_wal:text last_archived_time:timestamptz failed_count:int8 last_failed_wal:text last_failed_time:timestamptz stats_reset:timestamptz
    3197|json_object_agg|any any|json|as|agg json_object_agg(any any)||
    3198|json_build_array|any|json|fsv|json_build_array||
    3199|json_build_array||json|fs|json_build_array_noargs||
    3200|json_build_object|any|json|fsv|json_build_object||
    3201|json_build_object||json|fs|json_build_object_noargs||
    3202|json_object|_text|json|fis|json_object||
    3203|json_object|_text _text|json|fis|json_object_two_arg||
    3204|json_to_record|json|record|fss|json_to_record||
    3205|json_to_recordset|json|record|fsr|json_to_recordset||
    3207|jsonb_array_length|jsonb|int4|fis|jsonb_array_length||
    3208|jsonb_each|jsonb|record|fisr|jsonb_each||key:text value:jsonb
    3209|jsonb_populate_record|anyelement jsonb|anyelement|fs|jsonb_populate_record||
    3210|jsonb_typeof|jsonb|text|fis|jsonb_typeof||
    3214|jsonb_object_field_text|jsonb text|text|fis|jsonb_object_field_text||
    3215|jsonb_array_element|jsonb int4|jsonb|fis|jsonb_array_element||
    3216|jsonb_array_element_text|jsonb int4|text|fis|jsonb_array_element_text||
    3217|jsonb_extract_path|jsonb _text|jsonb|fisv|jsonb_extract_path||
    3218|width_bucket|anycompatible anycompatiblearray|int4|fis|width_bucket_array||
    3219|jsonb_array_elements|jsonb|jsonb|fisr|jsonb_array_elements||value:jsonb
    3259|generate_series|numeric numeric numeric|numeric|fisr|generate_series_step_numeric||
    3260|generate_series|numeric numeric|numeric|fisr|generate_series_numeric||
    3261|json_strip_nulls|json|json|fis|json_strip_nulls||
    3262|jsonb_strip_nulls|jsonb|jsonb|fis|jsonb_strip_nulls||
    3263|jsonb_object|_text|jsonb|fis|jsonb_object||
    3264|jsonb_object|_text _text|jsonb|fis|jsonb_object_two_arg||
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
    3293|pg_read_file|text int8 int8 bool|text|fvs|pg_read_file_v2||
    3294|current_setting|text bool|text|fss|show_config_by_name_missing_ok||
    3295|pg_read_binary_file|text int8 int8 bool|bytea|fvs|pg_read_binary_file||
    3296|pg_notification_queue_usage||float8|fvs|pg_notification_queue_usage||
    3297|pg_ls_dir|text bool bool|text|fvsr|pg_ls_dir||
    3298|row_security_active|oid|bool|fss|row_security_active||
    3299|row_security_active|text|bool|fss|row_security_active_name||
    3301|jsonb_concat|jsonb jsonb|jsonb|fis|jsonb_concat||
    3302|jsonb_delete|jsonb text|jsonb|fis|jsonb_delete||
    3303|jsonb_delete|jsonb int4|jsonb|fis|jsonb_delete_idx||
    3304|jsonb_delete_path|jsonb _text|jsonb|fis|jsonb_delete_path||
    3305|jsonb_set|jsonb _text jsonb bool|jsonb|fis|jsonb_set|true|
    3306|jsonb_pretty|jsonb|text|fis|jsonb_pretty||
    3307|pg_stat_file|text bool|record|fvs|pg_stat_file||size:int8 access:timestamptz modification:timestamptz change:timestamptz creation:timestamptz isdir:bool
    3308|xidneq|xid xid|bool|fis|xidneq||
    3309|xidneqint4|xid int4|bool|fis|xidneq||
    3318|pg_stat_get_progress_info|text|record|fssr|pg_stat_get_progress_info||pid:int4 datid:oid relid:oid param1:int8 param2:int8 param3:int8 param4:int8 param5:int8 param6:int8 param7:int8 param8:int8 param9:int8 param10:int8 param11:int8 param12:int8 param13:int8 param14:int8 param15:int8 param16:int8 param17:int8 param18:int8 param19:int8 param20:int8
    3324|int4_avg_combine|_int8 _int8|_int8|fis|int4_avg_combine||
    3325|interval_combine|_interval _interval|_interval|fis|interval_combine||
    3329|pg_show_all_file_settings||record|fvsr|show_all_file_settings||sourcefile:text sourceline:int4 seqno:int4 name:text setting:text applied:bool error:text
    3334|pg_size_bytes|text|int8|fis|pg_size_bytes||
    3342|float8_regr_combine|_float8 _float8|_float8|fis|float8_regr_combine||
    3343|jsonb_delete|jsonb _text|jsonb|fisv|jsonb_delete_array||
    3348|txid_current_if_assigned||int8|fss|pg_current_xact_id_if_assigned||
    3352|pg_get_partkeydef|oid|text|fss|pg_get_partkeydef||
    3353|pg_ls_logdir||record|fvsr|pg_ls_logdir||name:text size:int8 modification:timestamptz
    3354|pg_ls_waldir||record|fvsr|pg_ls_waldir||name:text size:int8 modification:timestamptz
    3360|txid_status|int8|text|fvs|pg_xact_status||
    3376|pg_safe_snapshot_blocking_pids|int4|_int4|fvs|pg_safe_snapshot_blocking_pids||
    3378|pg_isolation_test_session_is_blocked|int4 _int4|bool|fvs|pg_isolation_test_session_is_blocked||
    3382|pg_identify_object_as_address|oid oid int4|record|fss|pg_identify_object_as_address||type:text object_names:_text object_args:_text
    3396|regexp_match|text text|_text|fis|regexp_match_no_flags||
    3397|regexp_match|text text text|_text|fis|regexp_match||
    3400|pg_config||record|fssr|pg_config||name:text setting:text
    3401|pg_hba_file_rules||record|fvsr|pg_hba_file_rules||line_number:int4 type:text database:_text user_name:_text address:text netmask:text auth_method:text options:_text error:text
    3403|pg_statistics_obj_is_visible|oid|bool|fss|pg_statistics_obj_is_visible||
    3408|pg_get_partition_constraintdef|oid|text|fss|pg_get_partition_constraintdef||
    3409|time_hash_extended|time int8|int8|fis|time_hash_extended||
    3410|timetz_hash_extended|timetz int8|int8|fis|timetz_hash_extended||
    3411|timestamp_hash_extended|timestamp int8|int8|fis|timestamp_hash_extended||
    3412|uuid_hash_extended|uuid int8|int8|fis|uuid_hash_extended||
    3414|hashenumextended|anyenum int8|int8|fis|hashenumextended||
    3415|pg_get_statisticsobjdef|oid|text|fss|pg_get_statisticsobjdef||
    3416|jsonb_hash_extended|jsonb int8|int8|fis|jsonb_hash_extended||
    3418|interval_hash_extended|interval int8|int8|fis|interval_hash_extended||
    3419|sha224|bytea|bytea|fis|sha224_bytea||
    3420|sha256|bytea|bytea|fis|sha256_bytea||
    3421|sha384|bytea|bytea|fis|sha384_bytea||
    3422|sha512|bytea|bytea|fis|sha512_bytea||
    3423|pg_partition_tree|regclass|record|fvsr|pg_partition_tree||relid:regclass parentrelid:regclass isleaf:bool level:int4
    3424|pg_partition_root|regclass|regclass|fis|pg_partition_root||
    3425|pg_partition_ancestors|regclass|regclass|fvsr|pg_partition_ancestors||relid:regclass
    3426|pg_stat_get_db_checksum_failures|oid|int8|fss|pg_stat_get_db_checksum_failures||
    3428|pg_stat_get_db_checksum_last_failure|oid|timestamptz|fss|pg_stat_get_db_checksum_last_failure||
    3432|gen_random_uuid||uuid|fvs|gen_random_uuid||
    3436|pg_promote|bool int4|bool|fvs|pg_promote|true 60|
    3441|pg_control_system||record|fvs|pg_control_system||pg_control_version:int4 catalog_version_no:int4 system_identifier:int8 pg_control_last_modified:timestamptz
    3444|pg_control_init||record|fvs|pg_control_init||max_data_alignment:int4 database_block_size:int4 blocks_per_segment:int4 wal_block_size:int4 bytes_per_wal_segment:int4 max_identifier_length:int4 max_index_columns:int4 max_toast_chunk_size:int4 large_object_chunk_size:int4 float8_pass_by_value:bool data_page_checksum_version:int4
    3445|pg_import_system_collations|regnamespace|int4|fvs|pg_import_system_collations||
    3448|pg_collation_actual_version|oid|text|fvs|pg_collation_actual_version||
    3449|numeric|jsonb|numeric|fis|jsonb_numeric||
    3450|int2|jsonb|int2|fis|jsonb_int2||
    3451|int4|jsonb|int4|fis|jsonb_int4||
    3452|int8|jsonb|int8|fis|jsonb_int8||
    3453|float4|jsonb|float4|fis|jsonb_float4||
    3454|pg_filenode_relation|oid oid|regclass|fss|pg_filenode_relation||
    3457|lo_from_bytea|oid bytea|oid|fvs|be_lo_from_bytea||
    3458|lo_get|oid|bytea|fvs|be_lo_get||
    3459|lo_get|oid int8 int4|bytea|fvs|be_lo_get_fragment||
    3460|lo_put|oid int8 bytea|void|fvs|be_lo_put||
    3461|make_timestamp|int4 int4 int4 int4 int4 float8|timestamp|fis|make_timestamp||
    3462|make_timestamptz|int4 int4 int4 int4 int4 float8|timestamptz|fss|make_timestamptz||
    3463|make_timestamptz|int4 int4 int4 int4 int4 float8 text|timestamptz|fss|make_timestamptz_at_timezone||
    3464|make_interval|int4 int4 int4 int4 int4 int4 float8|interval|fis|make_interval|0 0 0 0 0 0 0.0|
    3465|jsonb_array_elements_text|jsonb|text|fisr|jsonb_array_elements_text||value:text
    3475|jsonb_populate_recordset|anyelement jsonb|anyelement|fsr|jsonb_populate_recordset||
    3476|to_regoperator|text|regoperator|fss|to_regoperator||
    3478|jsonb_object_field|jsonb text|jsonb|fis|jsonb_object_field||
    3479|to_regprocedure|text|regprocedure|fss|to_regprocedure||
    3480|gin_compare_jsonb|text text|int4|fis|gin_compare_jsonb||
    3490|jsonb_to_record|jsonb|record|fss|jsonb_to_record||
    3491|jsonb_to_recordset|jsonb|record|fsr|jsonb_to_recordset||
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
    3514|enum_cmp|anyenum anyenum|int4|fis|enum_cmp||
    3515|hashenum|anyenum|int4|fis|hashenum||
    3524|enum_smaller|anyenum anyenum|anyenum|fis|enum_smaller||
    3525|enum_larger|anyenum anyenum|anyenum|fis|enum_larger||
    3526|max|anyenum|anyenum|ai|agg max(anyenum)||
    3527|min|anyenum|anyenum|ai|agg min(anyenum)||
    3528|enum_first|anyenum|anyenum|fs|enum_first||
    3529|enum_last|anyenum|anyenum|fs|enum_last||
    3530|enum_range|anyenum anyenum|anyarray|fs|enum_range_bounds||
    3531|enum_range|anyenum|anyarray|fs|enum_range_all||
    3537|pg_describe_object|oid oid int4|text|fss|pg_describe_object||
    3538|string_agg|text text|text|ai|agg string_agg(text text)||
    3539|format|text any|text|fsv|text_format||
    3540|format|text|text|fs|text_format_nv||
    3545|string_agg|bytea bytea|bytea|ai|agg string_agg(bytea bytea)||
    3546|int8dec|int8|int8|fis|int8dec||
    3547|int8dec_any|int8 any|int8|fis|int8dec_any||
    3549|interval_accum_inv|_interval interval|_interval|fis|interval_accum_inv||
    3551|network_overlap|inet inet|bool|fis|network_overlap||
    3556|bool|jsonb|bool|fis|jsonb_bool||
    3562|network_larger|inet inet|inet|fis|network_larger||
    3563|network_smaller|inet inet|inet|fis|network_smaller||
    3564|max|inet|inet|ai|agg max(inet)||
    3565|min|inet|inet|ai|agg min(inet)||
    3566|pg_event_trigger_dropped_objects||record|fssr|pg_event_trigger_dropped_objects||classid:oid objid:oid objsubid:int4 original:bool normal:bool is_temporary:bool object_type:text schema_name:text object_name:text object_identity:text address_names:_text address_args:_text
    3570|int2_avg_accum_inv|_int8 int2|_int8|fis|int2_avg_accum_inv||
    3571|int4_avg_accum_inv|_int8 int4|_int8|fis|int4_avg_accum_inv||
    3572|int2int4_sum|_int8|int8|fis|int2int4_sum||
    3579|jsonb_insert|jsonb _text jsonb bool|jsonb|fis|jsonb_insert|false|
    3581|pg_xact_commit_timestamp|xid|timestamptz|fvs|pg_xact_commit_timestamp||
    3582|binary_upgrade_set_next_pg_type_oid|oid|void|fvs|binary_upgrade_set_next_pg_type_oid||
    3583|pg_last_committed_xact||record|fvs|pg_last_committed_xact||xid:xid timestamp:timestamptz roident:oid
    3584|binary_upgrade_set_next_array_pg_type_oid|oid|void|fvs|binary_upgrade_set_next_array_pg_type_oid||
    3586|binary_upgrade_set_next_heap_pg_class_oid|oid|void|fvs|binary_upgrade_set_next_heap_pg_class_oid||
    3587|binary_upgrade_set_next_index_pg_class_oid|oid|void|fvs|binary_upgrade_set_next_index_pg_class_oid||
    3588|binary_upgrade_set_next_toast_pg_class_oid|oid|void|fvs|binary_upgrade_set_next_toast_pg_class_oid||
    3589|binary_upgrade_set_next_pg_enum_oid|oid|void|fvs|binary_upgrade_set_next_pg_enum_oid||
    3590|binary_upgrade_set_next_pg_authid_oid|oid|void|fvs|binary_upgrade_set_next_pg_authid_oid||
    3591|binary_upgrade_create_empty_extension|text text bool text _oid _text _text|void|fv|binary_upgrade_create_empty_extension||
    3689|ts_stat|text|record|fvsr|ts_stat1||word:text ndoc:int4 nentry:int4
    3690|ts_stat|text text|record|fvsr|ts_stat2||word:text ndoc:int4 nentry:int4
    3696|starts_with|text text|bool|fis|text_starts_with||
    3713|ts_token_type|oid|record|fisr|ts_token_type_byid||tokid:int4 alias:text description:text
    3714|ts_token_type|text|record|fssr|ts_token_type_byname||tokid:int4 alias:text description:text
    3715|ts_parse|oid text|record|fisr|ts_parse_byid||tokid:int4 token:text
    3716|ts_parse|text text|record|fssr|ts_parse_byname||tokid:int4 token:text
    3724|gin_cmp_tslexeme|text text|int4|fis|gin_cmp_tslexeme||
    3756|pg_ts_parser_is_visible|oid|bool|fss|pg_ts_parser_is_visible||
    3757|pg_ts_dict_is_visible|oid|bool|fss|pg_ts_dict_is_visible||
    3758|pg_ts_config_is_visible|oid|bool|fss|pg_ts_config_is_visible||
    3760|ts_match_tt|text text|bool|fss|ts_match_tt||
    3768|pg_ts_template_is_visible|oid|bool|fss|pg_ts_template_is_visible||
    3775|pg_stat_reset_shared|text|void|fvs|pg_stat_reset_shared||
    3776|pg_stat_reset_single_table_counters|oid|void|fvs|pg_stat_reset_single_table_counters||
    3777|pg_stat_reset_single_function_counters|oid|void|fvs|pg_stat_reset_single_function_counters||
    3778|pg_tablespace_location|oid|text|fss|pg_tablespace_location||
    3780|pg_drop_replication_slot|name|void|fvs|pg_drop_replication_slot||
    3787|to_jsonb|anyelement|jsonb|fss|to_jsonb||
    3788|pg_stat_get_snapshot_timestamp||timestamptz|fss|pg_stat_get_snapshot_timestamp||
    3789|gin_clean_pending_list|regclass|int8|fvs|gin_clean_pending_list||
    3800|pg_current_logfile||text|fv|pg_current_logfile||
    3801|pg_current_logfile|text|text|fv|pg_current_logfile_1arg||
    3808|pg_get_function_arg_default|oid int4|text|fss|pg_get_function_arg_default||
    3809|pg_export_snapshot||text|fvs|pg_export_snapshot||
    3810|pg_is_in_recovery||bool|fvs|pg_is_in_recovery||
    3815|pg_collation_is_visible|oid|bool|fss|pg_collation_is_visible||
    3819|pg_get_multixact_members|xid|record|fvsr|pg_get_multixact_members||xid:xid mode:text
    3826|pg_read_file|text|text|fvs|pg_read_file_all||
    3827|pg_read_binary_file|text int8 int8|bytea|fvs|pg_read_binary_file_off_len||
    3828|pg_read_binary_file|text|bytea|fvs|pg_read_binary_file_all||
    3829|pg_opfamily_is_visible|oid|bool|fss|pg_opfamily_is_visible||
    """#
}
