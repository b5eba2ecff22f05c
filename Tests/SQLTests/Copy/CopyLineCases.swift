/// What PostgreSQL 15.18 answered to each; bytes are written as Latin-1.
let copyLineCases: [CopyCase] = [
  CopyCase(
    "copy one from stdin",
    "a\\\r\nb\n",
    rows: "a\\r\nb\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n2\ty\r\n",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r2\ty\r",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r2\ty",
    rows: "1\tx\n2\ty\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n2\ty\n",
    fails: "22P04 literal newline found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\n\" to represent newline."),
  CopyCase(
    "copy t from stdin",
    "1\tx\n2\ty\r\n",
    fails: "22P04 literal carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\r\" to represent carriage return."),
  CopyCase(
    "copy t from stdin",
    "1\tx\r2\ty\n",
    fails: "22P04 literal newline found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\n\" to represent newline."),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n2\ty\rz\r\n",
    fails: "22P04 literal carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\r\" to represent carriage return."),
  CopyCase(
    "copy t from stdin",
    "1\tx\n2\ty\rz\n",
    fails: "22P04 literal carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\r\" to represent carriage return."),
  CopyCase(
    "copy t from stdin",
    "1\tx\r",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n2\ty\r",
    fails: "22P04 literal carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\r\" to represent carriage return."),
  CopyCase(
    "copy t from stdin",
    "1\tx\r2\ty\r\n",
    fails: "22P04 literal newline found in data",
    context: "COPY t, line 3",
    hint: "Use \"\\n\" to represent newline."),
  CopyCase(
    "copy t from stdin",
    "1\tx\n2\ty\r",
    fails: "22P04 literal carriage return found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\r\" to represent carriage return."),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\r\n",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.x\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\nrest",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\n3\tz\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\..\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\r",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\\\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\n\\.\rx",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n\\.\n",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\\.\n",
    fails: "22P04 end-of-copy marker does not match previous newline style",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n\\.",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\\.",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n\\.\r\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\\.\r\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n\\.\r",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\\.\r",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\n\\.\rx",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin",
    "1\tx\r\\.\rx",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\\.\n2\ty\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin",
    "1\tx\\.\\.\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 1"),
  CopyCase(
    "copy t from stdin",
    "\\.\n",
    rows: ""),
  CopyCase(
    "copy t from stdin",
    "\\.",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY t, line 1"),
  CopyCase(
    "copy one from stdin",
    "\\\\.\n",
    rows: "\\\\.\n"),
  CopyCase(
    "copy one from stdin",
    "a\n \\.\n",
    rows: "a\n \n"),
  CopyCase(
    "copy one from stdin",
    "\\.a\nb\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY one, line 1"),
  CopyCase(
    "copy t from stdin",
    "1\\.\n",
    fails: "22P04 missing data for column \"b\"",
    context: "COPY t, line 1: \"1\""),
  CopyCase(
    "copy t from stdin",
    "\\.\n1\t2\n",
    rows: ""),
  CopyCase(
    "copy one from stdin",
    "x\\.y\n",
    fails: "22P04 end-of-copy marker corrupt",
    context: "COPY one, line 1"),
  CopyCase(
    "copy t from stdin (header)",
    "\\.\n1\tx\n",
    rows: ""),
  CopyCase(
    "copy t from stdin (header)",
    "a\r\n1\tx\r\n",
    rows: "1\tx\n"),
  CopyCase(
    "copy t from stdin (header match)",
    "a\\.\n",
    fails: "22P04 wrong number of fields in header line: got 1, expected 2",
    context: "COPY t, line 1: \"a\""),
  CopyCase(
    "copy t from stdin (header)",
    "a\r\n1\tx\n",
    fails: "22P04 literal newline found in data",
    context: "COPY t, line 2",
    hint: "Use \"\\n\" to represent newline."),
]
