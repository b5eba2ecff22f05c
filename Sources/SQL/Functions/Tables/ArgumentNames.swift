/// The names of functions' arguments, by oid: for calls with `name => value`.
extension FunctionTable {
  static let argumentNames: [UInt32: [String]] = {
    var names: [UInt32: [String]] = [:]
    for line in argumentNamesText.split(separator: "\n") {
      let words = line.split(separator: " ").map { String($0) }
      if let oid = words.first.flatMap({ UInt32($0) }) { names[oid] = Array(words.dropFirst()) }
    }
    return names
  }()

  private static let argumentNamesText = """
    1177 target path vars silent
    1179 target path vars silent
    1180 target path vars silent
    1268 str strict
    1689 acl
    2022 pid
    2023 target path vars silent
    2030 target path vars silent
    2096 pid timeout
    2172 label fast
    2289 options_array
    2623 filename
    2739 wait_for_archive
    2850 lsn
    3078 sequence_oid
    3084 name
    3208 from_json
    3214 from_json field_name
    3215 from_json element_index
    3216 from_json element_index
    3219 from_json
    3305 jsonb_in path replacement create_if_missing
    3307 filename missing_ok
    3318 cmdtype
    3382 classid objid objsubid
    3423 rootrelid
    3425 partitionid
    3436 wait wait_seconds
    3461 year month mday hour min sec
    3462 year month mday hour min sec
    3463 year month mday hour min sec timezone
    3464 years months weeks days hours mins secs
    3465 from_json
    3478 from_json field_name
    3579 jsonb_in path replacement insert_after
    3689 query
    3690 query weights
    3713 parser_oid
    3714 parser_name
    3715 parser_oid txt
    3716 parser_name txt
    3779 slot_name immediately_reserve temporary
    3786 slot_name plugin temporary twophase
    3819 multixid
    3839 classid objid objsubid
    3846 year month day
    3847 hour min sec
    3878 slot_name upto_lsn
    3932 from_json
    3947 from_json field_name
    3948 from_json field_name
    3949 from_json element_index
    3950 from_json element_index
    3954 type object_names object_args
    3955 from_json
    3958 from_json
    3959 from_json
    3960 base from_json use_json_as_text
    3961 base from_json use_json_as_text
    3969 from_json
    4005 target path vars silent
    4006 target path vars silent
    4007 target path vars silent
    4008 target path vars silent
    4009 target path vars silent
    4220 src_slot_name dst_slot_name temporary
    4221 src_slot_name dst_slot_name
    4222 src_slot_name dst_slot_name temporary plugin
    4223 src_slot_name dst_slot_name temporary
    4224 src_slot_name dst_slot_name
    5030 tablespace
    5054 jsonb_in path replacement create_if_missing null_value_treatment
    6118 subid
    6119 pubname
    6168 xid
    6169 slot_name
    6183 config document
    6184 document
    6231 subid
    6272 slot_name
    """
}
