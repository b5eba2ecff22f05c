/// What PostgreSQL 15.18 answered to each; bytes are written as Latin-1.
let copyBinaryCases: [CopyCase] = [
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}",
    rows: "7\tx\n"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x",
    rows: "7\tx\n"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    rows: ""),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}",
    rows: ""),
  CopyCase(
    "copy t from stdin (format binary)",
    "x",
    fails: "22P04 COPY file signature not recognized"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n",
    fails: "22P04 COPY file signature not recognized"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}",
    fails: "22P04 invalid COPY file header (missing flags)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}",
    fails: "22P04 invalid COPY file header (missing flags)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 invalid COPY file header (missing length)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 invalid COPY file header (missing length)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\n\r\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 COPY file signature not recognized"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 invalid COPY file header (WITH OIDS)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 unrecognized critical flags in COPY file header"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{5}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}",
    rows: "7\tx\n"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{3}abc\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}",
    rows: "7\tx\n"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{3}ab",
    fails: "22P04 invalid COPY file header (wrong length)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x",
    fails: "22P04 invalid COPY file header (missing length)"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}x",
    fails: "22P04 row field count is 1, expected 2",
    context: "COPY t, line 1"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{fe}",
    fails: "22P04 row field count is -2, expected 2",
    context: "COPY t, line 1"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{3}",
    fails: "22P04 row field count is 3, expected 2",
    context: "COPY t, line 1"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column b"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    rows: ""),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column b"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}",
    fails: "22P04 unexpected EOF in COPY data",
    context: "COPY t, line 1, column b"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{ff}\u{ff}\u{ff}\u{fe}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    fails: "22P04 invalid field size",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}x",
    fails: "08P01 insufficient data left in message",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{5}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}x",
    fails: "22P03 incorrect binary data format",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}",
    rows: "\\N\t\\N\n"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}",
    fails: "08P01 insufficient data left in message",
    context: "COPY t, line 1, column a"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}\u{ff}",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0xff",
    context: "COPY t, line 3, column b"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a\u{0}b",
    fails: "22021 invalid byte sequence for encoding \"UTF8\": 0x00",
    context: "COPY t, line 1, column b"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}x",
    fails: "22P04 received copy data after EOF marker",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{ff}\u{ff}",
    fails: "22P04 received copy data after EOF marker",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}x",
    fails: "22P04 row field count is 1, expected 2",
    context: "COPY t, line 2"),
  CopyCase(
    "copy t from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{7}\u{0}\u{0}\u{0}\u{1}x\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}x",
    fails: "08P01 insufficient data left in message",
    context: "COPY t, line 3, column a"),
  CopyCase(
    "copy zero from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}",
    rows: "\n"),
  CopyCase(
    "copy zero from stdin (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}x",
    fails: "22P04 row field count is 1, expected 0",
    context: "COPY zero, line 1"),
]
