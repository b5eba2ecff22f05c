/// What PostgreSQL 15.18 answered to each; bytes are written as Latin-1.
let copyTextCases: [CopyCase] = [
  CopyCase(
    "copy t from stdin",
    "1\tx\n2\ty\n",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n2\ty",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin",
    "",
    rows: ""),
  CopyCase(
    "copy t from stdin",
    "\n",
    fails: "22P02 invalid input syntax for type integer: \"\"",
    context: "COPY t, line 1, column a: \"\""),
  CopyCase(
    "copy one from stdin",
    "\n",
    rows: "\n"),
  CopyCase(
    "copy one from stdin",
    "\n\nx\n",
    rows: "\n\nx\n"),
  CopyCase(
    "copy zero from stdin",
    "\n\n",
    rows: "\n\n"),
  CopyCase(
    "copy zero from stdin",
    "x\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY zero, line 1: \"x\""),
  CopyCase(
    "copy t from stdin",
    "1\t\\N\n\\N\tx\n",
    rows: "1\t\\N\n\\N\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\t\\\\N\n",
    rows: "1\t\\\\N\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\\N\n",
    rows: "1\txN\n"),
  CopyCase(
    "copy one from stdin",
    "\\b\\f\\n\\r\\t\\v\\\\\\q\n",
    rows: "\\b\\f\\n\\r\\t\\v\\\\q\n"),
  CopyCase(
    "copy one from stdin",
    "\\101\\1018\\60x\\7\n",
    rows: "AA80x\u{7}\n"),
  CopyCase(
    "copy one from stdin",
    "\\x41\\x4g\\xg\\x\n",
    rows: "A\u{4}gxgx\n"),
  CopyCase(
    "copy one from stdin",
    "\\x4142\n",
    rows: "A42\n"),
  CopyCase(
    "copy one from stdin",
    "a\\\nb\n",
    rows: "a\\nb\n"),
  CopyCase(
    "copy one from stdin",
    "a\\",
    rows: "a\n"),
  CopyCase(
    "copy one from stdin",
    "a\\\n",
    rows: "a\\n\n"),
  CopyCase(
    "copy one from stdin",
    "\\000\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0x00",
    context: "COPY one, line 1: \"\\000\""),
  CopyCase(
    "copy one from stdin",
    "\\377\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0xff",
    context: "COPY one, line 1: \"\\377\""),
  CopyCase(
    "copy one from stdin",
    "\\303\\251\n",
    rows: "\u{c3}\u{a9}\n"),
  CopyCase(
    "copy one from stdin",
    "a\u{0}b\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0x00",
    context: "COPY one, line 1"),
  CopyCase(
    "copy one from stdin",
    "a\u{ff}b\n",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0xff",
    context: "COPY one, line 1"),
  CopyCase(
    "copy three from stdin",
    "a\\\tb\tc\td\n",
    rows: "a\\tb\tc\td\n"),
  CopyCase(
    "copy three from stdin (delimiter '|')",
    "a\\|b|c|d\n",
    rows: "a|b\tc\td\n"),
  CopyCase(
    "copy three from stdin (delimiter '|', null '')",
    "||x\n",
    rows: "\\N\t\\N\tx\n"),
  CopyCase(
    "copy three from stdin (null 'NULL')",
    "NULL\tnull\tNULLx\n",
    rows: "\\N\tnull\tNULLx\n"),
  CopyCase(
    "copy three from stdin (null 'a\\b')",
    "a\\b\tx\ty\n",
    rows: "\\N\tx\ty\n"),
  CopyCase(
    "copy three from stdin (null '\\n')",
    "\\n\tx\ty\n",
    rows: "\\N\tx\ty\n"),
  CopyCase(
    "copy t from stdin",
    "1\n",
    fails: "22P04 missing data for column \"b\"",
    context: "COPY t, line 1: \"1\""),
  CopyCase(
    "copy t from stdin",
    "1\tx\ty\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY t, line 1: \"1\tx\ty\""),
  CopyCase(
    "copy t from stdin",
    "1\tx\t\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY t, line 1: \"1\tx\t\""),
  CopyCase(
    "copy t from stdin",
    "x\tx\tx\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY t, line 1: \"x\tx\tx\""),
  CopyCase(
    "copy t from stdin",
    "x\n",
    fails: "22P02 invalid input syntax for type integer: \"x\"",
    context: "COPY t, line 1, column a: \"x\""),
  CopyCase(
    "copy t from stdin",
    "12a\tb\n",
    fails: "22P02 invalid input syntax for type integer: \"12a\"",
    context: "COPY t, line 1, column a: \"12a\""),
  CopyCase(
    "copy t from stdin",
    "1\ta\n99999999999\tb\n",
    fails: "22003 value \"99999999999\" is out of range for type integer",
    context: "COPY t, line 2, column a: \"99999999999\""),
  CopyCase(
    "copy t from stdin",
    "1\ta\n\n",
    fails: "22P02 invalid input syntax for type integer: \"\"",
    context: "COPY t, line 2, column a: \"\""),
  CopyCase(
    "copy t from stdin",
    "\\N\n",
    fails: "22P04 missing data for column \"b\"",
    context: "COPY t, line 1: \"\\N\""),
  CopyCase(
    "copy t from stdin (header)",
    "a\tb\n1\tx\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (header)",
    "whatever\n1\tx\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (header match)",
    "a\tb\n1\tx\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (header match)",
    "a\tc\n1\tx\n",
    fails: "22P04 column name mismatch in header line field 2: got \"c\", expected \"b\"",
    context: "COPY t, line 1: \"a\tc\""),
  CopyCase(
    "copy t from stdin (header match)",
    "a\n1\tx\n",
    fails: "22P04 wrong number of fields in header line: got 1, expected 2",
    context: "COPY t, line 1: \"a\""),
  CopyCase(
    "copy t from stdin (header match)",
    "a\tb\tc\n",
    fails: "22P04 wrong number of fields in header line: got 3, expected 2",
    context: "COPY t, line 1: \"a\tb\tc\""),
  CopyCase(
    "copy t from stdin (header match)",
    "a\t\\N\n",
    fails:
      "22P04 column name mismatch in header line field 2: got null value (\"\\N\"), expected \"b\"",
    context: "COPY t, line 1: \"a\t\\N\""),
  CopyCase(
    "copy t from stdin (header match)",
    "A\tb\n",
    fails: "22P04 column name mismatch in header line field 1: got \"A\", expected \"a\"",
    context: "COPY t, line 1: \"A\tb\""),
  CopyCase(
    "copy zero from stdin (header match)",
    "\n",
    rows: ""),
  CopyCase(
    "copy zero from stdin (header match)",
    "a\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY zero, line 1: \"a\""),
  CopyCase(
    "copy typed from stdin",
    "1\tabc\tab\t1.239\tt\t\\\\x00ff\n",
    rows: "1\tabc\tab  \t1.24\tt\t\\\\x00ff\n"),
  CopyCase(
    "copy typed from stdin",
    "40000\ta\ta\t1\tt\t\\\\x\n",
    fails: "22003 value \"40000\" is out of range for type smallint",
    context: "COPY typed, line 1, column a: \"40000\""),
  CopyCase(
    "copy typed from stdin",
    "1\tabcd\ta\t1\tt\t\\\\x\n",
    fails: "22001 value too long for type character varying(3)",
    context: "COPY typed, line 1, column b: \"abcd\""),
  CopyCase(
    "copy typed from stdin",
    "1\tabc  \ta     \t1\tt\t\\\\x\n",
    rows: "1\tabc\ta   \t1.00\tt\t\\\\x\n"),
  CopyCase(
    "copy typed from stdin",
    "1\ta\tabcde\t1\tt\t\\\\x\n",
    fails: "22001 value too long for type character(4)",
    context: "COPY typed, line 1, column c: \"abcde\""),
  CopyCase(
    "copy typed from stdin",
    "1\ta\ta\t12345\tt\t\\\\x\n",
    fails: "22003 numeric field overflow",
    context: "COPY typed, line 1, column d: \"12345\""),
  CopyCase(
    "copy typed from stdin",
    "1\ta\ta\t1\tmaybe\t\\\\x\n",
    fails: "22P02 invalid input syntax for type boolean: \"maybe\"",
    context: "COPY typed, line 1, column e: \"maybe\""),
  CopyCase(
    "copy typed from stdin",
    "1\ta\ta\t1\tt\t\\\\xzz\n",
    fails: "22023 invalid hexadecimal digit: \"z\"",
    context: "COPY typed, line 1, column f: \"\\xzz\""),
  CopyCase(
    "copy typed from stdin",
    "+1\t\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}\t\u{c3}\u{a9}\t-0\tno\t\n",
    rows: "1\t\u{c3}\u{a9}\u{c3}\u{a9}\u{c3}\u{a9}\t\u{c3}\u{a9}   \t0.00\tf\t\\\\x\n"),
  CopyCase(
    "copy typed from stdin",
    " 1 \ta\ta\t 1 \t yes \t\n",
    rows: "1\ta\ta   \t1.00\tt\t\\\\x\n"),
  CopyCase(
    "copy typed from stdin",
    "-32768\ta\ta\t1\tf\t\n",
    rows: "-32768\ta\ta   \t1.00\tf\t\\\\x\n"),
  CopyCase(
    "copy typed from stdin",
    "-\ta\ta\t1\tf\t\n",
    fails: "22P02 invalid input syntax for type smallint: \"-\"",
    context: "COPY typed, line 1, column a: \"-\""),
  CopyCase(
    "copy typed from stdin",
    "\ta\ta\t1\tf\t\n",
    fails: "22P02 invalid input syntax for type smallint: \"\"",
    context: "COPY typed, line 1, column a: \"\""),
  CopyCase(
    "copy typed from stdin",
    "1.0\ta\ta\t1\tf\t\n",
    fails: "22P02 invalid input syntax for type smallint: \"1.0\"",
    context: "COPY typed, line 1, column a: \"1.0\""),
  CopyCase(
    "copy typed from stdin",
    "-32769\ta\ta\t1\tf\t\n",
    fails: "22003 value \"-32769\" is out of range for type smallint",
    context: "COPY typed, line 1, column a: \"-32769\""),
  CopyCase(
    "copy t from stdin",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\ty\n",
    fails:
      "22P02 invalid input syntax for type integer: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
    context:
      "COPY t, line 1, column a: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\""
  ),
  CopyCase(
    "copy t from stdin",
    "1\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\tz\n",
    fails: "22P04 extra data after last expected column",
    context:
      "COPY t, line 1: \"1\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\""
  ),
  CopyCase(
    "copy t from stdin",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{c3}\u{a9}b\tx\n",
    fails:
      "22P02 invalid input syntax for type integer: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{e9}b\"",
    context:
      "COPY t, line 1, column a: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\""
  ),
  CopyCase(
    "copy t from stdin",
    "1\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{c3}\u{a9}b\tx\n",
    fails: "22P04 extra data after last expected column",
    context:
      "COPY t, line 1: \"1\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\""
  ),
  CopyCase(
    "copy t from stdin",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\ty\n",
    fails:
      "22P02 invalid input syntax for type integer: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
    context:
      "COPY t, line 1, column a: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""
  ),
  CopyCase(
    "copy t from stdin",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\ty\n",
    fails:
      "22P02 invalid input syntax for type integer: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
    context:
      "COPY t, line 1, column a: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\""
  ),
  CopyCase(
    "copy t from stdin",
    "a\\tb\tc\n",
    fails: "22P02 invalid input syntax for type integer: \"a\tb\"",
    context: "COPY t, line 1, column a: \"a\tb\""),
  CopyCase(
    "copy t from stdin",
    "1\\\n\ta\tb\n",
    fails: "22P04 extra data after last expected column",
    context: "COPY t, line 1: \"1\\\n\ta\tb\""),
]
