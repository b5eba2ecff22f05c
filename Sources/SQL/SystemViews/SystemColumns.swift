/// The columns of PostgreSQL 15's system catalogs, by scripts/system-columns.sh. A relation begins
/// with its qualified name, its kind and its oid; a column is `name:type`.
enum SystemColumns {
  static let text = """
    pg_catalog.pg_aggregate r 2600 aggfnoid:regproc aggkind:char aggnumdirectargs:int2
    aggtransfn:regproc aggfinalfn:regproc aggcombinefn:regproc aggserialfn:regproc
    aggdeserialfn:regproc aggmtransfn:regproc aggminvtransfn:regproc aggmfinalfn:regproc
    aggfinalextra:bool aggmfinalextra:bool aggfinalmodify:char aggmfinalmodify:char aggsortop:oid
    aggtranstype:oid aggtransspace:int4 aggmtranstype:oid aggmtransspace:int4 agginitval:text
    aggminitval:text
    pg_catalog.pg_am r 2601 oid:oid amname:name amhandler:regproc amtype:char
    pg_catalog.pg_amop r 2602 oid:oid amopfamily:oid amoplefttype:oid amoprighttype:oid
    amopstrategy:int2 amoppurpose:char amopopr:oid amopmethod:oid amopsortfamily:oid
    pg_catalog.pg_amproc r 2603 oid:oid amprocfamily:oid amproclefttype:oid amprocrighttype:oid
    amprocnum:int2 amproc:regproc
    pg_catalog.pg_attrdef r 2604 oid:oid adrelid:oid adnum:int2 adbin:pg_node_tree
    pg_catalog.pg_attribute r 1249 attrelid:oid attname:name atttypid:oid attstattarget:int4
    attlen:int2 attnum:int2 attndims:int4 attcacheoff:int4 atttypmod:int4 attbyval:bool
    attalign:char attstorage:char attcompression:char attnotnull:bool atthasdef:bool
    atthasmissing:bool attidentity:char attgenerated:char attisdropped:bool attislocal:bool
    attinhcount:int4 attcollation:oid attacl:_aclitem attoptions:_text attfdwoptions:_text
    attmissingval:anyarray
    pg_catalog.pg_auth_members r 1261 roleid:oid member:oid grantor:oid admin_option:bool
    pg_catalog.pg_authid r 1260 oid:oid rolname:name rolsuper:bool rolinherit:bool
    rolcreaterole:bool rolcreatedb:bool rolcanlogin:bool rolreplication:bool rolbypassrls:bool
    rolconnlimit:int4 rolpassword:text rolvaliduntil:timestamptz
    pg_catalog.pg_available_extension_versions v 12085 name:name version:text installed:bool
    superuser:bool trusted:bool relocatable:bool schema:name requires:_name comment:text
    pg_catalog.pg_available_extensions v 12081 name:name default_version:text
    installed_version:text comment:text
    pg_catalog.pg_backend_memory_contexts v 12138 name:text ident:text parent:text level:int4
    total_bytes:int8 total_nblocks:int8 free_bytes:int8 free_chunks:int8 used_bytes:int8
    pg_catalog.pg_cast r 2605 oid:oid castsource:oid casttarget:oid castfunc:oid castcontext:char
    castmethod:char
    pg_catalog.pg_class r 1259 oid:oid relname:name relnamespace:oid reltype:oid reloftype:oid
    relowner:oid relam:oid relfilenode:oid reltablespace:oid relpages:int4 reltuples:float4
    relallvisible:int4 reltoastrelid:oid relhasindex:bool relisshared:bool relpersistence:char
    relkind:char relnatts:int2 relchecks:int2 relhasrules:bool relhastriggers:bool
    relhassubclass:bool relrowsecurity:bool relforcerowsecurity:bool relispopulated:bool
    relreplident:char relispartition:bool relrewrite:oid relfrozenxid:xid relminmxid:xid
    relacl:_aclitem reloptions:_text relpartbound:pg_node_tree
    pg_catalog.pg_collation r 3456 oid:oid collname:name collnamespace:oid collowner:oid
    collprovider:char collisdeterministic:bool collencoding:int4 collcollate:text collctype:text
    colliculocale:text collversion:text
    pg_catalog.pg_config v 12130 name:text setting:text
    pg_catalog.pg_constraint r 2606 oid:oid conname:name connamespace:oid contype:char
    condeferrable:bool condeferred:bool convalidated:bool conrelid:oid contypid:oid conindid:oid
    conparentid:oid confrelid:oid confupdtype:char confdeltype:char confmatchtype:char
    conislocal:bool coninhcount:int4 connoinherit:bool conkey:_int2 confkey:_int2 conpfeqop:_oid
    conppeqop:_oid conffeqop:_oid confdelsetcols:_int2 conexclop:_oid conbin:pg_node_tree
    pg_catalog.pg_conversion r 2607 oid:oid conname:name connamespace:oid conowner:oid
    conforencoding:int4 contoencoding:int4 conproc:regproc condefault:bool
    pg_catalog.pg_cursors v 12077 name:text statement:text is_holdable:bool is_binary:bool
    is_scrollable:bool creation_time:timestamptz
    pg_catalog.pg_database r 1262 oid:oid datname:name datdba:oid encoding:int4
    datlocprovider:char datistemplate:bool datallowconn:bool datconnlimit:int4 datfrozenxid:xid
    datminmxid:xid dattablespace:oid datcollate:text datctype:text daticulocale:text
    datcollversion:text datacl:_aclitem
    pg_catalog.pg_db_role_setting r 2964 setdatabase:oid setrole:oid setconfig:_text
    pg_catalog.pg_default_acl r 826 oid:oid defaclrole:oid defaclnamespace:oid defaclobjtype:char
    defaclacl:_aclitem
    pg_catalog.pg_depend r 2608 classid:oid objid:oid objsubid:int4 refclassid:oid refobjid:oid
    refobjsubid:int4 deptype:char
    pg_catalog.pg_description r 2609 objoid:oid classoid:oid objsubid:int4 description:text
    pg_catalog.pg_enum r 3501 oid:oid enumtypid:oid enumsortorder:float4 enumlabel:name
    pg_catalog.pg_event_trigger r 3466 oid:oid evtname:name evtevent:name evtowner:oid
    evtfoid:oid evtenabled:char evttags:_text
    pg_catalog.pg_extension r 3079 oid:oid extname:name extowner:oid extnamespace:oid
    extrelocatable:bool extversion:text extconfig:_oid extcondition:_text
    pg_catalog.pg_file_settings v 12110 sourcefile:text sourceline:int4 seqno:int4 name:text
    setting:text applied:bool error:text
    pg_catalog.pg_foreign_data_wrapper r 2328 oid:oid fdwname:name fdwowner:oid fdwhandler:oid
    fdwvalidator:oid fdwacl:_aclitem fdwoptions:_text
    pg_catalog.pg_foreign_server r 1417 oid:oid srvname:name srvowner:oid srvfdw:oid srvtype:text
    srvversion:text srvacl:_aclitem srvoptions:_text
    pg_catalog.pg_foreign_table r 3118 ftrelid:oid ftserver:oid ftoptions:_text
    pg_catalog.pg_group v 12010 groname:name grosysid:oid grolist:_oid
    pg_catalog.pg_hba_file_rules v 12114 line_number:int4 type:text database:_text
    user_name:_text address:text netmask:text auth_method:text options:_text error:text
    pg_catalog.pg_ident_file_mappings v 12118 line_number:int4 map_name:text sys_name:text
    pg_username:text error:text
    pg_catalog.pg_index r 2610 indexrelid:oid indrelid:oid indnatts:int2 indnkeyatts:int2
    indisunique:bool indnullsnotdistinct:bool indisprimary:bool indisexclusion:bool
    indimmediate:bool indisclustered:bool indisvalid:bool indcheckxmin:bool indisready:bool
    indislive:bool indisreplident:bool indkey:int2vector indcollation:oidvector
    indclass:oidvector indoption:int2vector indexprs:pg_node_tree indpred:pg_node_tree
    pg_catalog.pg_indexes v 12043 schemaname:name tablename:name indexname:name tablespace:name
    indexdef:text
    pg_catalog.pg_inherits r 2611 inhrelid:oid inhparent:oid inhseqno:int4 inhdetachpending:bool
    pg_catalog.pg_init_privs r 3394 objoid:oid classoid:oid objsubid:int4 privtype:char
    initprivs:_aclitem
    pg_catalog.pg_language r 2612 oid:oid lanname:name lanowner:oid lanispl:bool
    lanpltrusted:bool lanplcallfoid:oid laninline:oid lanvalidator:oid lanacl:_aclitem
    pg_catalog.pg_largeobject r 2613 loid:oid pageno:int4 data:bytea
    pg_catalog.pg_largeobject_metadata r 2995 oid:oid lomowner:oid lomacl:_aclitem
    pg_catalog.pg_locks v 12073 locktype:text database:oid relation:oid page:int4 tuple:int2
    virtualxid:text transactionid:xid classid:oid objid:oid objsubid:int2 virtualtransaction:text
    pid:int4 mode:text granted:bool fastpath:bool waitstart:timestamptz
    pg_catalog.pg_matviews v 12038 schemaname:name matviewname:name matviewowner:name
    tablespace:name hasindexes:bool ispopulated:bool definition:text
    pg_catalog.pg_namespace r 2615 oid:oid nspname:name nspowner:oid nspacl:_aclitem
    pg_catalog.pg_opclass r 2616 oid:oid opcmethod:oid opcname:name opcnamespace:oid opcowner:oid
    opcfamily:oid opcintype:oid opcdefault:bool opckeytype:oid
    pg_catalog.pg_operator r 2617 oid:oid oprname:name oprnamespace:oid oprowner:oid oprkind:char
    oprcanmerge:bool oprcanhash:bool oprleft:oid oprright:oid oprresult:oid oprcom:oid
    oprnegate:oid oprcode:regproc oprrest:regproc oprjoin:regproc
    pg_catalog.pg_opfamily r 2753 oid:oid opfmethod:oid opfname:name opfnamespace:oid opfowner:oid
    pg_catalog.pg_parameter_acl r 6243 oid:oid parname:text paracl:_aclitem
    pg_catalog.pg_partitioned_table r 3350 partrelid:oid partstrat:char partnatts:int2
    partdefid:oid partattrs:int2vector partclass:oidvector partcollation:oidvector
    partexprs:pg_node_tree
    pg_catalog.pg_policies v 12018 schemaname:name tablename:name policyname:name permissive:text
    roles:_name cmd:text qual:text with_check:text
    pg_catalog.pg_policy r 3256 oid:oid polname:name polrelid:oid polcmd:char polpermissive:bool
    polroles:_oid polqual:pg_node_tree polwithcheck:pg_node_tree
    pg_catalog.pg_prepared_statements v 12095 name:text statement:text prepare_time:timestamptz
    parameter_types:_regtype from_sql:bool generic_plans:int8 custom_plans:int8
    pg_catalog.pg_prepared_xacts v 12090 transaction:xid gid:text prepared:timestamptz owner:name
    database:name
    pg_catalog.pg_proc r 1255 oid:oid proname:name pronamespace:oid proowner:oid prolang:oid
    procost:float4 prorows:float4 provariadic:oid prosupport:regproc prokind:char prosecdef:bool
    proleakproof:bool proisstrict:bool proretset:bool provolatile:char proparallel:char
    pronargs:int2 pronargdefaults:int2 prorettype:oid proargtypes:oidvector proallargtypes:_oid
    proargmodes:_char proargnames:_text proargdefaults:pg_node_tree protrftypes:_oid prosrc:text
    probin:text prosqlbody:pg_node_tree proconfig:_text proacl:_aclitem
    pg_catalog.pg_publication r 6104 oid:oid pubname:name pubowner:oid puballtables:bool
    pubinsert:bool pubupdate:bool pubdelete:bool pubtruncate:bool pubviaroot:bool
    pg_catalog.pg_publication_namespace r 6237 oid:oid pnpubid:oid pnnspid:oid
    pg_catalog.pg_publication_rel r 6106 oid:oid prpubid:oid prrelid:oid prqual:pg_node_tree
    prattrs:int2vector
    pg_catalog.pg_publication_tables v 12068 pubname:name schemaname:name tablename:name
    attnames:_name rowfilter:text
    pg_catalog.pg_range r 3541 rngtypid:oid rngsubtype:oid rngmultitypid:oid rngcollation:oid
    rngsubopc:oid rngcanonical:regproc rngsubdiff:regproc
    pg_catalog.pg_replication_origin r 6000 roident:oid roname:text
    pg_catalog.pg_replication_origin_status v 12332 local_id:oid external_id:text
    remote_lsn:pg_lsn local_lsn:pg_lsn
    pg_catalog.pg_replication_slots v 12257 slot_name:name plugin:name slot_type:text datoid:oid
    database:name temporary:bool active:bool active_pid:int4 xmin:xid catalog_xmin:xid
    restart_lsn:pg_lsn confirmed_flush_lsn:pg_lsn wal_status:text safe_wal_size:int8
    two_phase:bool
    pg_catalog.pg_rewrite r 2618 oid:oid rulename:name ev_class:oid ev_type:char ev_enabled:char
    is_instead:bool ev_qual:pg_node_tree ev_action:pg_node_tree
    pg_catalog.pg_roles v 12000 rolname:name rolsuper:bool rolinherit:bool rolcreaterole:bool
    rolcreatedb:bool rolcanlogin:bool rolreplication:bool rolconnlimit:int4 rolpassword:text
    rolvaliduntil:timestamptz rolbypassrls:bool rolconfig:_text oid:oid
    pg_catalog.pg_rules v 12023 schemaname:name tablename:name rulename:name definition:text
    pg_catalog.pg_seclabel r 3596 objoid:oid classoid:oid objsubid:int4 provider:text label:text
    pg_catalog.pg_seclabels v 12099 objoid:oid classoid:oid objsubid:int4 objtype:text
    objnamespace:oid objname:text provider:text label:text
    pg_catalog.pg_sequence r 2224 seqrelid:oid seqtypid:oid seqstart:int8 seqincrement:int8
    seqmax:int8 seqmin:int8 seqcache:int8 seqcycle:bool
    pg_catalog.pg_sequences v 12048 schemaname:name sequencename:name sequenceowner:name
    data_type:regtype start_value:int8 min_value:int8 max_value:int8 increment_by:int8 cycle:bool
    cache_size:int8 last_value:int8
    pg_catalog.pg_settings v 12104 name:text setting:text unit:text category:text short_desc:text
    extra_desc:text context:text vartype:text source:text min_val:text max_val:text
    enumvals:_text boot_val:text reset_val:text sourcefile:text sourceline:int4
    pending_restart:bool
    pg_catalog.pg_shadow v 12005 usename:name usesysid:oid usecreatedb:bool usesuper:bool
    userepl:bool usebypassrls:bool passwd:text valuntil:timestamptz useconfig:_text
    pg_catalog.pg_shdepend r 1214 dbid:oid classid:oid objid:oid objsubid:int4 refclassid:oid
    refobjid:oid deptype:char
    pg_catalog.pg_shdescription r 2396 objoid:oid classoid:oid description:text
    pg_catalog.pg_shmem_allocations v 12134 name:text off:int8 size:int8 allocated_size:int8
    pg_catalog.pg_shseclabel r 3592 objoid:oid classoid:oid provider:text label:text
    pg_catalog.pg_stat_activity v 12222 datid:oid datname:name pid:int4 leader_pid:int4
    usesysid:oid usename:name application_name:text client_addr:inet client_hostname:text
    client_port:int4 backend_start:timestamptz xact_start:timestamptz query_start:timestamptz
    state_change:timestamptz wait_event_type:text wait_event:text state:text backend_xid:xid
    backend_xmin:xid query_id:int8 query:text backend_type:text
    pg_catalog.pg_stat_all_indexes v 12183 relid:oid indexrelid:oid schemaname:name relname:name
    indexrelname:name idx_scan:int8 idx_tup_read:int8 idx_tup_fetch:int8
    pg_catalog.pg_stat_all_tables v 12142 relid:oid schemaname:name relname:name seq_scan:int8
    seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8 n_tup_upd:int8
    n_tup_del:int8 n_tup_hot_upd:int8 n_live_tup:int8 n_dead_tup:int8 n_mod_since_analyze:int8
    n_ins_since_vacuum:int8 last_vacuum:timestamptz last_autovacuum:timestamptz
    last_analyze:timestamptz last_autoanalyze:timestamptz vacuum_count:int8 autovacuum_count:int8
    analyze_count:int8 autoanalyze_count:int8
    pg_catalog.pg_stat_archiver v 12285 archived_count:int8 last_archived_wal:text
    last_archived_time:timestamptz failed_count:int8 last_failed_wal:text
    last_failed_time:timestamptz stats_reset:timestamptz
    pg_catalog.pg_stat_bgwriter v 12289 checkpoints_timed:int8 checkpoints_req:int8
    checkpoint_write_time:float8 checkpoint_sync_time:float8 buffers_checkpoint:int8
    buffers_clean:int8 maxwritten_clean:int8 buffers_backend:int8 buffers_backend_fsync:int8
    buffers_alloc:int8 stats_reset:timestamptz
    pg_catalog.pg_stat_database v 12266 datid:oid datname:name numbackends:int4 xact_commit:int8
    xact_rollback:int8 blks_read:int8 blks_hit:int8 tup_returned:int8 tup_fetched:int8
    tup_inserted:int8 tup_updated:int8 tup_deleted:int8 conflicts:int8 temp_files:int8
    temp_bytes:int8 deadlocks:int8 checksum_failures:int8 checksum_last_failure:timestamptz
    blk_read_time:float8 blk_write_time:float8 session_time:float8 active_time:float8
    idle_in_transaction_time:float8 sessions:int8 sessions_abandoned:int8 sessions_fatal:int8
    sessions_killed:int8 stats_reset:timestamptz
    pg_catalog.pg_stat_database_conflicts v 12271 datid:oid datname:name confl_tablespace:int8
    confl_lock:int8 confl_snapshot:int8 confl_bufferpin:int8 confl_deadlock:int8
    pg_catalog.pg_stat_gssapi v 12253 pid:int4 gss_authenticated:bool principal:text
    encrypted:bool
    pg_catalog.pg_stat_progress_analyze v 12297 pid:int4 datid:oid datname:name relid:oid
    phase:text sample_blks_total:int8 sample_blks_scanned:int8 ext_stats_total:int8
    ext_stats_computed:int8 child_tables_total:int8 child_tables_done:int8
    current_child_table_relid:oid
    pg_catalog.pg_stat_progress_basebackup v 12317 pid:int4 phase:text backup_total:int8
    backup_streamed:int8 tablespaces_total:int8 tablespaces_streamed:int8
    pg_catalog.pg_stat_progress_cluster v 12307 pid:int4 datid:oid datname:name relid:oid
    command:text phase:text cluster_index_relid:oid heap_tuples_scanned:int8
    heap_tuples_written:int8 heap_blks_total:int8 heap_blks_scanned:int8 index_rebuild_count:int8
    pg_catalog.pg_stat_progress_copy v 12322 pid:int4 datid:oid datname:name relid:oid
    command:text type:text bytes_processed:int8 bytes_total:int8 tuples_processed:int8
    tuples_excluded:int8
    pg_catalog.pg_stat_progress_create_index v 12312 pid:int4 datid:oid datname:name relid:oid
    index_relid:oid command:text phase:text lockers_total:int8 lockers_done:int8
    current_locker_pid:int8 blocks_total:int8 blocks_done:int8 tuples_total:int8 tuples_done:int8
    partitions_total:int8 partitions_done:int8
    pg_catalog.pg_stat_progress_vacuum v 12302 pid:int4 datid:oid datname:name relid:oid
    phase:text heap_blks_total:int8 heap_blks_scanned:int8 heap_blks_vacuumed:int8
    index_vacuum_count:int8 max_dead_tuples:int8 num_dead_tuples:int8
    pg_catalog.pg_stat_recovery_prefetch v 12240 stats_reset:timestamptz prefetch:int8 hit:int8
    skip_init:int8 skip_new:int8 skip_fpw:int8 skip_rep:int8 wal_distance:int4
    block_distance:int4 io_depth:int4
    pg_catalog.pg_stat_replication v 12227 pid:int4 usesysid:oid usename:name
    application_name:text client_addr:inet client_hostname:text client_port:int4
    backend_start:timestamptz backend_xmin:xid state:text sent_lsn:pg_lsn write_lsn:pg_lsn
    flush_lsn:pg_lsn replay_lsn:pg_lsn write_lag:interval flush_lag:interval replay_lag:interval
    sync_priority:int4 sync_state:text reply_time:timestamptz
    pg_catalog.pg_stat_replication_slots v 12262 slot_name:text spill_txns:int8 spill_count:int8
    spill_bytes:int8 stream_txns:int8 stream_count:int8 stream_bytes:int8 total_txns:int8
    total_bytes:int8 stats_reset:timestamptz
    pg_catalog.pg_stat_slru v 12232 name:text blks_zeroed:int8 blks_hit:int8 blks_read:int8
    blks_written:int8 blks_exists:int8 flushes:int8 truncates:int8 stats_reset:timestamptz
    pg_catalog.pg_stat_ssl v 12249 pid:int4 ssl:bool version:text cipher:text bits:int4
    client_dn:text client_serial:numeric issuer_dn:text
    pg_catalog.pg_stat_subscription v 12244 subid:oid subname:name pid:int4 relid:oid
    received_lsn:pg_lsn last_msg_send_time:timestamptz last_msg_receipt_time:timestamptz
    latest_end_lsn:pg_lsn latest_end_time:timestamptz
    pg_catalog.pg_stat_subscription_stats v 12336 subid:oid subname:name apply_error_count:int8
    sync_error_count:int8 stats_reset:timestamptz
    pg_catalog.pg_stat_sys_indexes v 12188 relid:oid indexrelid:oid schemaname:name relname:name
    indexrelname:name idx_scan:int8 idx_tup_read:int8 idx_tup_fetch:int8
    pg_catalog.pg_stat_sys_tables v 12152 relid:oid schemaname:name relname:name seq_scan:int8
    seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8 n_tup_upd:int8
    n_tup_del:int8 n_tup_hot_upd:int8 n_live_tup:int8 n_dead_tup:int8 n_mod_since_analyze:int8
    n_ins_since_vacuum:int8 last_vacuum:timestamptz last_autovacuum:timestamptz
    last_analyze:timestamptz last_autoanalyze:timestamptz vacuum_count:int8 autovacuum_count:int8
    analyze_count:int8 autoanalyze_count:int8
    pg_catalog.pg_stat_user_functions v 12275 funcid:oid schemaname:name funcname:name calls:int8
    total_time:float8 self_time:float8
    pg_catalog.pg_stat_user_indexes v 12192 relid:oid indexrelid:oid schemaname:name relname:name
    indexrelname:name idx_scan:int8 idx_tup_read:int8 idx_tup_fetch:int8
    pg_catalog.pg_stat_user_tables v 12161 relid:oid schemaname:name relname:name seq_scan:int8
    seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8 n_tup_upd:int8
    n_tup_del:int8 n_tup_hot_upd:int8 n_live_tup:int8 n_dead_tup:int8 n_mod_since_analyze:int8
    n_ins_since_vacuum:int8 last_vacuum:timestamptz last_autovacuum:timestamptz
    last_analyze:timestamptz last_autoanalyze:timestamptz vacuum_count:int8 autovacuum_count:int8
    analyze_count:int8 autoanalyze_count:int8
    pg_catalog.pg_stat_wal v 12293 wal_records:int8 wal_fpi:int8 wal_bytes:numeric
    wal_buffers_full:int8 wal_write:int8 wal_sync:int8 wal_write_time:float8 wal_sync_time:float8
    stats_reset:timestamptz
    pg_catalog.pg_stat_wal_receiver v 12236 pid:int4 status:text receive_start_lsn:pg_lsn
    receive_start_tli:int4 written_lsn:pg_lsn flushed_lsn:pg_lsn received_tli:int4
    last_msg_send_time:timestamptz last_msg_receipt_time:timestamptz latest_end_lsn:pg_lsn
    latest_end_time:timestamptz slot_name:text sender_host:text sender_port:int4 conninfo:text
    pg_catalog.pg_stat_xact_all_tables v 12147 relid:oid schemaname:name relname:name
    seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8
    n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8
    pg_catalog.pg_stat_xact_sys_tables v 12157 relid:oid schemaname:name relname:name
    seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8
    n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8
    pg_catalog.pg_stat_xact_user_functions v 12280 funcid:oid schemaname:name funcname:name
    calls:int8 total_time:float8 self_time:float8
    pg_catalog.pg_stat_xact_user_tables v 12166 relid:oid schemaname:name relname:name
    seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8 n_tup_ins:int8
    n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8
    pg_catalog.pg_statio_all_indexes v 12196 relid:oid indexrelid:oid schemaname:name
    relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8
    pg_catalog.pg_statio_all_sequences v 12209 relid:oid schemaname:name relname:name
    blks_read:int8 blks_hit:int8
    pg_catalog.pg_statio_all_tables v 12170 relid:oid schemaname:name relname:name
    heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8 idx_blks_hit:int8
    toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8
    pg_catalog.pg_statio_sys_indexes v 12201 relid:oid indexrelid:oid schemaname:name
    relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8
    pg_catalog.pg_statio_sys_sequences v 12214 relid:oid schemaname:name relname:name
    blks_read:int8 blks_hit:int8
    pg_catalog.pg_statio_sys_tables v 12175 relid:oid schemaname:name relname:name
    heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8 idx_blks_hit:int8
    toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8
    pg_catalog.pg_statio_user_indexes v 12205 relid:oid indexrelid:oid schemaname:name
    relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8
    pg_catalog.pg_statio_user_sequences v 12218 relid:oid schemaname:name relname:name
    blks_read:int8 blks_hit:int8
    pg_catalog.pg_statio_user_tables v 12179 relid:oid schemaname:name relname:name
    heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8 idx_blks_hit:int8
    toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8
    pg_catalog.pg_statistic r 2619 starelid:oid staattnum:int2 stainherit:bool stanullfrac:float4
    stawidth:int4 stadistinct:float4 stakind1:int2 stakind2:int2 stakind3:int2 stakind4:int2
    stakind5:int2 staop1:oid staop2:oid staop3:oid staop4:oid staop5:oid stacoll1:oid
    stacoll2:oid stacoll3:oid stacoll4:oid stacoll5:oid stanumbers1:_float4 stanumbers2:_float4
    stanumbers3:_float4 stanumbers4:_float4 stanumbers5:_float4 stavalues1:anyarray
    stavalues2:anyarray stavalues3:anyarray stavalues4:anyarray stavalues5:anyarray
    pg_catalog.pg_statistic_ext r 3381 oid:oid stxrelid:oid stxname:name stxnamespace:oid
    stxowner:oid stxstattarget:int4 stxkeys:int2vector stxkind:_char stxexprs:pg_node_tree
    pg_catalog.pg_statistic_ext_data r 3429 stxoid:oid stxdinherit:bool
    stxdndistinct:pg_ndistinct stxddependencies:pg_dependencies stxdmcv:pg_mcv_list
    stxdexpr:_pg_statistic
    pg_catalog.pg_stats v 12053 schemaname:name tablename:name attname:name inherited:bool
    null_frac:float4 avg_width:int4 n_distinct:float4 most_common_vals:anyarray
    most_common_freqs:_float4 histogram_bounds:anyarray correlation:float4
    most_common_elems:anyarray most_common_elem_freqs:_float4 elem_count_histogram:_float4
    pg_catalog.pg_stats_ext v 12058 schemaname:name tablename:name statistics_schemaname:name
    statistics_name:name statistics_owner:name attnames:_name exprs:_text kinds:_char
    inherited:bool n_distinct:pg_ndistinct dependencies:pg_dependencies most_common_vals:_text
    most_common_val_nulls:_bool most_common_freqs:_float8 most_common_base_freqs:_float8
    pg_catalog.pg_stats_ext_exprs v 12063 schemaname:name tablename:name
    statistics_schemaname:name statistics_name:name statistics_owner:name expr:text
    inherited:bool null_frac:float4 avg_width:int4 n_distinct:float4 most_common_vals:anyarray
    most_common_freqs:_float4 histogram_bounds:anyarray correlation:float4
    most_common_elems:anyarray most_common_elem_freqs:_float4 elem_count_histogram:_float4
    pg_catalog.pg_subscription r 6100 oid:oid subdbid:oid subskiplsn:pg_lsn subname:name
    subowner:oid subenabled:bool subbinary:bool substream:bool subtwophasestate:char
    subdisableonerr:bool subconninfo:text subslotname:name subsynccommit:text
    subpublications:_text
    pg_catalog.pg_subscription_rel r 6102 srsubid:oid srrelid:oid srsubstate:char srsublsn:pg_lsn
    pg_catalog.pg_tables v 12033 schemaname:name tablename:name tableowner:name tablespace:name
    hasindexes:bool hasrules:bool hastriggers:bool rowsecurity:bool
    pg_catalog.pg_tablespace r 1213 oid:oid spcname:name spcowner:oid spcacl:_aclitem
    spcoptions:_text
    pg_catalog.pg_timezone_abbrevs v 12122 abbrev:text utc_offset:interval is_dst:bool
    pg_catalog.pg_timezone_names v 12126 name:text abbrev:text utc_offset:interval is_dst:bool
    pg_catalog.pg_transform r 3576 oid:oid trftype:oid trflang:oid trffromsql:regproc
    trftosql:regproc
    pg_catalog.pg_trigger r 2620 oid:oid tgrelid:oid tgparentid:oid tgname:name tgfoid:oid
    tgtype:int2 tgenabled:char tgisinternal:bool tgconstrrelid:oid tgconstrindid:oid
    tgconstraint:oid tgdeferrable:bool tginitdeferred:bool tgnargs:int2 tgattr:int2vector
    tgargs:bytea tgqual:pg_node_tree tgoldtable:name tgnewtable:name
    pg_catalog.pg_ts_config r 3602 oid:oid cfgname:name cfgnamespace:oid cfgowner:oid
    cfgparser:oid
    pg_catalog.pg_ts_config_map r 3603 mapcfg:oid maptokentype:int4 mapseqno:int4 mapdict:oid
    pg_catalog.pg_ts_dict r 3600 oid:oid dictname:name dictnamespace:oid dictowner:oid
    dicttemplate:oid dictinitoption:text
    pg_catalog.pg_ts_parser r 3601 oid:oid prsname:name prsnamespace:oid prsstart:regproc
    prstoken:regproc prsend:regproc prsheadline:regproc prslextype:regproc
    pg_catalog.pg_ts_template r 3764 oid:oid tmplname:name tmplnamespace:oid tmplinit:regproc
    tmpllexize:regproc
    pg_catalog.pg_type r 1247 oid:oid typname:name typnamespace:oid typowner:oid typlen:int2
    typbyval:bool typtype:char typcategory:char typispreferred:bool typisdefined:bool
    typdelim:char typrelid:oid typsubscript:regproc typelem:oid typarray:oid typinput:regproc
    typoutput:regproc typreceive:regproc typsend:regproc typmodin:regproc typmodout:regproc
    typanalyze:regproc typalign:char typstorage:char typnotnull:bool typbasetype:oid
    typtypmod:int4 typndims:int4 typcollation:oid typdefaultbin:pg_node_tree typdefault:text
    typacl:_aclitem
    pg_catalog.pg_user v 12014 usename:name usesysid:oid usecreatedb:bool usesuper:bool
    userepl:bool usebypassrls:bool passwd:text valuntil:timestamptz useconfig:_text
    pg_catalog.pg_user_mapping r 1418 oid:oid umuser:oid umserver:oid umoptions:_text
    pg_catalog.pg_user_mappings v 12327 umid:oid srvid:oid srvname:name umuser:oid usename:name
    umoptions:_text
    pg_catalog.pg_views v 12028 schemaname:name viewname:name viewowner:name definition:text
    information_schema._pg_foreign_data_wrappers v 13507 oid:oid fdwowner:oid fdwoptions:_text
    foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name
    authorization_identifier:name foreign_data_wrapper_language:varchar
    information_schema._pg_foreign_servers v 13519 oid:oid srvoptions:_text
    foreign_server_catalog:name foreign_server_name:name foreign_data_wrapper_catalog:name
    foreign_data_wrapper_name:name foreign_server_type:varchar foreign_server_version:varchar
    authorization_identifier:name
    information_schema._pg_foreign_table_columns v 13498 nspname:name relname:name attname:name
    attfdwoptions:_text
    information_schema._pg_foreign_tables v 13532 foreign_table_catalog:name
    foreign_table_schema:name foreign_table_name:name ftoptions:_text foreign_server_catalog:name
    foreign_server_name:name authorization_identifier:name
    information_schema._pg_user_mappings v 13545 oid:oid umoptions:_text umuser:oid
    authorization_identifier:name foreign_server_catalog:name foreign_server_name:name
    srvowner:name
    information_schema.administrable_role_authorizations v 13241 grantee:name role_name:name
    is_grantable:varchar
    information_schema.applicable_roles v 13236 grantee:name role_name:name is_grantable:varchar
    information_schema.attributes v 13245 udt_catalog:name udt_schema:name udt_name:name
    attribute_name:name ordinal_position:int4 attribute_default:varchar is_nullable:varchar
    data_type:varchar character_maximum_length:int4 character_octet_length:int4
    character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar
    interval_precision:int4 attribute_udt_catalog:name attribute_udt_schema:name
    attribute_udt_name:name scope_catalog:name scope_schema:name scope_name:name
    maximum_cardinality:int4 dtd_identifier:name is_derived_reference_attribute:varchar
    information_schema.character_sets v 13250 character_set_catalog:name
    character_set_schema:name character_set_name:name character_repertoire:name form_of_use:name
    default_collate_catalog:name default_collate_schema:name default_collate_name:name
    information_schema.check_constraint_routine_usage v 13255 constraint_catalog:name
    constraint_schema:name constraint_name:name specific_catalog:name specific_schema:name
    specific_name:name
    information_schema.check_constraints v 13260 constraint_catalog:name constraint_schema:name
    constraint_name:name check_clause:varchar
    information_schema.collation_character_set_applicability v 13270 collation_catalog:name
    collation_schema:name collation_name:name character_set_catalog:name
    character_set_schema:name character_set_name:name
    information_schema.collations v 13265 collation_catalog:name collation_schema:name
    collation_name:name pad_attribute:varchar
    information_schema.column_column_usage v 13275 table_catalog:name table_schema:name
    table_name:name column_name:name dependent_column:name
    information_schema.column_domain_usage v 13280 domain_catalog:name domain_schema:name
    domain_name:name table_catalog:name table_schema:name table_name:name column_name:name
    information_schema.column_options v 13503 table_catalog:name table_schema:name
    table_name:name column_name:name option_name:name option_value:varchar
    information_schema.column_privileges v 13285 grantor:name grantee:name table_catalog:name
    table_schema:name table_name:name column_name:name privilege_type:varchar is_grantable:varchar
    information_schema.column_udt_usage v 13290 udt_catalog:name udt_schema:name udt_name:name
    table_catalog:name table_schema:name table_name:name column_name:name
    information_schema.columns v 13295 table_catalog:name table_schema:name table_name:name
    column_name:name ordinal_position:int4 column_default:varchar is_nullable:varchar
    data_type:varchar character_maximum_length:int4 character_octet_length:int4
    numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4
    datetime_precision:int4 interval_type:varchar interval_precision:int4
    character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name domain_catalog:name
    domain_schema:name domain_name:name udt_catalog:name udt_schema:name udt_name:name
    scope_catalog:name scope_schema:name scope_name:name maximum_cardinality:int4
    dtd_identifier:name is_self_referencing:varchar is_identity:varchar
    identity_generation:varchar identity_start:varchar identity_increment:varchar
    identity_maximum:varchar identity_minimum:varchar identity_cycle:varchar is_generated:varchar
    generation_expression:varchar is_updatable:varchar
    information_schema.constraint_column_usage v 13300 table_catalog:name table_schema:name
    table_name:name column_name:name constraint_catalog:name constraint_schema:name
    constraint_name:name
    information_schema.constraint_table_usage v 13305 table_catalog:name table_schema:name
    table_name:name constraint_catalog:name constraint_schema:name constraint_name:name
    information_schema.data_type_privileges v 13488 object_catalog:name object_schema:name
    object_name:name object_type:varchar dtd_identifier:name
    information_schema.domain_constraints v 13310 constraint_catalog:name constraint_schema:name
    constraint_name:name domain_catalog:name domain_schema:name domain_name:name
    is_deferrable:varchar initially_deferred:varchar
    information_schema.domain_udt_usage v 13315 udt_catalog:name udt_schema:name udt_name:name
    domain_catalog:name domain_schema:name domain_name:name
    information_schema.domains v 13320 domain_catalog:name domain_schema:name domain_name:name
    data_type:varchar character_maximum_length:int4 character_octet_length:int4
    character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar
    interval_precision:int4 domain_default:varchar udt_catalog:name udt_schema:name udt_name:name
    scope_catalog:name scope_schema:name scope_name:name maximum_cardinality:int4
    dtd_identifier:name
    information_schema.element_types v 13493 object_catalog:name object_schema:name
    object_name:name object_type:varchar collection_type_identifier:name data_type:varchar
    character_maximum_length:int4 character_octet_length:int4 character_set_catalog:name
    character_set_schema:name character_set_name:name collation_catalog:name
    collation_schema:name collation_name:name numeric_precision:int4 numeric_precision_radix:int4
    numeric_scale:int4 datetime_precision:int4 interval_type:varchar interval_precision:int4
    domain_default:varchar udt_catalog:name udt_schema:name udt_name:name scope_catalog:name
    scope_schema:name scope_name:name maximum_cardinality:int4 dtd_identifier:name
    information_schema.enabled_roles v 13325 role_name:name
    information_schema.foreign_data_wrapper_options v 13511 foreign_data_wrapper_catalog:name
    foreign_data_wrapper_name:name option_name:name option_value:varchar
    information_schema.foreign_data_wrappers v 13515 foreign_data_wrapper_catalog:name
    foreign_data_wrapper_name:name authorization_identifier:name library_name:varchar
    foreign_data_wrapper_language:varchar
    information_schema.foreign_server_options v 13524 foreign_server_catalog:name
    foreign_server_name:name option_name:name option_value:varchar
    information_schema.foreign_servers v 13528 foreign_server_catalog:name
    foreign_server_name:name foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name
    foreign_server_type:varchar foreign_server_version:varchar authorization_identifier:name
    information_schema.foreign_table_options v 13537 foreign_table_catalog:name
    foreign_table_schema:name foreign_table_name:name option_name:name option_value:varchar
    information_schema.foreign_tables v 13541 foreign_table_catalog:name
    foreign_table_schema:name foreign_table_name:name foreign_server_catalog:name
    foreign_server_name:name
    information_schema.information_schema_catalog_name v 13227 catalog_name:name
    information_schema.key_column_usage v 13329 constraint_catalog:name constraint_schema:name
    constraint_name:name table_catalog:name table_schema:name table_name:name column_name:name
    ordinal_position:int4 position_in_unique_constraint:int4
    information_schema.parameters v 13334 specific_catalog:name specific_schema:name
    specific_name:name ordinal_position:int4 parameter_mode:varchar is_result:varchar
    as_locator:varchar parameter_name:name data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name
    character_set_name:name collation_catalog:name collation_schema:name collation_name:name
    numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4
    datetime_precision:int4 interval_type:varchar interval_precision:int4 udt_catalog:name
    udt_schema:name udt_name:name scope_catalog:name scope_schema:name scope_name:name
    maximum_cardinality:int4 dtd_identifier:name parameter_default:varchar
    information_schema.referential_constraints v 13339 constraint_catalog:name
    constraint_schema:name constraint_name:name unique_constraint_catalog:name
    unique_constraint_schema:name unique_constraint_name:name match_option:varchar
    update_rule:varchar delete_rule:varchar
    information_schema.role_column_grants v 13344 grantor:name grantee:name table_catalog:name
    table_schema:name table_name:name column_name:name privilege_type:varchar is_grantable:varchar
    information_schema.role_routine_grants v 13358 grantor:name grantee:name
    specific_catalog:name specific_schema:name specific_name:name routine_catalog:name
    routine_schema:name routine_name:name privilege_type:varchar is_grantable:varchar
    information_schema.role_table_grants v 13421 grantor:name grantee:name table_catalog:name
    table_schema:name table_name:name privilege_type:varchar is_grantable:varchar
    with_hierarchy:varchar
    information_schema.role_udt_grants v 13450 grantor:name grantee:name udt_catalog:name
    udt_schema:name udt_name:name privilege_type:varchar is_grantable:varchar
    information_schema.role_usage_grants v 13459 grantor:name grantee:name object_catalog:name
    object_schema:name object_name:name object_type:varchar privilege_type:varchar
    is_grantable:varchar
    information_schema.routine_column_usage v 13348 specific_catalog:name specific_schema:name
    specific_name:name routine_catalog:name routine_schema:name routine_name:name
    table_catalog:name table_schema:name table_name:name column_name:name
    information_schema.routine_privileges v 13353 grantor:name grantee:name specific_catalog:name
    specific_schema:name specific_name:name routine_catalog:name routine_schema:name
    routine_name:name privilege_type:varchar is_grantable:varchar
    information_schema.routine_routine_usage v 13362 specific_catalog:name specific_schema:name
    specific_name:name routine_catalog:name routine_schema:name routine_name:name
    information_schema.routine_sequence_usage v 13367 specific_catalog:name specific_schema:name
    specific_name:name routine_catalog:name routine_schema:name routine_name:name
    sequence_catalog:name sequence_schema:name sequence_name:name
    information_schema.routine_table_usage v 13372 specific_catalog:name specific_schema:name
    specific_name:name routine_catalog:name routine_schema:name routine_name:name
    table_catalog:name table_schema:name table_name:name
    information_schema.routines v 13377 specific_catalog:name specific_schema:name
    specific_name:name routine_catalog:name routine_schema:name routine_name:name
    routine_type:varchar module_catalog:name module_schema:name module_name:name udt_catalog:name
    udt_schema:name udt_name:name data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name
    character_set_name:name collation_catalog:name collation_schema:name collation_name:name
    numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4
    datetime_precision:int4 interval_type:varchar interval_precision:int4 type_udt_catalog:name
    type_udt_schema:name type_udt_name:name scope_catalog:name scope_schema:name scope_name:name
    maximum_cardinality:int4 dtd_identifier:name routine_body:varchar routine_definition:varchar
    external_name:varchar external_language:varchar parameter_style:varchar
    is_deterministic:varchar sql_data_access:varchar is_null_call:varchar sql_path:varchar
    schema_level_routine:varchar max_dynamic_result_sets:int4 is_user_defined_cast:varchar
    is_implicitly_invocable:varchar security_type:varchar to_sql_specific_catalog:name
    to_sql_specific_schema:name to_sql_specific_name:name as_locator:varchar created:timestamptz
    last_altered:timestamptz new_savepoint_level:varchar is_udt_dependent:varchar
    result_cast_from_data_type:varchar result_cast_as_locator:varchar
    result_cast_char_max_length:int4 result_cast_char_octet_length:int4
    result_cast_char_set_catalog:name result_cast_char_set_schema:name
    result_cast_char_set_name:name result_cast_collation_catalog:name
    result_cast_collation_schema:name result_cast_collation_name:name
    result_cast_numeric_precision:int4 result_cast_numeric_precision_radix:int4
    result_cast_numeric_scale:int4 result_cast_datetime_precision:int4
    result_cast_interval_type:varchar result_cast_interval_precision:int4
    result_cast_type_udt_catalog:name result_cast_type_udt_schema:name
    result_cast_type_udt_name:name result_cast_scope_catalog:name result_cast_scope_schema:name
    result_cast_scope_name:name result_cast_maximum_cardinality:int4
    result_cast_dtd_identifier:name
    information_schema.schemata v 13382 catalog_name:name schema_name:name schema_owner:name
    default_character_set_catalog:name default_character_set_schema:name
    default_character_set_name:name sql_path:varchar
    information_schema.sequences v 13386 sequence_catalog:name sequence_schema:name
    sequence_name:name data_type:varchar numeric_precision:int4 numeric_precision_radix:int4
    numeric_scale:int4 start_value:varchar minimum_value:varchar maximum_value:varchar
    increment:varchar cycle_option:varchar
    information_schema.sql_features r 13391 feature_id:varchar feature_name:varchar
    sub_feature_id:varchar sub_feature_name:varchar is_supported:varchar is_verified_by:varchar
    comments:varchar
    information_schema.sql_implementation_info r 13396 implementation_info_id:varchar
    implementation_info_name:varchar integer_value:int4 character_value:varchar comments:varchar
    information_schema.sql_parts r 13401 feature_id:varchar feature_name:varchar
    is_supported:varchar is_verified_by:varchar comments:varchar
    information_schema.sql_sizing r 13406 sizing_id:int4 sizing_name:varchar supported_value:int4
    comments:varchar
    information_schema.table_constraints v 13411 constraint_catalog:name constraint_schema:name
    constraint_name:name table_catalog:name table_schema:name table_name:name
    constraint_type:varchar is_deferrable:varchar initially_deferred:varchar enforced:varchar
    nulls_distinct:varchar
    information_schema.table_privileges v 13416 grantor:name grantee:name table_catalog:name
    table_schema:name table_name:name privilege_type:varchar is_grantable:varchar
    with_hierarchy:varchar
    information_schema.tables v 13425 table_catalog:name table_schema:name table_name:name
    table_type:varchar self_referencing_column_name:name reference_generation:varchar
    user_defined_type_catalog:name user_defined_type_schema:name user_defined_type_name:name
    is_insertable_into:varchar is_typed:varchar commit_action:varchar
    information_schema.transforms v 13430 udt_catalog:name udt_schema:name udt_name:name
    specific_catalog:name specific_schema:name specific_name:name group_name:name
    transform_type:varchar
    information_schema.triggered_update_columns v 13435 trigger_catalog:name trigger_schema:name
    trigger_name:name event_object_catalog:name event_object_schema:name event_object_table:name
    event_object_column:name
    information_schema.triggers v 13440 trigger_catalog:name trigger_schema:name
    trigger_name:name event_manipulation:varchar event_object_catalog:name
    event_object_schema:name event_object_table:name action_order:int4 action_condition:varchar
    action_statement:varchar action_orientation:varchar action_timing:varchar
    action_reference_old_table:name action_reference_new_table:name action_reference_old_row:name
    action_reference_new_row:name created:timestamptz
    information_schema.udt_privileges v 13445 grantor:name grantee:name udt_catalog:name
    udt_schema:name udt_name:name privilege_type:varchar is_grantable:varchar
    information_schema.usage_privileges v 13454 grantor:name grantee:name object_catalog:name
    object_schema:name object_name:name object_type:varchar privilege_type:varchar
    is_grantable:varchar
    information_schema.user_defined_types v 13463 user_defined_type_catalog:name
    user_defined_type_schema:name user_defined_type_name:name user_defined_type_category:varchar
    is_instantiable:varchar is_final:varchar ordering_form:varchar ordering_category:varchar
    ordering_routine_catalog:name ordering_routine_schema:name ordering_routine_name:name
    reference_type:varchar data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name
    character_set_name:name collation_catalog:name collation_schema:name collation_name:name
    numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4
    datetime_precision:int4 interval_type:varchar interval_precision:int4
    source_dtd_identifier:name ref_dtd_identifier:name
    information_schema.user_mapping_options v 13550 authorization_identifier:name
    foreign_server_catalog:name foreign_server_name:name option_name:name option_value:varchar
    information_schema.user_mappings v 13555 authorization_identifier:name
    foreign_server_catalog:name foreign_server_name:name
    information_schema.view_column_usage v 13468 view_catalog:name view_schema:name
    view_name:name table_catalog:name table_schema:name table_name:name column_name:name
    information_schema.view_routine_usage v 13473 table_catalog:name table_schema:name
    table_name:name specific_catalog:name specific_schema:name specific_name:name
    information_schema.view_table_usage v 13478 view_catalog:name view_schema:name view_name:name
    table_catalog:name table_schema:name table_name:name
    information_schema.views v 13483 table_catalog:name table_schema:name table_name:name
    view_definition:varchar check_option:varchar is_updatable:varchar is_insertable_into:varchar
    is_trigger_updatable:varchar is_trigger_deletable:varchar is_trigger_insertable_into:varchar
    """
}
