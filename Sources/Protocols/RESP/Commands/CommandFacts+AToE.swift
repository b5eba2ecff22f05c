// swift-format-ignore-file

extension CommandFacts {
  /// The commands of this part of the alphabet; `CommandFacts` says what the columns are.
  static let aToE = #"""
    acl ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦  ¦  ¦ Users and what they may do ¦ 
    acl|cat ¦ -2 ¦ noscript loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(1) ¦  ¦ Lists the categories of commands, or the commands of one ¦ [categoryname]
    acl|deluser ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(1) ¦  ¦ Removes users and ends their connections ¦ username+
    acl|dryrun ¦ -4 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ server ¦ O(1) ¦  ¦ Says whether a user could run a command ¦ username command [arg+]
    acl|genpass ¦ -2 ¦ noscript loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(1) ¦  ¦ Makes a password that nobody can guess ¦ [#bits]
    acl|getuser ¦ 3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Shows one user's rules ¦ username
    acl|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    acl|list ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Shows all users with their rules ¦ 
    acl|load ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Reads the users again ¦ 
    acl|log ¦ -2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Shows what was refused lately ¦ [operation:(#count | 'RESET)]
    acl|save ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Keeps the users for good ¦ 
    acl|setuser ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Makes a user, or changes one's rules ¦ username [rule+]
    acl|users ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(N) ¦  ¦ Lists the users' names ¦ 
    acl|whoami ¦ 2 ¦ noscript loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ server ¦ O(1) ¦  ¦ Tells who this connection is ¦ 
    append ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,insert/i1/r0:1:0 ¦  ¦ 2.0.0 ¦ string ¦ O(1) ¦  ¦ Adds to the end of a string ¦ @key;0 value
    asking ¦ 1 ¦ fast ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Lets the next command through while a slot moves ¦ 
    auth ¦ -2 ¦ noscript loading stale fast no_auth allow_busy ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ connection ¦ O(N) ¦  ¦ Says who the client is ¦ [username] password
    bgrewriteaof ¦ 1 ¦ admin noscript no_async_loading ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦ O(1) ¦  ¦ Begins to shorten what a start reads ¦ 
    bgsave ¦ -1 ¦ admin noscript no_async_loading ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦ O(1) ¦  ¦ Begins to take a checkpoint ¦ ['SCHEDULE]
    bitcount ¦ -2 ¦ readonly ¦ read bitmap slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.6.0 ¦ bitmap ¦ O(N) ¦  ¦ Counts the bits that are set ¦ @key;0 [index:{#start #end [index_unit:('BYTE | 'BIT)]}]
    bitfield ¦ -2 ¦ write denyoom ¦ write bitmap slow ¦ 1,1,1 ¦ RW,access,update,variable_flags/i1/r0:1:0 ¦  ¦ 3.2.0 ¦ bitmap ¦ O(1) ¦  ¦ Reads and changes integers of any width in a string ¦ @key;0 [operation:(GET>encoding_offset:{encoding #offset} | write:{[OVERFLOW>wrap_sat_fail:('WRAP | 'SAT | 'FAIL)] write_operation:(SET>encoding_offset_value:{encoding #offset #value} | INCRBY>encoding_offset_increment:{encoding #offset #increment})})+]
    bitfield_ro ¦ -2 ¦ readonly fast ¦ read bitmap fast ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 6.0.0 ¦ bitmap ¦ O(1) ¦  ¦ Reads integers of any width in a string ¦ @key;0 [GET>encoding_offset:{encoding #offset}++]
    bitop ¦ -4 ¦ write denyoom ¦ write bitmap slow ¦ 2,-1,1 ¦ OW,update/i2/r0:1:0 RO,access/i3/r-1:1:0 ¦  ¦ 2.6.0 ¦ bitmap ¦ O(N) ¦  ¦ Combines strings bit by bit ¦ operation @destkey;0 @key;1+
    bitpos ¦ -3 ¦ readonly ¦ read bitmap slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦  ¦ 2.8.7 ¦ bitmap ¦ O(N) ¦  ¦ Finds the first bit that is set, or clear ¦ @key;0 #bit [index:{#start [end_index:{#end [index_unit:('BYTE | 'BIT)]}]}]
    blmove ¦ 6 ¦ write denyoom noscript blocking ¦ write list slow blocking ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 RW,insert/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ list ¦ O(1) ¦  ¦ Moves an element between lists, waiting for one ¦ @source;0 @destination;1 wherefrom:('LEFT | 'RIGHT) whereto:('LEFT | 'RIGHT) ~timeout
    blmpop ¦ -5 ¦ write blocking movablekeys ¦ write list slow blocking ¦ 0,0,0 ¦ RW,access,delete/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ list ¦ O(N+M) ¦  ¦ Takes elements from the first list that has any, waiting for one ¦ ~timeout #numkeys @key;0+ where:('LEFT | 'RIGHT) [COUNT>#count]
    blpop ¦ -3 ¦ write noscript blocking ¦ write list slow blocking ¦ 1,-2,1 ¦ RW,access,delete/i1/r-2:1:0 ¦  ¦ 2.0.0 ¦ list ¦ O(N) ¦  ¦ Takes the first element of the first list that has any, waiting for one ¦ @key;0+ ~timeout
    brpop ¦ -3 ¦ write noscript blocking ¦ write list slow blocking ¦ 1,-2,1 ¦ RW,access,delete/i1/r-2:1:0 ¦  ¦ 2.0.0 ¦ list ¦ O(N) ¦  ¦ Takes the last element of the first list that has any, waiting for one ¦ @key;0+ ~timeout
    brpoplpush ¦ 4 ¦ write denyoom noscript blocking ¦ write list slow blocking ¦ 1,2,1 ¦ RW,access,delete/i1/r0:1:0 RW,insert/i2/r0:1:0 ¦  ¦ 2.2.0 ¦ list ¦ O(1) ¦ 6.2.0,BLMOVE/RIGHT/LEFT ¦ Moves the last element to the front of a list, waiting for one ¦ @source;0 @destination;1 ~timeout
    bzmpop ¦ -5 ¦ write blocking movablekeys ¦ write sortedset slow blocking ¦ 0,0,0 ¦ RW,access,delete/i2/n0:1:1 ¦  ¦ 7.0.0 ¦ sorted-set ¦ O(K) ¦  ¦ Takes members from the first sorted set that has any, waiting for one ¦ ~timeout #numkeys @key;0+ where:('MIN | 'MAX) [COUNT>#count]
    bzpopmax ¦ -3 ¦ write noscript blocking fast ¦ write sortedset fast blocking ¦ 1,-2,1 ¦ RW,access,delete/i1/r-2:1:0 ¦  ¦ 5.0.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Takes the highest member of the first sorted set that has any, waiting for one ¦ @key;0+ ~timeout
    bzpopmin ¦ -3 ¦ write noscript blocking fast ¦ write sortedset fast blocking ¦ 1,-2,1 ¦ RW,access,delete/i1/r-2:1:0 ¦  ¦ 5.0.0 ¦ sorted-set ¦ O(log(N)) ¦  ¦ Takes the lowest member of the first sorted set that has any, waiting for one ¦ @key;0+ ~timeout
    client ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.4.0 ¦ connection ¦  ¦  ¦ Connections ¦ 
    client|caching ¦ 3 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ connection ¦ O(1) ¦  ¦ Makes the next command an exception of tracking ¦ mode:('YES | 'NO)
    client|getname ¦ 2 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 2.6.9 ¦ connection ¦ O(1) ¦  ¦ Shows the connection's name ¦ 
    client|getredir ¦ 2 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ connection ¦ O(1) ¦  ¦ Shows who is told of changed keys instead ¦ 
    client|help ¦ 2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ connection ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    client|id ¦ 2 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ connection ¦ O(1) ¦  ¦ Shows the connection's number ¦ 
    client|info ¦ 2 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 6.2.0 ¦ connection ¦ O(1) ¦  ¦ Describes this connection ¦ 
    client|kill ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦  ¦ 2.4.0 ¦ connection ¦ O(N) ¦  ¦ Ends connections ¦ filter:(ip:port | new-format:([ID>#client-id] | [TYPE>normal_master_slave_pubsub:('NORMAL | 'MASTER | 'SLAVE | 'REPLICA | 'PUBSUB)] | [USER>username] | [ADDR>ip:port] | [LADDR>ip:port] | [SKIPME>yes/no])+)
    client|list ¦ -2 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 2.4.0 ¦ connection ¦ O(N) ¦  ¦ Describes all connections ¦ [TYPE>normal_master_replica_pubsub:('NORMAL | 'MASTER | 'REPLICA | 'PUBSUB)] [ID>id:{#client-id+}]
    client|no-evict ¦ 3 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ connection ¦ O(1) ¦  ¦ Protects the connection when memory is short ¦ enabled:('ON | 'OFF)
    client|no-touch ¦ 3 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 7.2.0 ¦ connection ¦ O(1) ¦  ¦ Whether reading counts as use ¦ enabled:('ON | 'OFF)
    client|pause ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦  ¦ 2.9.50 ¦ connection ¦ O(1) ¦  ¦ Holds commands back for a while ¦ #timeout [mode:('WRITE | 'ALL)]
    client|reply ¦ 3 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 3.2.0 ¦ connection ¦ O(1) ¦  ¦ Whether replies are sent ¦ on_off_skip:('ON | 'OFF | 'SKIP)
    client|setinfo ¦ 4 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 7.2.0 ¦ connection ¦ O(1) ¦  ¦ Says which library the client uses ¦ attr:(LIB-NAME>libname | LIB-VER>libver)
    client|setname ¦ 3 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 2.6.9 ¦ connection ¦ O(1) ¦  ¦ Names the connection ¦ connection-name
    client|tracking ¦ -3 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 6.0.0 ¦ connection ¦ O(1) ¦  ¦ Whether the client hears which keys change ¦ status:('ON | 'OFF) [REDIRECT>#client-id] [PREFIX>prefix++] ['BCAST] ['OPTIN] ['OPTOUT] ['NOLOOP]
    client|trackinginfo ¦ 2 ¦ noscript loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ connection ¦ O(1) ¦  ¦ Shows how tracking is set ¦ 
    client|unblock ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ connection ¦ O(log N) ¦  ¦ Ends another client's waiting ¦ #client-id [timeout_error:('TIMEOUT | 'ERROR)]
    client|unpause ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous connection ¦ 0,0,0 ¦  ¦  ¦ 6.2.0 ¦ connection ¦ O(N) ¦  ¦ Ends a pause ¦ 
    cluster ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦  ¦  ¦ Slots and nodes ¦ 
    cluster|countkeysinslot ¦ 3 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Counts the keys of a slot ¦ #slot
    cluster|getkeysinslot ¦ 4 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 3.0.0 ¦ cluster ¦ O(log(N)) ¦  ¦ Lists keys of a slot ¦ #slot #count
    cluster|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ cluster ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    cluster|info ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Describes the cluster's state ¦ 
    cluster|keyslot ¦ 3 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(N) ¦  ¦ Tells the slot of a key ¦ key
    cluster|links ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 7.0.0 ¦ cluster ¦ O(N) ¦  ¦ Lists the connections between nodes ¦ 
    cluster|myid ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 3.0.0 ¦ cluster ¦ O(1) ¦  ¦ Shows this node's name ¦ 
    cluster|nodes ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 3.0.0 ¦ cluster ¦ O(N) ¦  ¦ Lists the nodes with their slots, as text ¦ 
    cluster|shards ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 7.0.0 ¦ cluster ¦ O(N) ¦  ¦ Lists the slots with the nodes that serve them ¦ 
    cluster|slots ¦ 2 ¦ stale ¦ slow ¦ 0,0,0 ¦  ¦ nondeterministic_output ¦ 3.0.0 ¦ cluster ¦ O(N) ¦ 7.0.0,CLUSTER SHARDS ¦ Lists the ranges of slots with their nodes ¦ 
    command ¦ -1 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦ nondeterministic_output_order ¦ 2.8.13 ¦ server ¦ O(N) ¦  ¦ Describes all commands ¦ 
    command|count ¦ 2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 2.8.13 ¦ server ¦ O(1) ¦  ¦ Counts the commands ¦ 
    command|docs ¦ -2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦ nondeterministic_output_order ¦ 7.0.0 ¦ server ¦ O(N) ¦  ¦ Documents commands ¦ [command-name+]
    command|getkeys ¦ -4 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 2.8.13 ¦ server ¦ O(N) ¦  ¦ Finds the keys in a command ¦ 
    command|getkeysandflags ¦ -4 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 7.0.0 ¦ server ¦ O(N) ¦  ¦ Finds the keys in a command, and what it does to them ¦ 
    command|help ¦ 2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    command|info ¦ -2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦ nondeterministic_output_order ¦ 2.8.13 ¦ server ¦ O(N) ¦  ¦ Describes some commands, or all ¦ [command-name+]
    command|list ¦ -2 ¦ loading stale ¦ slow connection ¦ 0,0,0 ¦  ¦ nondeterministic_output_order ¦ 7.0.0 ¦ server ¦ O(N) ¦  ¦ Lists the commands' names ¦ [FILTERBY>filterby:(MODULE>module-name | ACLCAT>category | PATTERN>*pattern)]
    config ¦ -2 ¦  ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ server ¦  ¦  ¦ Parameters ¦ 
    config|get ¦ -3 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ server ¦ O(N) ¦  ¦ Shows parameters ¦ parameter:{parameter}+
    config|help ¦ 2 ¦ loading stale ¦ slow ¦ 0,0,0 ¦  ¦  ¦ 5.0.0 ¦ server ¦ O(1) ¦  ¦ Explains the subcommands ¦ 
    config|resetstat ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ server ¦ O(1) ¦  ¦ Sets counts back to zero ¦ 
    config|rewrite ¦ 2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 2.8.0 ¦ server ¦ O(1) ¦  ¦ Writes parameters to the file ¦ 
    config|set ¦ -4 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦ request_policy:all_nodes response_policy:all_succeeded ¦ 2.0.0 ¦ server ¦ O(N) ¦  ¦ Changes parameters ¦ parameter_value:{parameter value}+
    copy ¦ -3 ¦ write denyoom ¦ keyspace write slow ¦ 1,2,1 ¦ RO,access/i1/r0:1:0 OW,update/i2/r0:1:0 ¦  ¦ 6.2.0 ¦ generic ¦ O(N) ¦  ¦ Copies a key's value to another key ¦ @source;0 @destination;1 [DB>#destination-db] ['REPLACE]
    dbsize ¦ 1 ¦ readonly fast ¦ keyspace read fast ¦ 0,0,0 ¦  ¦ request_policy:all_shards response_policy:agg_sum ¦ 1.0.0 ¦ server ¦ O(1) ¦  ¦ Counts the keys of the database ¦ 
    debug ¦ -2 ¦ admin noscript loading stale ¦ admin slow dangerous ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ server ¦  ¦ syscmd ¦ For those who test the server ¦ 
    decr ¦ 2 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Takes one from a number ¦ @key;0
    decrby ¦ 3 ¦ write denyoom fast ¦ write string fast ¦ 1,1,1 ¦ RW,access,update/i1/r0:1:0 ¦  ¦ 1.0.0 ¦ string ¦ O(1) ¦  ¦ Takes an amount from a number ¦ @key;0 #decrement
    del ¦ -2 ¦ write ¦ keyspace write slow ¦ 1,-1,1 ¦ RM,delete/i1/r-1:1:0 ¦ request_policy:multi_shard response_policy:agg_sum ¦ 1.0.0 ¦ generic ¦ O(N) ¦  ¦ Removes keys ¦ @key;0+
    discard ¦ 1 ¦ noscript loading stale fast allow_busy ¦ fast transaction ¦ 0,0,0 ¦  ¦  ¦ 2.0.0 ¦ transactions ¦ O(N) ¦  ¦ Gives a transaction up ¦ 
    dump ¦ 2 ¦ readonly ¦ keyspace read slow ¦ 1,1,1 ¦ RO,access/i1/r0:1:0 ¦ nondeterministic_output ¦ 2.6.0 ¦ generic ¦ O(1) ¦  ¦ Shows a key's value in a form that RESTORE reads ¦ @key;0
    echo ¦ 2 ¦ loading stale fast ¦ fast connection ¦ 0,0,0 ¦  ¦  ¦ 1.0.0 ¦ connection ¦ O(1) ¦  ¦ Says what it was told ¦ message
    """#
}
