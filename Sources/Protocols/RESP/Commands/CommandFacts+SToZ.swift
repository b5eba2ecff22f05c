// swift-format-ignore-file

extension CommandFacts {
  /// The commands of this part of the alphabet; `CommandFacts` says what the columns are.
  static let sToZ = #"""
    slowlog|reset ¦ 2 ¦ admin loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:all_succeeded ¦ 2.2.12 ¦ server ¦ O(N) ¦  ¦ Forgets them ¦ 
    smembers ¦ 2 ¦ readonly ¦ read set slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output_order ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Lists the members ¦ @key;0
    smismember ¦ -3 ¦ readonly fast ¦ read set fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 6.2.0 ¦ set ¦ O(N) ¦  ¦ Tells which of several members a set has ¦ @key;0 member+
    smove ¦ 4 ¦ write fast ¦ write set fast ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 RW,insert/i2/r0:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(1) ¦  ¦ Moves a member to another set ¦ @source;0 @destination;1 member
    sort ¦ -2 ¦ write denyoom movablekeys ¦ write set sortedset list slow dangerous ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 RO,access/?/? OW,update/?/? ¦  ¦ 1.0.0 ¦ generic ¦ O(N+M*log(M)) ¦  ¦ Sorts the elements of a key, and may store them ¦ @key;0 [BY>*pattern;1] [LIMIT>offset_count:{#offset #count}] [GET>*pattern;1++] [order:('ASC | 'DESC)] ['ALPHA=sorting] [STORE>@destination;2]
    sort_ro ¦ -2 ¦ readonly movablekeys ¦ read set sortedset list slow dangerous ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 RO,access/?/? ¦  ¦ 7.0.0 ¦ generic ¦ O(N+M*log(M)) ¦  ¦ Sorts the elements of a key ¦ @key;0 [BY>*pattern;1] [LIMIT>offset_count:{#offset #count}] [GET>*pattern;1++] [order:('ASC | 'DESC)] ['ALPHA=sorting]
    spop ¦ -2 ¦ write fast ¦ write set fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦ nondeterministic_output ¦ 1.0.0 ¦ set ¦  ¦  ¦ Takes members by chance ¦ @key;0 [#count]
    spublish ¦ 3 ¦ pubsub loading stale fast ¦ pubsub fast ¦ 1,1,1 ¦ not_key/i1/r0:1:0 ¦  ¦ 7.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Sends a message to a shard channel ¦ shardchannel message
    srandmember ¦ -2 ¦ readonly ¦ read set slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 1.0.0 ¦ set ¦  ¦  ¦ Picks members by chance ¦ @key;0 [#count]
    srem ¦ -3 ¦ write fast ¦ write set fast ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Removes members of a set ¦ @key;0 member+
    sscan ¦ -3 ¦ readonly ¦ read set slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 2.8.0 ¦ set ¦ O(1) ¦  ¦ Goes through the members piece by piece ¦ @key;0 #cursor [MATCH>*pattern] [COUNT>#count]
    ssubscribe ¦ -2 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 1,-1,1 ¦ not_key/i1/r-1:1:0 ¦  ¦ 7.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Listens to shard channels ¦ shardchannel+
    strlen ¦ 2 ¦ readonly fast ¦ read string fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ string ¦ O(1) ¦  ¦ Tells how long a string is ¦ @key;0
    subscribe ¦ -2 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Listens to channels ¦ channel+
    substr ¦ 4 ¦ readonly ¦ read string slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(N) ¦ 2.0.0,GETRANGE ¦ Reads a part of a string ¦ @key;0 #start #end
    sunion ¦ -2 ¦ readonly ¦ read set slow ¦ 1,-1,1 ¦ RO,access/i1/r-1:1:0 ¦ nondeterministic_output_order ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Joins sets ¦ @key;0+
    sunionstore ¦ -3 ¦ write denyoom ¦ write set slow ¦ 1,-1,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/r-1:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Stores what several sets have together ¦ @destination;0 @key;1+
    sunsubscribe ¦ -1 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 1,-1,1 ¦ not_key/i1/r-1:1:0 ¦  ¦ 7.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Ends listening to shard channels ¦ [shardchannel+]
    swapdb ¦ 3 ¦ write fast ¦ keyspace write fast dangerous ¦ 0,0,0 ¦  ¦  ¦ 4.0.0 ¦ server ¦ O(N) ¦  ¦ Exchanges two databases ¦ #index1 #index2
    time ¦ 1 ¦ loading stale fast ¦ fast ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 2.6.0 ¦ server ¦ O(1) ¦  ¦ Tells the server's time ¦ 
    touch ¦ -2 ¦ readonly fast ¦ keyspace read fast ¦ 1,-1,1 ¦ RO/i1/r-1:1:0 ¦ request_policy:multi_shard response_policy:agg_sum ¦ 3.2.1 ¦ generic ¦ O(N) ¦  ¦ Counts which of the keys there are, and marks them as used ¦ @key;0+
    ttl ¦ 2 ¦ readonly fast ¦ keyspace read fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Tells how long a key has left, in seconds ¦ @key;0
    type ¦ 2 ¦ readonly fast ¦ keyspace read fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Tells what a key holds ¦ @key;0
    unlink ¦ -2 ¦ write fast ¦ keyspace write fast ¦ 1,-1,1 ¦ RM,delete/i1/r-1:1:0 ¦ request_policy:multi_shard response_policy:agg_sum ¦ 4.0.0 ¦ generic ¦ O(1) ¦  ¦ Removes keys ¦ @key;0+
    unsubscribe ¦ -1 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Ends listening to channels ¦ [channel+]
    unwatch ¦ 1 ¦ noscript loading stale fast allow_busy ¦ fast transaction ¦ 0,0,0 ¦  ¦  ¦ 2.2.0 ¦ transactions ¦ O(1) ¦  ¦ Forgets the watched keys ¦ 
    wait ¦ 3 ¦ noscript ¦ slow connection ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:agg_min ¦ 3.0.0 ¦ generic ¦ O(1) ¦  ¦ Waits until copies have what was written ¦ #numreplicas #timeout
    watch ¦ -2 ¦ noscript loading stale fast allow_busy ¦ fast transaction ¦ 1,-1,1 ¦ RO/i1/r-1:1:0 ¦  ¦ 2.2.0 ¦ transactions ¦ O(1) ¦  ¦ Lets a transaction fail if keys change ¦ @key;0+
    xack ¦ -4 ¦ write fast ¦ write stream fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Marks entries as done with ¦ @key;0 group id+
    xadd ¦ -5 ¦ write denyoom fast ¦ write stream fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦ nondeterministic_output ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Adds an entry to a stream ¦ @key;0 ['NOMKSTREAM] [trim:{strategy:('MAXLEN | 'MINID) [operator:('==equal | '~=approximately)] threshold [LIMIT>#count]}] id_or_auto:('*=auto_id | id) field_value:{field value}+
    xautoclaim ¦ -6 ¦ write fast ¦ write stream fast ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦ nondeterministic_output ¦ 6.2.0 ¦ stream ¦ O(1) ¦  ¦ Takes over entries that others have left lying ¦ @key;0 group consumer min-idle-time start [COUNT>#count] ['JUSTID]
    xclaim ¦ -6 ¦ write fast ¦ write stream fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦ nondeterministic_output ¦ 5.0.0 ¦ stream ¦ O(log N) ¦  ¦ Takes over entries of a group ¦ @key;0 group consumer min-idle-time id+ [IDLE>#ms] [TIME>!unix-time-milliseconds] [RETRYCOUNT>#count] ['FORCE] ['JUSTID] [LASTID>id]
    xdel ¦ -3 ¦ write fast ¦ write stream fast ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Removes entries of a stream ¦ @key;0 id+
    xgroup ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ stream ¦  ¦  ¦ Consumer groups ¦ 
    xgroup|create ¦ -5 ¦ write denyoom ¦ write stream slow ¦ 2,2,1 ¦ RW,insert/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Makes a group ¦ @key;0 groupname id:(id | '$=new_id) ['MKSTREAM] [ENTRIESREAD>#entries_read]
    xgroup|createconsumer ¦ 5 ¦ write denyoom ¦ write stream slow ¦ 2,2,1 ¦ RW,insert/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ stream ¦ O(1) ¦  ¦ Makes a consumer ¦ @key;0 groupname consumername
    xgroup|delconsumer ¦ 5 ¦ write ¦ write stream slow ¦ 2,2,1 ¦ RW,delete/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Removes a consumer ¦ @key;0 groupname consumername
    xgroup|destroy ¦ 4 ¦ write ¦ write stream slow ¦ 2,2,1 ¦ RW,delete/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(N) ¦  ¦ Removes a group ¦ @key;0 groupname
    xgroup|help ¦ 2 ¦ loading stale ¦ stream slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    xgroup|setid ¦ -5 ¦ write ¦ write stream slow ¦ 2,2,1 ¦ RW,update/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Sets where a group has come to ¦ @key;0 groupname id:(id | '$=new_id) [ENTRIESREAD>#entries_read]
    xinfo ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ stream ¦  ¦  ¦ What is in streams ¦ 
    xinfo|consumers ¦ 4 ¦ readonly ¦ read stream slow ¦ 2,2,1 ¦ RO,access/i2/r0:1:0 ¦ nondeterministic_output ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Lists a group's consumers ¦ @key;0 groupname
    xinfo|groups ¦ 3 ¦ readonly ¦ read stream slow ¦ 2,2,1 ¦ RO,access/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Lists a stream's groups ¦ @key;0
    xinfo|help ¦ 2 ¦ loading stale ¦ stream slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    xinfo|stream ¦ -3 ¦ readonly ¦ read stream slow ¦ 2,2,1 ¦ RO,access/i2/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Describes a stream ¦ @key;0 [FULL>full:{[COUNT>#count]}]
    xlen ¦ 2 ¦ readonly fast ¦ read stream fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Counts the entries ¦ @key;0
    xpending ¦ -3 ¦ readonly ¦ read stream slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 5.0.0 ¦ stream ¦ O(N) ¦  ¦ Shows what a group has not acknowledged ¦ @key;0 group [filters:{[IDLE>#min-idle-time] start end #count [consumer]}]
    xrange ¦ -4 ¦ readonly ¦ read stream slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(N) ¦  ¦ Reads entries from an id to another one ¦ @key;0 start end [COUNT>#count]
    xread ¦ -4 ¦ readonly blocking movablekeys ¦ read stream slow blocking ¦ 0,0,0 ¦ RO,access/kSTREAMS:1/r-1:1:2 ¦  ¦ 5.0.0 ¦ stream ¦  ¦  ¦ Reads what is new in streams, and may wait for it ¦ [COUNT>#count] [BLOCK>#milliseconds] STREAMS>streams:{@key;0+ id+}
    xreadgroup ¦ -7 ¦ write blocking movablekeys ¦ write stream slow blocking ¦ 0,0,0 ¦ RO,access/kSTREAMS:4/r-1:1:2 ¦  ¦ 5.0.0 ¦ stream ¦  ¦  ¦ Reads what is new to a group, and may wait for it ¦ GROUP>group_consumer:{group consumer} [COUNT>#count] [BLOCK>#milliseconds] ['NOACK] STREAMS>streams:{@key;0+ id+}
    xrevrange ¦ -4 ¦ readonly ¦ read stream slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(N) ¦  ¦ Reads entries from an id back to another one ¦ @key;0 end start [COUNT>#count]
    xsetid ¦ -3 ¦ write denyoom fast ¦ write stream fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ stream ¦ O(1) ¦  ¦ Sets the last id of a stream ¦ @key;0 last-id [ENTRIESADDED>#entries_added] [MAXDELETEDID>max_deleted_entry_id]
    xtrim ¦ -4 ¦ write ¦ write stream slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦ nondeterministic_output ¦ 5.0.0 ¦ stream ¦ O(N) ¦  ¦ Shortens a stream ¦ @key;0 trim:{strategy:('MAXLEN | 'MINID) [operator:('==equal | '~=approximately)] threshold [LIMIT>#count]}
    zadd ¦ -4 ¦ write denyoom fast ¦ write sortedset fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Adds members with scores ¦ @key;0 [condition:('NX | 'XX)] [comparison:('GT | 'LT)] ['CH=change] ['INCR=increment] score_member:{~score member}+
    zcard ¦ 2 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(1) ¦  ¦ Counts the members ¦ @key;0
    zcount ¦ 4 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Counts the members in a range of scores ¦ @key;0 ~min ~max
    zdiff ¦ -3 ¦ readonly movablekeys ¦ read sortedset slow ¦ 0,0,0 ¦ RO,access/i1/n0:1:1 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(L + (N-K)log(N)) ¦  ¦ Finds the members that other sorted sets lack ¦ #numkeys @key;0+ ['WITHSCORES]
    zdiffstore ¦ -4 ¦ write denyoom movablekeys ¦ write sortedset slow ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/n0:1:1 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(L + (N-K)log(N)) ¦  ¦ Stores the members that other sorted sets lack ¦ @destination;0 #numkeys @key;1+
    zincrby ¦ 4 ¦ write denyoom fast ¦ write sortedset fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Adds to a member's score ¦ @key;0 #increment member
    zinter ¦ -3 ¦ readonly movablekeys ¦ read sortedset slow ¦ 0,0,0 ¦ RO,access/i1/n0:1:1 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(N*K) ¦  ¦ Finds the members that all sorted sets have ¦ #numkeys @key;0+ [WEIGHTS>#weight+] [AGGREGATE>aggregate:('SUM | 'MIN | 'MAX)] ['WITHSCORES]
    zintercard ¦ -3 ¦ readonly movablekeys ¦ read sortedset slow ¦ 0,0,0 ¦ RO,access/i1/n0:1:1 ¦  ¦ 7.0.0 ¦ sorted-set ¦ O(N*K) ¦  ¦ Counts the members that all sorted sets have ¦ #numkeys @key;0+ [LIMIT>#limit]
    zinterstore ¦ -4 ¦ write denyoom movablekeys ¦ write sortedset slow ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/n0:1:1 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(N*K) ¦  ¦ Stores the members that all sorted sets have ¦ @destination;0 #numkeys @key;1+ [WEIGHTS>#weight+] [AGGREGATE>aggregate:('SUM | 'MIN | 'MAX)]
    zlexcount ¦ 4 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.8.9 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Counts the members in a range of names ¦ @key;0 min max
    zmpop ¦ -4 ¦ write movablekeys ¦ write sortedset slow ¦ 0,0,0 ¦ RW,access,delete/i1/n0:1:1 ¦  ¦ 7.0.0 ¦ sorted-set ¦ O(K) ¦  ¦ Takes members from the first sorted set that has any ¦ #numkeys @key;0+ where:('MIN | 'MAX) [COUNT>#count]
    zmscore ¦ -3 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(N) ¦  ¦ Tells the scores of several members ¦ @key;0 member+
    zpopmax ¦ -2 ¦ write fast ¦ write sortedset fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ sorted-set ¦ O(log(N)*M) ¦  ¦ Takes the highest members ¦ @key;0 [#count]
    zpopmin ¦ -2 ¦ write fast ¦ write sortedset fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 5.0.0 ¦ sorted-set ¦ O(log(N)*M) ¦  ¦ Takes the lowest members ¦ @key;0 [#count]
    zrandmember ¦ -2 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 6.2.0 ¦ sorted-set ¦ O(N) ¦  ¦ Picks members by chance ¦ @key;0 [options:{#count ['WITHSCORES]}]
    zrange ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(log(N)+M) ¦  ¦ Reads members by rank, score or name ¦ @key;0 start stop [sortby:('BYSCORE | 'BYLEX)] ['REV] [LIMIT>offset_count:{#offset #count}] ['WITHSCORES]
    zrangebylex ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.8.9 ¦ sorted-set ¦ O(log(N)+M) ¦ 6.2.0,ZRANGE/BYLEX ¦ Reads members in a range of names ¦ @key;0 min max [LIMIT>offset_count:{#offset #count}]
    zrangebyscore ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.0.5 ¦ sorted-set ¦ O(log(N)+M) ¦ 6.2.0,ZRANGE/BYSCORE ¦ Reads members in a range of scores ¦ @key;0 ~min ~max ['WITHSCORES] [LIMIT>offset_count:{#offset #count}]
    zrangestore ¦ -5 ¦ write denyoom ¦ write sortedset slow ¦ 1,2,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(log(N)+M) ¦  ¦ Stores members by rank, score or name ¦ @dst;0 @src;1 min max [sortby:('BYSCORE | 'BYLEX)] ['REV] [LIMIT>offset_count:{#offset #count}]
    zrank ¦ 3 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Tells a member's rank ¦ @key;0 member
    zrem ¦ -3 ¦ write fast ¦ write sortedset fast ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(M*log(N)) ¦  ¦ Removes members ¦ @key;0 member+
    zremrangebylex ¦ 4 ¦ write ¦ write sortedset slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 2.8.9 ¦ sorted-set ¦ O(log(N)+M) ¦  ¦ Removes members in a range of names ¦ @key;0 min max
    zremrangebyrank ¦ 4 ¦ write ¦ write sortedset slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(log(N)+M) ¦  ¦ Removes members in a range of ranks ¦ @key;0 #start #stop
    zremrangebyscore ¦ 4 ¦ write ¦ write sortedset slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(log(N)+M) ¦  ¦ Removes members in a range of scores ¦ @key;0 ~min ~max
    zrevrange ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(log(N)+M) ¦ 6.2.0,ZRANGE/REV ¦ Reads members by rank, from the highest ¦ @key;0 #start #stop ['WITHSCORES]
    zrevrangebylex ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.8.9 ¦ sorted-set ¦ O(log(N)+M) ¦ 6.2.0,ZRANGE/REV/BYLEX ¦ Reads members in a range of names, from the end ¦ @key;0 max min [LIMIT>offset_count:{#offset #count}]
    zrevrangebyscore ¦ -4 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ sorted-set ¦ O(log(N)+M) ¦ 6.2.0,ZRANGE/REV/BYSCORE ¦ Reads members in a range of scores, from the highest ¦ @key;0 ~max ~min ['WITHSCORES] [LIMIT>offset_count:{#offset #count}]
    zrevrank ¦ 3 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Tells a member's rank, from the highest ¦ @key;0 member
    zscan ¦ -3 ¦ readonly ¦ read sortedset slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 2.8.0 ¦ sorted-set ¦ O(1) ¦  ¦ Goes through members and scores piece by piece ¦ @key;0 #cursor [MATCH>*pattern] [COUNT>#count]
    zscore ¦ 3 ¦ readonly fast ¦ read sortedset fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ sorted-set ¦ O(1) ¦  ¦ Tells a member's score ¦ @key;0 member
    zunion ¦ -3 ¦ readonly movablekeys ¦ read sortedset slow ¦ 0,0,0 ¦ RO,access/i1/n0:1:1 ¦  ¦ 6.2.0 ¦ sorted-set ¦ O(N) ¦  ¦ Joins sorted sets ¦ #numkeys @key;0+ [WEIGHTS>#weight+] [AGGREGATE>aggregate:('SUM | 'MIN | 'MAX)] ['WITHSCORES]
    zunionstore ¦ -4 ¦ write denyoom movablekeys ¦ write sortedset slow ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/n0:1:1 ¦  ¦ 2.0.0 ¦ sorted-set ¦ O(N) ¦  ¦ Stores what several sorted sets have together ¦ @destination;0 #numkeys @key;1+ [WEIGHTS>#weight+] [AGGREGATE>aggregate:('SUM | 'MIN | 'MAX)]
    """#
}
