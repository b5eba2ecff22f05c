// swift-format-ignore-file

extension CommandFacts {
  /// The commands of this part of the alphabet; `CommandFacts` says what the columns are.
  static let lToS = #"""
    ltrim ¦ 4 ¦ write ¦ write list slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N) ¦  ¦ Keeps a range of places ¦ @key;0 #start #stop
    memory ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 4.0.0 ¦ server ¦  ¦  ¦ What takes memory ¦ 
    memory|doctor ¦ 2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_shards response_policy:special ¦ 4.0.0 ¦ server ¦ O(1) ¦  ¦ Says in words whether memory is short ¦ 
    memory|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 4.0.0 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    memory|malloc-stats ¦ 2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_shards response_policy:special ¦ 4.0.0 ¦ server ¦  ¦  ¦ Shows what the allocator knows ¦ 
    memory|purge ¦ 2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 4.0.0 ¦ server ¦  ¦  ¦ Asks the allocator to give memory back ¦ 
    memory|stats ¦ 2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_shards response_policy:special ¦ 4.0.0 ¦ server ¦ O(1) ¦  ¦ Shows what takes memory ¦ 
    memory|usage ¦ -3 ¦ readonly ¦ read slow ¦ 2,2,1 ¦ RO/i2/r0:1:0 ¦  ¦ 4.0.0 ¦ server ¦ O(N) ¦  ¦ Estimates the bytes that a key takes ¦ @key;0 [SAMPLES>#count]
    mget ¦ -2 ¦ readonly fast ¦ read string fast ¦ 1,-1,1 ¦ RO,access/i1/r-1:1:0 ¦ request_policy:multi_shard ¦ 1.0.0 ¦ string ¦ O(N) ¦  ¦ Reads several strings ¦ @key;0+
    migrate ¦ -6 ¦ write movablekeys ¦ keyspace write slow dangerous ¦ 3,3,1 ¦ RW,access,delete/i3/r0:1:0 RW,access,delete,incomplete/kKEYS:-2/r-1:1:0 ¦ nondeterministic_output ¦ 2.6.0 ¦ generic ¦ O(N) ¦  ¦ Sends keys to another server and removes them here ¦ host #port key_or_empty_string:(@key;0 | '""=empty_string) #destination-db #timeout ['COPY] ['REPLACE] [authentication:([AUTH>password] | [AUTH2>username_password:{username password}])] [KEYS>@key;1+]
    monitor ¦ 1 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦  ¦  ¦ Shows all commands as they come ¦ 
    move ¦ 3 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Moves a key to another database ¦ @key;0 #db
    mset ¦ -3 ¦ write denyoom ¦ write string slow ¦ 1,-1,2 ¦ OW,update/i1/r-1:2:0 ¦ request_policy:multi_shard response_policy:all_succeeded ¦ 1.0.1 ¦ string ¦ O(N) ¦  ¦ Sets several strings ¦ key_value:{@key;0 value}+
    msetnx ¦ -3 ¦ write denyoom ¦ write string slow ¦ 1,-1,2 ¦ OW,insert/i1/r-1:2:0 ¦ request_policy:multi_shard response_policy:agg_min ¦ 1.0.1 ¦ string ¦ O(N) ¦  ¦ Sets several strings if none of the keys is there ¦ key_value:{@key;0 value}+
    multi ¦ 1 ¦ noscript loading stale fast allow_busy ¦ fast transaction ¦ 0,0,0 ¦  ¦  ¦ 1.2.0 ¦ transactions ¦ O(1) ¦  ¦ Begins a transaction ¦ 
    object ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.2.3 ¦ generic ¦  ¦  ¦ What is behind a key ¦ 
    object|encoding ¦ 3 ¦ readonly ¦ keyspace read slow ¦ 2,2,1 ¦ RO/i2/r0:1:0 ¦ nondeterministic_output ¦ 2.2.3 ¦ generic ¦ O(1) ¦  ¦ Tells how a value would be kept ¦ @key;0
    object|freq ¦ 3 ¦ readonly ¦ keyspace read slow ¦ 2,2,1 ¦ RO/i2/r0:1:0 ¦ nondeterministic_output ¦ 4.0.0 ¦ generic ¦ O(1) ¦  ¦ Tells how often a key is used ¦ @key;0
    object|help ¦ 2 ¦ loading stale ¦ keyspace slow ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ generic ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    object|idletime ¦ 3 ¦ readonly ¦ keyspace read slow ¦ 2,2,1 ¦ RO/i2/r0:1:0 ¦ nondeterministic_output ¦ 2.2.3 ¦ generic ¦ O(1) ¦  ¦ Tells for how long a key has not been used ¦ @key;0
    object|refcount ¦ 3 ¦ readonly ¦ keyspace read slow ¦ 2,2,1 ¦ RO/i2/r0:1:0 ¦ nondeterministic_output ¦ 2.2.3 ¦ generic ¦ O(1) ¦  ¦ Counts who shares a value ¦ @key;0
    persist ¦ 2 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ generic ¦ O(1) ¦  ¦ Lets a key stay for ever ¦ @key;0
    pexpire ¦ -3 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ generic ¦ O(1) ¦  ¦ Lets a key end after some milliseconds ¦ @key;0 #milliseconds [condition:('NX | 'XX | 'GT | 'LT)]
    pexpireat ¦ -3 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ generic ¦ O(1) ¦  ¦ Lets a key end at a time in milliseconds ¦ @key;0 !unix-time-milliseconds [condition:('NX | 'XX | 'GT | 'LT)]
    pexpiretime ¦ 2 ¦ readonly fast ¦ keyspace read fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.0.0 ¦ generic ¦ O(1) ¦  ¦ Tells when a key ends, in milliseconds ¦ @key;0
    pfadd ¦ -2 ¦ write denyoom fast ¦ write hyperloglog fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.8.9 ¦ hyperloglog ¦ O(1) ¦  ¦ Counts elements into a HyperLogLog ¦ @key;0 [element+]
    pfcount ¦ -2 ¦ readonly ¦ read hyperloglog slow ¦ 1,-1,1 ¦ RW,access/i1/r-1:1:0 ¦  ¦ 2.8.9 ¦ hyperloglog ¦ O(1) ¦  ¦ Estimates how many different elements were counted ¦ @key;0+
    pfdebug ¦ 3 ¦ write denyoom admin ¦ write hyperloglog admin slow dangerous ¦ 2,2,1 ¦ RW,access/i2/r0:1:0 ¦  ¦ 2.8.9 ¦ hyperloglog ¦  ¦ syscmd ¦ For those who test HyperLogLogs ¦ subcommand @key;0
    pfmerge ¦ -2 ¦ write denyoom ¦ write hyperloglog slow ¦ 1,-1,1 ¦ RW,access,insert/i1/r0:1:0 RO,access/i2/r-1:1:0 ¦  ¦ 2.8.9 ¦ hyperloglog ¦ O(N) ¦  ¦ Joins HyperLogLogs ¦ @destkey;0 @sourcekey;1+
    pfselftest ¦ 1 ¦ admin ¦ hyperloglog admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 2.8.9 ¦ hyperloglog ¦  ¦ syscmd ¦ Tests HyperLogLogs ¦ 
    ping ¦ -1 ¦ fast ¦ fast connection ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 1.0.0 ¦ connection ¦ O(1) ¦  ¦ Answers ¦ [message]
    psetex ¦ 4 ¦ write denyoom ¦ write string slow ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ string ¦ O(1) ¦  ¦ Sets a string that ends after some milliseconds ¦ @key;0 #milliseconds value
    psubscribe ¦ -2 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Listens to channels by patterns ¦ pattern:{*pattern}+
    pttl ¦ 2 ¦ readonly fast ¦ keyspace read fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 2.6.0 ¦ generic ¦ O(1) ¦  ¦ Tells how long a key has left, in milliseconds ¦ @key;0
    publish ¦ 3 ¦ pubsub loading stale fast ¦ pubsub fast ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ pubsub ¦ O(N+M) ¦  ¦ Sends a message to a channel ¦ channel message
    pubsub ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.0 ¦ pubsub ¦  ¦  ¦ Who listens ¦ 
    pubsub|channels ¦ -2 ¦ pubsub loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.0 ¦ pubsub ¦ O(N) ¦  ¦ Lists the channels with listeners ¦ [*pattern]
    pubsub|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ pubsub ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    pubsub|numpat ¦ 2 ¦ pubsub loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.0 ¦ pubsub ¦ O(1) ¦  ¦ Counts the patterns that are listened to ¦ 
    pubsub|numsub ¦ -2 ¦ pubsub loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.0 ¦ pubsub ¦ O(N) ¦  ¦ Counts the listeners of channels ¦ [channel+]
    pubsub|shardchannels ¦ -2 ¦ pubsub loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Lists the shard channels with listeners ¦ [*pattern]
    pubsub|shardnumsub ¦ -2 ¦ pubsub loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ pubsub ¦ O(N) ¦  ¦ Counts the listeners of shard channels ¦ [shardchannel+]
    punsubscribe ¦ -1 ¦ pubsub noscript loading stale ¦ pubsub slow ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ pubsub ¦ O(N+M) ¦  ¦ Ends listening by patterns ¦ [*pattern+]
    quit ¦ -1 ¦ noscript loading stale fast no_auth allow_busy ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ connection ¦ O(1) ¦  ¦ Ends the connection ¦ 
    randomkey ¦ 1 ¦ readonly ¦ keyspace read slow ¦ 0,0,0 ¦  ¦ request_policy:all_shards nondeterministic_output ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Picks a key by chance ¦ 
    readonly ¦ 1 ¦ loading stale fast ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Allows reads from replicas ¦ 
    readwrite ¦ 1 ¦ loading stale fast ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Wants reads from the leaders again ¦ 
    rename ¦ 3 ¦ write ¦ keyspace write slow ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 OW,update/i2/r0:1:0 ¦  ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Gives a key another name ¦ @key;0 @newkey;1
    renamenx ¦ 3 ¦ write fast ¦ keyspace write fast ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 OW,insert/i2/r0:1:0 ¦  ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Gives a key a name that is free ¦ @key;0 @newkey;1
    replicaof ¦ 3 ¦ admin noscript stale no_async_loading ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ server ¦ O(1) ¦  ¦ Makes the server a copy of another one ¦ args:(host-port:{host #port} | no-one:{'NO 'ONE})
    reset ¦ 1 ¦ noscript loading stale fast no_auth allow_busy ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ connection ¦ O(1) ¦  ¦ Sets the connection back to how it began ¦ 
    restore ¦ -4 ¦ write denyoom ¦ keyspace write slow dangerous ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ generic ¦ O(1) ¦  ¦ Makes a key from what DUMP has shown ¦ @key;0 #ttl serialized-value ['REPLACE] ['ABSTTL] [IDLETIME>#seconds] [FREQ>#frequency]
    restore-asking ¦ -4 ¦ write denyoom asking ¦ keyspace write slow dangerous ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 ¦  ¦ 3.0.0 ¦ generic ¦ O(1) ¦  ¦ Makes a key from what DUMP has shown ¦ @key;0 #ttl serialized-value ['REPLACE] ['ABSTTL] [IDLETIME>#seconds] [FREQ>#frequency]
    role ¦ 1 ¦ noscript loading stale fast ¦ admin fast dangerous ¦ 0,0,0 ¦  ¦  ¦ 2.8.12 ¦ server ¦ O(1) ¦  ¦ Tells the server's part in replication ¦ 
    rpop ¦ -2 ¦ write fast ¦ write list fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N) ¦  ¦ Takes the last elements ¦ @key;0 [#count]
    rpoplpush ¦ 3 ¦ write denyoom ¦ write list slow ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 RW,insert/i2/r0:1:0 ¦  ¦ 1.2.0 ¦ list ¦ O(1) ¦ 6.2.0,LMOVE/RIGHT/LEFT ¦ Moves the last element to the front of a list ¦ @source;0 @destination;1
    rpush ¦ -3 ¦ write denyoom fast ¦ write list fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(1) ¦  ¦ Puts elements behind the last ¦ @key;0 element+
    rpushx ¦ -3 ¦ write denyoom fast ¦ write list fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ list ¦ O(1) ¦  ¦ Puts elements behind the last of a list that there is ¦ @key;0 element+
    sadd ¦ -3 ¦ write denyoom fast ¦ write set fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(1) ¦  ¦ Adds members to a set ¦ @key;0 member+
    save ¦ 1 ¦ admin noscript no_async_loading no_multi ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦ O(N) ¦  ¦ Takes a checkpoint and waits for it ¦ 
    scan ¦ -2 ¦ readonly ¦ keyspace read slow ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:special ¦ 2.8.0 ¦ generic ¦ O(1) ¦  ¦ Goes through the keys piece by piece ¦ #cursor [MATCH>*pattern] [COUNT>#count] [TYPE>type]
    scard ¦ 2 ¦ readonly fast ¦ read set fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(1) ¦  ¦ Counts the members ¦ @key;0
    script ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.6.0 ¦ scripting ¦  ¦  ¦ Scripts that are known ¦ 
    script|debug ¦ 3 ¦ noscript ¦ slow scripting ¦ 0,0,0 ¦  ¦  ¦ 3.2.0 ¦ scripting ¦ O(1) ¦  ¦ How scripts are debugged ¦ mode:('YES | 'SYNC | 'NO)
    script|exists ¦ -3 ¦ noscript ¦ slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:agg_logical_and ¦ 2.6.0 ¦ scripting ¦ O(N) ¦  ¦ Tells which digests are known ¦ sha1+
    script|flush ¦ -2 ¦ noscript ¦ slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:all_succeeded ¦ 2.6.0 ¦ scripting ¦ O(N) ¦  ¦ Forgets all scripts ¦ [async:('ASYNC | 'SYNC)]
    script|help ¦ 2 ¦ loading stale ¦ slow scripting ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ scripting ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    script|kill ¦ 2 ¦ noscript allow_busy ¦ slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:one_succeeded ¦ 2.6.0 ¦ scripting ¦ O(1) ¦  ¦ Stops a script that runs and has written nothing ¦ 
    script|load ¦ 3 ¦ noscript stale ¦ slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:all_succeeded ¦ 2.6.0 ¦ scripting ¦ O(N) ¦  ¦ Makes a script known ¦ script
    sdiff ¦ -2 ¦ readonly ¦ read set slow ¦ 1,-1,1 ¦ RO,access/i1/r-1:1:0 ¦ nondeterministic_output_order ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Finds the members that other sets lack ¦ @key;0+
    sdiffstore ¦ -3 ¦ write denyoom ¦ write set slow ¦ 1,-1,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/r-1:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(N) ¦  ¦ Stores the members that other sets lack ¦ @destination;0 @key;1+
    select ¦ 2 ¦ loading stale fast ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ connection ¦ O(1) ¦  ¦ Changes the database ¦ #index
    set ¦ -3 ¦ write denyoom ¦ write string slow ¦ 1,1,1 ¦ RW,access,update,variable_flags/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Sets a string ¦ @key;0 value [condition:('NX | 'XX)] ['GET] [expiration:(EX>#seconds | PX>#milliseconds | EXAT>!unix-time-seconds | PXAT>!unix-time-milliseconds | 'KEEPTTL)]
    setbit ¦ 4 ¦ write denyoom ¦ write bitmap slow ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ bitmap ¦ O(1) ¦  ¦ Sets or clears one bit of a string ¦ @key;0 #offset #value
    setex ¦ 4 ¦ write denyoom ¦ write string slow ¦ 1,1,1 ¦ OW,update/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ string ¦ O(1) ¦  ¦ Sets a string that ends after some seconds ¦ @key;0 #seconds value
    setnx ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ OW,insert/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Sets a string if there is no such key ¦ @key;0 value
    setrange ¦ 4 ¦ write denyoom ¦ write string slow ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ string ¦ O(1) ¦  ¦ Overwrites a part of a string ¦ @key;0 #offset value
    shutdown ¦ -1 ¦ admin noscript loading stale no_multi allow_busy ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦ O(N) ¦  ¦ Ends the server ¦ [nosave_save:('NOSAVE | 'SAVE)] ['NOW] ['FORCE] ['ABORT]
    sinter ¦ -2 ¦ readonly ¦ read set slow ¦ 1,-1,1 ¦ RO,access/i1/r-1:1:0 ¦ nondeterministic_output_order ¦ 1.0.0 ¦ set ¦ O(N*M) ¦  ¦ Finds the members that all sets have ¦ @key;0+
    sintercard ¦ -3 ¦ readonly movablekeys ¦ read set slow ¦ 0,0,0 ¦ RO,access/i1/n0:1:1 ¦  ¦ 7.0.0 ¦ set ¦ O(N*M) ¦  ¦ Counts the members that all sets have ¦ #numkeys @key;0+ [LIMIT>#limit]
    sinterstore ¦ -3 ¦ write denyoom ¦ write set slow ¦ 1,-1,1 ¦ RW,update/i1/r0:1:0 RO,access/i2/r-1:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(N*M) ¦  ¦ Stores the members that all sets have ¦ @destination;0 @key;1+
    sismember ¦ 3 ¦ readonly fast ¦ read set fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ set ¦ O(1) ¦  ¦ Whether a set has the member ¦ @key;0 member
    slaveof ¦ 3 ¦ admin noscript stale no_async_loading ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦ O(1) ¦ 5.0.0,REPLICAOF ¦ Makes the server a copy of another one ¦ args:(host-port:{host #port} | no-one:{'NO 'ONE})
    slowlog ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.2.12 ¦ server ¦  ¦  ¦ Commands that took long ¦ 
    slowlog|get ¦ -2 ¦ admin loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_nodes nondeterministic_output ¦ 2.2.12 ¦ server ¦ O(N) ¦  ¦ Shows the newest of them ¦ [#count]
    slowlog|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    slowlog|len ¦ 2 ¦ admin loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:agg_sum nondeterministic_output ¦ 2.2.12 ¦ server ¦ O(1) ¦  ¦ Counts them ¦ 
    """#
}
