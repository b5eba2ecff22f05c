import Base

/// The built-in types that are not plain arrays, as PostgreSQL 15's pg_type has them.
enum TypeTable {
  static let scalars: [TypeInfo] = [
    row(
      16, "bool", "boolean", array: 1000, element: 0, "Bcpb", 1, true, true,
      "boolin boolout boolrecv boolsend"),
    row(
      17, "bytea", "bytea", array: 1001, element: 0, "Uixb", -1, false, false,
      "byteain byteaout bytearecv byteasend"),
    row(
      18, "char", "\"char\"", array: 1002, element: 0, "Zcpb", 1, true, false,
      "charin charout charrecv charsend"),
    row(
      19, "name", "name", array: 1003, element: 18, "Scpb", 64, false, false,
      "namein nameout namerecv namesend"),
    row(
      20, "int8", "bigint", array: 1016, element: 0, "Ndpb", 8, true, false,
      "int8in int8out int8recv int8send"),
    row(
      21, "int2", "smallint", array: 1005, element: 0, "Nspb", 2, true, false,
      "int2in int2out int2recv int2send"),
    row(
      22, "int2vector", "int2vector", array: 1006, element: 21, "Aipb", -1, false, false,
      "int2vectorin int2vectorout int2vectorrecv int2vectorsend"),
    row(
      23, "int4", "integer", array: 1007, element: 0, "Nipb", 4, true, false,
      "int4in int4out int4recv int4send"),
    row(
      24, "regproc", "regproc", array: 1008, element: 0, "Nipb", 4, true, false,
      "regprocin regprocout regprocrecv regprocsend"),
    row(
      25, "text", "text", array: 1009, element: 0, "Sixb", -1, false, true,
      "textin textout textrecv textsend"),
    row(
      26, "oid", "oid", array: 1028, element: 0, "Nipb", 4, true, true,
      "oidin oidout oidrecv oidsend"),
    row(
      27, "tid", "tid", array: 1010, element: 0, "Uspb", 6, false, false,
      "tidin tidout tidrecv tidsend"),
    row(
      28, "xid", "xid", array: 1011, element: 0, "Uipb", 4, true, false,
      "xidin xidout xidrecv xidsend"),
    row(
      29, "cid", "cid", array: 1012, element: 0, "Uipb", 4, true, false,
      "cidin cidout cidrecv cidsend"),
    row(
      30, "oidvector", "oidvector", array: 1013, element: 26, "Aipb", -1, false, false,
      "oidvectorin oidvectorout oidvectorrecv oidvectorsend"),
    row(
      114, "json", "json", array: 199, element: 0, "Uixb", -1, false, false,
      "json_in json_out json_recv json_send"),
    row(
      142, "xml", "xml", array: 143, element: 0, "Uixb", -1, false, false,
      "xml_in xml_out xml_recv xml_send"),
    row(
      194, "pg_node_tree", "pg_node_tree", array: 0, element: 0, "Zixb", -1, false, false,
      "pg_node_tree_in pg_node_tree_out pg_node_tree_recv pg_node_tree_send"),
    row(
      650, "cidr", "cidr", array: 651, element: 0, "Iimb", -1, false, false,
      "cidr_in cidr_out cidr_recv cidr_send"),
    row(
      700, "float4", "real", array: 1021, element: 0, "Nipb", 4, true, false,
      "float4in float4out float4recv float4send"),
    row(
      701, "float8", "double precision", array: 1022, element: 0, "Ndpb", 8, true, true,
      "float8in float8out float8recv float8send"),
    row(
      705, "unknown", "unknown", array: 0, element: 0, "Xcpp", -2, false, false,
      "unknownin unknownout unknownrecv unknownsend"),
    row(
      869, "inet", "inet", array: 1041, element: 0, "Iimb", -1, false, true,
      "inet_in inet_out inet_recv inet_send"),
    row(
      1042, "bpchar", "character", array: 1014, element: 0, "Sixb", -1, false, false,
      "bpcharin bpcharout bpcharrecv bpcharsend"),
    row(
      1043, "varchar", "character varying", array: 1015, element: 0, "Sixb", -1, false, false,
      "varcharin varcharout varcharrecv varcharsend"),
    row(
      1082, "date", "date", array: 1182, element: 0, "Dipb", 4, true, false,
      "date_in date_out date_recv date_send"),
    row(
      1083, "time", "time without time zone", array: 1183, element: 0, "Ddpb", 8, true, false,
      "time_in time_out time_recv time_send"),
    row(
      1114, "timestamp", "timestamp without time zone", array: 1115, element: 0, "Ddpb", 8, true,
      false, "timestamp_in timestamp_out timestamp_recv timestamp_send"),
    row(
      1184, "timestamptz", "timestamp with time zone", array: 1185, element: 0, "Ddpb", 8, true,
      true, "timestamptz_in timestamptz_out timestamptz_recv timestamptz_send"),
    row(
      1186, "interval", "interval", array: 1187, element: 0, "Tdpb", 16, false, true,
      "interval_in interval_out interval_recv interval_send"),
    row(
      1266, "timetz", "time with time zone", array: 1270, element: 0, "Ddpb", 12, false, false,
      "timetz_in timetz_out timetz_recv timetz_send"),
    row(
      1700, "numeric", "numeric", array: 1231, element: 0, "Nimb", -1, false, false,
      "numeric_in numeric_out numeric_recv numeric_send"),
    row(
      1790, "refcursor", "refcursor", array: 2201, element: 0, "Uixb", -1, false, false,
      "textin textout textrecv textsend"),
    row(
      2202, "regprocedure", "regprocedure", array: 2207, element: 0, "Nipb", 4, true, false,
      "regprocedurein regprocedureout regprocedurerecv regproceduresend"),
    row(
      2203, "regoper", "regoper", array: 2208, element: 0, "Nipb", 4, true, false,
      "regoperin regoperout regoperrecv regopersend"),
    row(
      2204, "regoperator", "regoperator", array: 2209, element: 0, "Nipb", 4, true, false,
      "regoperatorin regoperatorout regoperatorrecv regoperatorsend"),
    row(
      2205, "regclass", "regclass", array: 2210, element: 0, "Nipb", 4, true, false,
      "regclassin regclassout regclassrecv regclasssend"),
    row(
      2206, "regtype", "regtype", array: 2211, element: 0, "Nipb", 4, true, false,
      "regtypein regtypeout regtyperecv regtypesend"),
    row(
      2249, "record", "record", array: 2287, element: 0, "Pdxp", -1, false, false,
      "record_in record_out record_recv record_send"),
    row(
      2275, "cstring", "cstring", array: 1263, element: 0, "Pcpp", -2, false, false,
      "cstring_in cstring_out cstring_recv cstring_send"),
    row(2276, "any", "\"any\"", array: 0, element: 0, "Pipp", 4, true, false, "any_in any_out - -"),
    row(
      2277, "anyarray", "anyarray", array: 0, element: 0, "Pdxp", -1, false, false,
      "anyarray_in anyarray_out anyarray_recv anyarray_send"),
    row(
      2278, "void", "void", array: 0, element: 0, "Pipp", 4, true, false,
      "void_in void_out void_recv void_send"),
    row(
      2279, "trigger", "trigger", array: 0, element: 0, "Pipp", 4, true, false,
      "trigger_in trigger_out - -"),
    row(
      2283, "anyelement", "anyelement", array: 0, element: 0, "Pipp", 4, true, false,
      "anyelement_in anyelement_out - -"),
    row(
      2776, "anynonarray", "anynonarray", array: 0, element: 0, "Pipp", 4, true, false,
      "anynonarray_in anynonarray_out - -"),
    row(
      2950, "uuid", "uuid", array: 2951, element: 0, "Ucpb", 16, false, false,
      "uuid_in uuid_out uuid_recv uuid_send"),
    row(
      3500, "anyenum", "anyenum", array: 0, element: 0, "Pipp", 4, true, false,
      "anyenum_in anyenum_out - -"),
    row(
      3734, "regconfig", "regconfig", array: 3735, element: 0, "Nipb", 4, true, false,
      "regconfigin regconfigout regconfigrecv regconfigsend"),
    row(
      3769, "regdictionary", "regdictionary", array: 3770, element: 0, "Nipb", 4, true, false,
      "regdictionaryin regdictionaryout regdictionaryrecv regdictionarysend"),
    row(
      3802, "jsonb", "jsonb", array: 3807, element: 0, "Uixb", -1, false, false,
      "jsonb_in jsonb_out jsonb_recv jsonb_send"),
    row(
      4089, "regnamespace", "regnamespace", array: 4090, element: 0, "Nipb", 4, true, false,
      "regnamespacein regnamespaceout regnamespacerecv regnamespacesend"),
    row(
      4096, "regrole", "regrole", array: 4097, element: 0, "Nipb", 4, true, false,
      "regrolein regroleout regrolerecv regrolesend"),
    row(
      4191, "regcollation", "regcollation", array: 4192, element: 0, "Nipb", 4, true, false,
      "regcollationin regcollationout regcollationrecv regcollationsend"),
    row(
      5069, "xid8", "xid8", array: 271, element: 0, "Udpb", 8, true, false,
      "xid8in xid8out xid8recv xid8send"),
    row(
      5077, "anycompatible", "anycompatible", array: 0, element: 0, "Pipp", 4, true, false,
      "anycompatible_in anycompatible_out - -"),
    row(
      5078, "anycompatiblearray", "anycompatiblearray", array: 0, element: 0, "Pdxp", -1, false,
      false,
      "anycompatiblearray_in anycompatiblearray_out anycompatiblearray_recv anycompatiblearray_send"
    ),
    row(
      5079, "anycompatiblenonarray", "anycompatiblenonarray", array: 0, element: 0, "Pipp", 4, true,
      false, "anycompatiblenonarray_in anycompatiblenonarray_out - -"),
  ]

  /// `letters`: category, alignment, storage and kind, one letter each; `functions`: input, output,
  /// receive and send.
  private static func row(
    _ oid: UInt32, _ name: String, _ displayName: String, array: UInt32, element: UInt32,
    _ letters: String, _ length: Int, _ isByValue: Bool, _ isPreferred: Bool, _ functions: String
  ) -> TypeInfo {
    let letter = Array(letters)
    let function = functions.split(separator: " ").map(String.init)
    invariant(letter.count == 4 && function.count == 4, "type table row \(name)")
    return TypeInfo(
      oid: ObjectID(rawValue: oid), name: name, displayName: displayName,
      arrayOid: ObjectID(rawValue: array), elementOid: ObjectID(rawValue: element),
      category: letter[0], length: length, isByValue: isByValue, isPreferred: isPreferred,
      alignment: letter[1], storage: letter[2], kind: letter[3], delimiter: ",",
      inputFunction: function[0], outputFunction: function[1], receiveFunction: function[2],
      sendFunction: function[3])
  }
}
