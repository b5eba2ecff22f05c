// swift-format-ignore-file

extension CommandFacts {
  /// The commands of this part of the alphabet; `CommandFacts` says what the columns are.
  static let eToL = #"""
    eval ¦ -3 ¦ noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RW,access,update/i2/n0:1:1 ¦  ¦ 2.6.0 ¦ scripting ¦  ¦  ¦ Runs a script ¦ script #numkeys [@key;0+] [arg+]
    eval_ro ¦ -3 ¦ readonly noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RO,access/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ scripting ¦  ¦  ¦ Runs a script that only reads ¦ script #numkeys [@key;0+] [arg+]
    evalsha ¦ -3 ¦ noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RW,access,update/i2/n0:1:1 ¦  ¦ 2.6.0 ¦ scripting ¦  ¦  ¦ Runs a script that is known by its digest ¦ sha1 #numkeys [@key;0+] [arg+]
    evalsha_ro ¦ -3 ¦ readonly noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RO,access/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ scripting ¦  ¦  ¦ Runs a script that only reads, by its digest ¦ sha1 #numkeys [@key;0+] [arg+]
    exec ¦ 1 ¦ noscript loading stale skip_slowlog ¦ slow transaction ¦ 0,0,0 ¦  ¦  ¦ 1.2.0 ¦ transactions ¦  ¦  ¦ Carries a transaction out ¦ 
    exists ¦ -2 ¦ readonly fast ¦ keyspace read fast ¦ 1,-1,1 ¦ RO/i1/r-1:1:0 ¦ request_policy:multi_shard response_policy:agg_sum ¦ 1.0.0 ¦ generic ¦ O(N) ¦  ¦ Counts which of the keys there are ¦ @key;0+
    expire ¦ -3 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ generic ¦ O(1) ¦  ¦ Lets a key end after some seconds ¦ @key;0 #seconds [condition:('NX | 'XX | 'GT | 'LT)]
    expireat ¦ -3 ¦ write fast ¦ keyspace write fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 1.2.0 ¦ generic ¦ O(1) ¦  ¦ Lets a key end at a time in seconds ¦ @key;0 !unix-time-seconds [condition:('NX | 'XX | 'GT | 'LT)]
    expiretime ¦ 2 ¦ readonly fast ¦ keyspace read fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.0.0 ¦ generic ¦ O(1) ¦  ¦ Tells when a key ends, in seconds ¦ @key;0
    failover ¦ -1 ¦ admin noscript stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ server ¦ O(1) ¦  ¦ Hands the server's part over to a replica ¦ [TO>target:{host #port ['FORCE]}] ['ABORT] [TIMEOUT>#milliseconds]
    fcall ¦ -3 ¦ noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RW,access,update/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ scripting ¦  ¦  ¦ Calls a function ¦ function #numkeys [@key;0+] [arg+]
    fcall_ro ¦ -3 ¦ readonly noscript stale skip_monitor no_mandatory_keys movablekeys ¦ slow scripting ¦ 0,0,0 ¦ RO,access/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ scripting ¦  ¦  ¦ Calls a function that only reads ¦ function #numkeys [@key;0+] [arg+]
    flushall ¦ -1 ¦ write ¦ keyspace write slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 1.0.0 ¦ server ¦ O(N) ¦  ¦ Removes all keys of all databases ¦ [async:('ASYNC | 'SYNC)]
    flushdb ¦ -1 ¦ write ¦ keyspace write slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 1.0.0 ¦ server ¦ O(N) ¦  ¦ Removes all keys of the database ¦ [async:('ASYNC | 'SYNC)]
    function ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ scripting ¦  ¦  ¦ Libraries of functions ¦ 
    function|delete ¦ 3 ¦ write noscript ¦ write slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 7.0.0 ¦ scripting ¦ O(1) ¦  ¦ Removes a library ¦ library-name
    function|dump ¦ 2 ¦ noscript ¦ slow scripting ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ scripting ¦ O(N) ¦  ¦ Shows all libraries in a form that RESTORE reads ¦ 
    function|flush ¦ -2 ¦ write noscript ¦ write slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 7.0.0 ¦ scripting ¦ O(N) ¦  ¦ Removes all libraries ¦ [async:('ASYNC | 'SYNC)]
    function|help ¦ 2 ¦ loading stale ¦ slow scripting ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ scripting ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    function|kill ¦ 2 ¦ noscript allow_busy ¦ slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:one_succeeded ¦ 7.0.0 ¦ scripting ¦ O(1) ¦  ¦ Stops a function that runs and has written nothing ¦ 
    function|list ¦ -2 ¦ noscript ¦ slow scripting ¦ 0,0,0 ¦  ¦ nondeterministic_output_order ¦ 7.0.0 ¦ scripting ¦ O(N) ¦  ¦ Lists the libraries ¦ [LIBRARYNAME>library-name-pattern] ['WITHCODE]
    function|load ¦ -3 ¦ write denyoom noscript ¦ write slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 7.0.0 ¦ scripting ¦ O(1) ¦  ¦ Adds a library ¦ ['REPLACE] function-code
    function|restore ¦ -3 ¦ write denyoom noscript ¦ write slow scripting ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:all_succeeded ¦ 7.0.0 ¦ scripting ¦ O(N) ¦  ¦ Brings libraries back ¦ serialized-value [policy:('FLUSH | 'APPEND | 'REPLACE)]
    function|stats ¦ 2 ¦ noscript allow_busy ¦ slow scripting ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_shards response_policy:special ¦ 7.0.0 ¦ scripting ¦ O(1) ¦  ¦ Shows what runs ¦ 
    geoadd ¦ -5 ¦ write denyoom ¦ write geo slow ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(log(N)) ¦  ¦ Adds places to a sorted set ¦ @key;0 [condition:('NX | 'XX)] ['CH=change] longitude_latitude_member:{~longitude ~latitude member}+
    geodist ¦ -4 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(log(N)) ¦  ¦ Tells how far two places are apart ¦ @key;0 member1 member2 [unit:('M | 'KM | 'FT | 'MI)]
    geohash ¦ -2 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(log(N)) ¦  ¦ Shows places as geohash texts ¦ @key;0 member+
    geopos ¦ -2 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(N) ¦  ¦ Shows where places are ¦ @key;0 member+
    georadius ¦ -6 ¦ write denyoom movablekeys ¦ write geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 OW,update/kSTORE:6/r0:1:0 OW,update/kSTOREDIST:6/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(N+log(M)) ¦ 6.2.0,GEOSEARCH/GEOSEARCHSTORE/BYRADIUS ¦ Finds places around a point, and may store them ¦ @key;0 ~longitude ~latitude ~radius unit:('M | 'KM | 'FT | 'MI) ['WITHCOORD] ['WITHDIST] ['WITHHASH] [count:{COUNT>#count ['ANY]}] [order:('ASC | 'DESC)] [STORE>@key;1] [STOREDIST>@key;2]
    georadius_ro ¦ -6 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 3.2.10 ¦ geo ¦ O(N+log(M)) ¦ 6.2.0,GEOSEARCH/BYRADIUS ¦ Finds places around a point ¦ @key;0 ~longitude ~latitude ~radius unit:('M | 'KM | 'FT | 'MI) ['WITHCOORD] ['WITHDIST] ['WITHHASH] [count:{COUNT>#count ['ANY]}] [order:('ASC | 'DESC)]
    georadiusbymember ¦ -5 ¦ write denyoom movablekeys ¦ write geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 OW,update/kSTORE:5/r0:1:0 OW,update/kSTOREDIST:5/r0:1:0 ¦  ¦ 3.2.0 ¦ geo ¦ O(N+log(M)) ¦ 6.2.0,GEOSEARCH/GEOSEARCHSTORE/BYRADIUS/FROMMEMBER ¦ Finds places around another one, and may store them ¦ @key;0 member ~radius unit:('M | 'KM | 'FT | 'MI) ['WITHCOORD] ['WITHDIST] ['WITHHASH] [count:{COUNT>#count ['ANY]}] [order:('ASC | 'DESC)] [STORE>@key;1] [STOREDIST>@key;2]
    georadiusbymember_ro ¦ -5 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 3.2.10 ¦ geo ¦ O(N+log(M)) ¦ 6.2.0,GEOSEARCH/BYRADIUS/FROMMEMBER ¦ Finds places around another one ¦ @key;0 member ~radius unit:('M | 'KM | 'FT | 'MI) ['WITHCOORD] ['WITHDIST] ['WITHHASH] [count:{COUNT>#count ['ANY]}] [order:('ASC | 'DESC)]
    geosearch ¦ -7 ¦ readonly ¦ read geo slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 6.2.0 ¦ geo ¦ O(N+log(M)) ¦  ¦ Finds places in a circle or a box ¦ @key;0 from:(FROMMEMBER>member | FROMLONLAT>longitude_latitude:{~longitude ~latitude}) by:(circle:{BYRADIUS>~radius unit:('M | 'KM | 'FT | 'MI)} | box:{BYBOX>~width ~height unit:('M | 'KM | 'FT | 'MI)}) [order:('ASC | 'DESC)] [count:{COUNT>#count ['ANY]}] ['WITHCOORD] ['WITHDIST] ['WITHHASH]
    geosearchstore ¦ -8 ¦ write denyoom ¦ write geo slow ¦ 1,2,1 ¦ OW,update/i1/r0:1:0 RO,access/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ geo ¦ O(N+log(M)) ¦  ¦ Stores the places in a circle or a box ¦ @destination;0 @source;1 from:(FROMMEMBER>member | FROMLONLAT>longitude_latitude:{~longitude ~latitude}) by:(circle:{BYRADIUS>~radius unit:('M | 'KM | 'FT | 'MI)} | box:{BYBOX>~width ~height unit:('M | 'KM | 'FT | 'MI)}) [order:('ASC | 'DESC)] [count:{COUNT>#count ['ANY]}] ['STOREDIST]
    get ¦ 2 ¦ readonly fast ¦ read string fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Reads a string ¦ @key;0
    getbit ¦ 3 ¦ readonly fast ¦ read bitmap fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ bitmap ¦ O(1) ¦  ¦ Reads one bit of a string ¦ @key;0 #offset
    getdel ¦ 2 ¦ write fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 6.2.0 ¦ string ¦ O(1) ¦  ¦ Reads a string and removes it ¦ @key;0
    getex ¦ -2 ¦ write fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 6.2.0 ¦ string ¦ O(1) ¦  ¦ Reads a string and changes when it ends ¦ @key;0 [expiration:(EX>#seconds | PX>#milliseconds | EXAT>!unix-time-seconds | PXAT>!unix-time-milliseconds | 'PERSIST)]
    getrange ¦ 4 ¦ readonly ¦ read string slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.4.0 ¦ string ¦ O(N) ¦  ¦ Reads a part of a string ¦ @key;0 #start #end
    getset ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦ 6.2.0,SET ¦ Replaces a string and gives the old one ¦ @key;0 value
    hdel ¦ -3 ¦ write fast ¦ write hash fast ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(N) ¦  ¦ Removes fields of a hash ¦ @key;0 field+
    hello ¦ -1 ¦ noscript loading stale fast no_auth allow_busy ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ connection ¦ O(1) ¦  ¦ Agrees on the protocol, and says who the client is ¦ [arguments:{#protover [AUTH>username_password:{username password}] [SETNAME>clientname]}]
    hexists ¦ 3 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Whether a hash has the field ¦ @key;0 field
    hget ¦ 3 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Reads a field ¦ @key;0 field
    hgetall ¦ 2 ¦ readonly ¦ read hash slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output_order ¦ 2.0.0 ¦ hash ¦ O(N) ¦  ¦ Reads all fields with their values ¦ @key;0
    hincrby ¦ 4 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Adds to the number in a field ¦ @key;0 field #increment
    hincrbyfloat ¦ 4 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ hash ¦ O(1) ¦  ¦ Adds to the floating-point number in a field ¦ @key;0 field ~increment
    hkeys ¦ 2 ¦ readonly ¦ read hash slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output_order ¦ 2.0.0 ¦ hash ¦ O(N) ¦  ¦ Lists the fields ¦ @key;0
    hlen ¦ 2 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Counts the fields ¦ @key;0
    hmget ¦ -3 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(N) ¦  ¦ Reads several fields ¦ @key;0 field+
    hmset ¦ -4 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(N) ¦ 4.0.0,HSET ¦ Sets several fields ¦ @key;0 field_value:{field value}+
    hrandfield ¦ -2 ¦ readonly ¦ read hash slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 6.2.0 ¦ hash ¦ O(N) ¦  ¦ Picks fields by chance ¦ @key;0 [options:{#count ['WITHVALUES]}]
    hscan ¦ -3 ¦ readonly ¦ read hash slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 2.8.0 ¦ hash ¦ O(1) ¦  ¦ Goes through the fields piece by piece ¦ @key;0 #cursor [MATCH>*pattern] [COUNT>#count]
    hset ¦ -4 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Sets fields ¦ @key;0 field_value:{field value}+
    hsetnx ¦ 4 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ hash ¦ O(1) ¦  ¦ Sets a field that is not there yet ¦ @key;0 field value
    hstrlen ¦ 3 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ hash ¦ O(1) ¦  ¦ Tells how long a field's value is ¦ @key;0 field
    hvals ¦ 2 ¦ readonly ¦ read hash slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output_order ¦ 2.0.0 ¦ hash ¦ O(N) ¦  ¦ Lists the values ¦ @key;0
    incr ¦ 2 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Adds one to a number ¦ @key;0
    incrby ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Adds an amount to a number ¦ @key;0 #increment
    incrbyfloat ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ string ¦ O(1) ¦  ¦ Adds an amount to a floating-point number ¦ @key;0 ~increment
    info ¦ -1 ¦ loading stale ¦ slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_shards response_policy:special ¦ 1.0.0 ¦ server ¦ O(1) ¦  ¦ Describes the server in text ¦ [section+]
    keys ¦ 2 ¦ readonly ¦ keyspace read slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_shards nondeterministic_output_order ¦ 1.0.0 ¦ generic ¦ O(N) ¦  ¦ Lists the keys that match a pattern ¦ *pattern
    lastsave ¦ 1 ¦ loading stale fast ¦ admin fast dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 1.0.0 ¦ server ¦ O(1) ¦  ¦ Tells when the last checkpoint was taken ¦ 
    latency ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.13 ¦ server ¦  ¦  ¦ What takes long ¦ 
    latency|doctor ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_nodes response_policy:special ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Says in words what has taken long ¦ 
    latency|graph ¦ 3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_nodes response_policy:special ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Draws an event's samples ¦ event
    latency|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    latency|histogram ¦ -2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_nodes response_policy:special ¦ 7.0.0 ¦ server ¦ O(N) ¦  ¦ Shows how commands' durations are spread ¦ [command+]
    latency|history ¦ 3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_nodes response_policy:special ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Lists an event's samples ¦ event
    latency|latest ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ nondeterministic_output request_policy:all_nodes response_policy:special ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Lists the last sample of each event ¦ 
    latency|reset ¦ -2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:all_succeeded ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Forgets samples ¦ [event+]
    lcs ¦ -3 ¦ readonly ¦ read string slow ¦ 1,2,1 ¦ RO,access/i1/r1:1:0 ¦  ¦ 7.0.0 ¦ string ¦ O(N*M) ¦  ¦ Finds the longest common subsequence of two strings ¦ @key1;0 @key2;0 ['LEN] ['IDX] [MINMATCHLEN>#len] ['WITHMATCHLEN]
    lindex ¦ 3 ¦ readonly ¦ read list slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N) ¦  ¦ Reads the element at a place ¦ @key;0 #index
    linsert ¦ 5 ¦ write denyoom ¦ write list slow ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ list ¦ O(N) ¦  ¦ Puts an element before or behind another one ¦ @key;0 where:('BEFORE | 'AFTER) pivot element
    llen ¦ 2 ¦ readonly fast ¦ read list fast ¦ 1,1,1 ¦ RO/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(1) ¦  ¦ Counts the elements ¦ @key;0
    lmove ¦ 5 ¦ write denyoom ¦ write list slow ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 RW,insert/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ list ¦ O(1) ¦  ¦ Moves an element between lists ¦ @source;0 @destination;1 wherefrom:('LEFT | 'RIGHT) whereto:('LEFT | 'RIGHT)
    lmpop ¦ -4 ¦ write movablekeys ¦ write list slow ¦ 0,0,0 ¦ RW,access,delete/i1/n0:1:1 ¦  ¦ 7.0.0 ¦ list ¦ O(N+M) ¦  ¦ Takes elements from the first list that has any ¦ #numkeys @key;0+ where:('LEFT | 'RIGHT) [COUNT>#count]
    lolwut ¦ -1 ¦ readonly fast ¦ read fast ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ server ¦  ¦  ¦ Draws something, and tells the version ¦ [VERSION>#version]
    lpop ¦ -2 ¦ write fast ¦ write list fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N) ¦  ¦ Takes the first elements ¦ @key;0 [#count]
    lpos ¦ -3 ¦ readonly ¦ read list slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 6.0.6 ¦ list ¦ O(N) ¦  ¦ Finds the places of an element ¦ @key;0 element [RANK>#rank] [COUNT>#num-matches] [MAXLEN>#len]
    lpush ¦ -3 ¦ write denyoom fast ¦ write list fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(1) ¦  ¦ Puts elements before the first ¦ @key;0 element+
    lpushx ¦ -3 ¦ write denyoom fast ¦ write list fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.2.0 ¦ list ¦ O(1) ¦  ¦ Puts elements before the first of a list that there is ¦ @key;0 element+
    lrange ¦ 4 ¦ readonly ¦ read list slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(S+N) ¦  ¦ Reads the elements of a range of places ¦ @key;0 #start #stop
    lrem ¦ 4 ¦ write ¦ write list slow ¦ 1,1,1 ¦ RW,delete/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N+M) ¦  ¦ Removes elements that are equal ¦ @key;0 #count element
    lset ¦ 4 ¦ write denyoom ¦ write list slow ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ list ¦ O(N) ¦  ¦ Replaces the element at a place ¦ @key;0 #index element
    hexpire ¦ -6 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Lets fields end after some seconds ¦ @key;0 #seconds [condition:('NX | 'XX | 'GT | 'LT)] FIELDS>fields:{#numfields field+}
    hpexpire ¦ -6 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Lets fields end after some milliseconds ¦ @key;0 #milliseconds [condition:('NX | 'XX | 'GT | 'LT)] FIELDS>fields:{#numfields field+}
    hexpireat ¦ -6 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Lets fields end at a time in seconds ¦ @key;0 !unix-time-seconds [condition:('NX | 'XX | 'GT | 'LT)] FIELDS>fields:{#numfields field+}
    hpexpireat ¦ -6 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Lets fields end at a time in milliseconds ¦ @key;0 !unix-time-milliseconds [condition:('NX | 'XX | 'GT | 'LT)] FIELDS>fields:{#numfields field+}
    hgetex ¦ -5 ¦ write fast ¦ write hash fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 8.0.0 ¦ hash ¦ O(N) ¦  ¦ Reads fields, and lets them end or stay ¦ @key;0 [expiration:(EX>#seconds | PX>#milliseconds | EXAT>!unix-time-seconds | PXAT>!unix-time-milliseconds | 'PERSIST)] FIELDS>fields:{#numfields field+}
    hsetex ¦ -6 ¦ write denyoom fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 8.0.0 ¦ hash ¦ O(N) ¦  ¦ Sets fields that end some time ¦ @key;0 [condition:('FNX | 'FXX)] [expiration:(EX>#seconds | PX>#milliseconds | EXAT>!unix-time-seconds | PXAT>!unix-time-milliseconds | 'KEEPTTL)] FIELDS>fields:{#numfields data:{field value}+}
    hgetdel ¦ -5 ¦ write fast ¦ write hash fast ¦ 1,1,1 ¦ RW,access,delete/i1/r0:1:0 ¦  ¦ 8.0.0 ¦ hash ¦ O(N) ¦  ¦ Reads fields and removes them ¦ @key;0 FIELDS>fields:{#numfields field+}
    hpersist ¦ -5 ¦ write fast ¦ write hash fast ¦ 1,1,1 ¦ RW,update/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Lets fields stay for ever ¦ @key;0 FIELDS>fields:{#numfields field+}
    httl ¦ -5 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Tells how long fields have left, in seconds ¦ @key;0 FIELDS>fields:{#numfields field+}
    hpttl ¦ -5 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Tells how long fields have left, in milliseconds ¦ @key;0 FIELDS>fields:{#numfields field+}
    hexpiretime ¦ -5 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Tells when fields end, in seconds ¦ @key;0 FIELDS>fields:{#numfields field+}
    hpexpiretime ¦ -5 ¦ readonly fast ¦ read hash fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 7.4.0 ¦ hash ¦ O(N) ¦  ¦ Tells when fields end, in milliseconds ¦ @key;0 FIELDS>fields:{#numfields field+}
    """#
}
