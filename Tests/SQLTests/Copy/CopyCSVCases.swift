/// What PostgreSQL 15.18 answered to each; bytes are written as Latin-1.
let copyCSVCases: [CopyCase] = [
  CopyCase(
    "copy zero from stdin (format csv)",
    "x\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY zero, line 1: \"x\""),
  CopyCase(
    "copy zero from stdin (format csv)",
    "\n",
    rows: "\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n2,y\r\n",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r2,y\r",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n2,y\n",
    fails: "22P04 unquoted newline found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent newline."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n2,y\r\n",
    fails: "22P04 unquoted carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent carriage return."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r2,y\n",
    fails: "22P04 unquoted newline found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent newline."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"x\ry\nz\"\r\n2,\"a\r\nb\"\r\n",
    rows: "1\tx\\ry\\nz\n2\ta\\r\\nb\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.",
    fails: "22P02 invalid input syntax for type integer: \"\\.\"",
    context: "COPY t, line 2, column a: \"\\.\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\r\n",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.x\n",
    fails: "22P02 invalid input syntax for type integer: \"\\.x\"",
    context: "COPY t, line 2, column a: \"\\.x\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\nrest",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\n3,z\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\..\n",
    fails: "22P02 invalid input syntax for type integer: \"\\..\"",
    context: "COPY t, line 2, column a: \"\\..\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\r",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\\\n",
    fails: "22P02 invalid input syntax for type integer: \"\\.\\\"",
    context: "COPY t, line 2, column a: \"\\.\\\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\n\\.\rx",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n\\.\n",
    fails: "22P04 unquoted newline found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent newline."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\\.\n",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n\\.",
    fails: "22P02 invalid input syntax for type integer: \"\\.\"",
    context: "COPY t, line 2, column a: \"\\.\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\\.",
    fails: "22P02 invalid input syntax for type integer: \"\\.\"",
    context: "COPY t, line 2, column a: \"\\.\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n\\.\r\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\\.\r\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n\\.\r",
    fails: "22P04 unquoted carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent carriage return."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\\.\r",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\n\\.\rx",
    fails: "22P04 unquoted carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use quoted CSV field to represent carriage return."),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\r\\.\rx",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\\.\n2,y\n",
    rows: "1\tx\\\\.\n2\ty\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,x\\.\\.\n",
    rows: "1\tx\\\\.\\\\.\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "\\.\n",
    rows: ""),
  CopyCase(
    "copy t from stdin (format csv)",
    "\\.",
    fails: "22P02 invalid input syntax for type integer: \"\\.\"",
    context: "COPY t, line 1, column a: \"\\.\""),
  CopyCase(
    "copy one from stdin (format csv)",
    "\\\\.\n",
    rows: "\\\\\\\\.\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "a\n \\.\n",
    rows: "a\n \\\\.\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\\.a\nb\n",
    rows: "\\\\.a\nb\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1\\.\n",
    fails: "22P02 invalid input syntax for type integer: \"1\\.\"",
    context: "COPY t, line 1, column a: \"1\\.\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "\\.\n1,2\n",
    rows: ""),
  CopyCase(
    "copy one from stdin (format csv)",
    "x\\.y\n",
    rows: "x\\\\.y\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"a,b\"\n2,\"a\"\"b\"\n3,\"a\nb\"\n4,\n5,\"\"\n",
    rows: "1\ta,b\n2\ta\"b\n3\ta\\nb\n4\t\\N\n5\t\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"abc\n",
    fails: "22P04 unterminated CSV quoted field",
    context: "COPY t, line 1: \"1,\"abc\n\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,a\n2,\"abc\nde\n",
    fails: "22P04 unterminated CSV quoted field",
    context: "COPY t, line 4: \"2,\"abc\nde\n\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"ab\"cd\"ef\"\n",
    rows: "1\tabcdef\n"),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,ab\"cd\n",
    fails: "22P04 unterminated CSV quoted field",
    context: "COPY t, line 1: \"1,ab\"cd\n\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,ab\"c,d\"\n",
    rows: "1\tabc,d\n"),
  CopyCase(
    "copy three from stdin (format csv, escape '\\')",
    "\"a\\\"b\",\"c\\\\d\",\"e\\f\"\n",
    rows: "a\"b\tc\\\\d\te\\\\f\n"),
  CopyCase(
    "copy three from stdin (format csv, escape '\\')",
    "\"a\\\nb\",\\\",x\"\n",
    fails: "22P04 missing data for column \"c\"",
    context: "COPY three, line 1: \"\"a\\\nb\",\\\",x\"\""),
  CopyCase(
    "copy three from stdin (format csv, quote '''', delimiter ';')",
    "'a;b';'c''d';\"x\"\n",
    rows: "a;b\tc'd\t\"x\"\n"),
  CopyCase(
    "copy three from stdin (format csv, quote '''', escape '^')",
    "'a^'b','^^','^x'\n",
    rows: "a'b\t^\t^x\n"),
  CopyCase(
    "copy three from stdin (format csv, null 'NIL')",
    "NIL,\"NIL\",\n",
    rows: "\\N\tNIL\t\n"),
  CopyCase(
    "copy three from stdin (format csv, null 'NIL', force_null (b))",
    "NIL,\"NIL\",\n",
    rows: "\\N\t\\N\t\n"),
  CopyCase(
    "copy three from stdin (format csv, null 'NIL', force_not_null (a))",
    "NIL,\"NIL\",NIL\n",
    rows: "NIL\tNIL\t\\N\n"),
  CopyCase(
    "copy three from stdin (format csv, force_null (a,b), force_not_null (a,c))",
    ",\"\",\n",
    rows: "\t\\N\t\n"),
  CopyCase(
    "copy three from stdin (format csv, force_null (a), force_not_null (a))",
    "\"\",,\n",
    rows: "\\N\t\\N\t\\N\n"),
  CopyCase(
    "copy three from stdin (format csv)",
    "a,b\n",
    fails: "22P04 missing data for column \"c\"",
    context: "COPY three, line 1: \"a,b\""),
  CopyCase(
    "copy three from stdin (format csv)",
    "a,b,c,d\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY three, line 1: \"a,b,c,d\""),
  CopyCase(
    "copy three from stdin (format csv)",
    "\n",
    fails: "22P04 missing data for column \"b\"",
    context: "COPY three, line 1: \"\""),
  CopyCase(
    "copy one from stdin (format csv)",
    "\n",
    rows: "\\N\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\n\"\"\n",
    rows: "\\N\n\n"),
  CopyCase(
    "copy three from stdin (format csv)",
    "a,\"b\nc\",d\ne\n",
    fails: "22P04 missing data for column \"b\"",
    context: "COPY three, line 2: \"e\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"a\nb\"\nx,c\n",
    fails: "22P02 invalid input syntax for type integer: \"x\"",
    context: "COPY t, line 2, column a: \"x\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "1,\"a\r\nb\"\r\nx,c\r\n",
    fails: "22P02 invalid input syntax for type integer: \"x\"",
    context: "COPY t, line 3, column a: \"x\""),
  CopyCase(
    "copy t from stdin (format csv)",
    "x,\"a\nb\"\n",
    fails: "22P02 invalid input syntax for type integer: \"x\"",
    context: "COPY t, line 1, column a: \"x\""),
  CopyCase(
    "copy t from stdin (format csv)",
    " 1 , x \n",
    rows: "1\t x \n"),
  CopyCase(
    "copy three from stdin (format csv)",
    "\\N,\\n,\\\n",
    rows: "\\\\N\t\\\\n\t\\\\\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "a\\\nb\n",
    rows: "a\\\\\nb\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\"\\.\"\n",
    rows: "\\\\.\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\"a\n\\.\nb\"\n",
    rows: "a\\n\\\\.\\nb\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "a\u{0}b\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0x00",
    context: "COPY one, line 1"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\u{c3}\u{a9}\n",
    rows: "\u{c3}\u{a9}\n"),
  CopyCase(
    "copy one from stdin (format csv)",
    "\u{c3}\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0xc3 0x0a",
    context: "COPY one, line 1"),
  CopyCase(
    "copy t from stdin (format csv, header match)",
    "a,\"b\"\n1,x\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (format csv, header match)",
    "a,\n1,x\n",
    fails:
      "22P04 column name mismatch in header line field 2: got null value (\"\"), expected \"b\"",
    context: "COPY t, line 1: \"a,\""),
  CopyCase(
    "copy t from stdin (format csv, header)",
    "a,\"b\nc\"\nx,y\n",
    fails: "22P02 invalid input syntax for type integer: \"x\"",
    context: "COPY t, line 2, column a: \"x\""),
  CopyCase(
    "copy t from stdin (format csv, header match)",
    "",
    fails: "22P04 wrong number of fields in header line: got 1, expected 2",
    context: "COPY t, line 1: \"\""),
  CopyCase(
    "copy t from stdin (format csv, header match)",
    "\n",
    fails: "22P04 wrong number of fields in header line: got 1, expected 2",
    context: "COPY t, line 1: \"\""),
  CopyCase(
    "copy t from stdin (format csv, header)",
    "\\.\n1,x\n",
    rows: ""),
  CopyCase(
    "copy t from stdin (format csv, header)",
    "a,\"b\n",
    rows: ""),
]
