/// What the columns of the tables `w` and `w1` hold; nil: NULL.
let copyTexts: [String?] = [
  "",
  "a",
  "\\",
  "\\N",
  "\\.",
  "a\tb",
  "a\nb",
  "a\rb",
  "\u{8}\u{c}\u{b}\u{1}\u{7f}",
  "q\"q",
  "\"",
  "''",
  "a,b",
  "NULL",
  "\u{e9}",
  " x ",
  "|",
  "a\\b",
  nil,
]

/// What PostgreSQL 15.18 wrote; bytes are written as Latin-1.
let copyWriterCases: [(sql: String, bytes: String)] = [
  (
    "copy w to stdout",
    "\t\\N\na\ta\\\\b\n\\\\\t|\n\\\\N\t x \n\\\\.\t\u{c3}\u{a9}\na\\tb\tNULL\na\\nb\ta,b\na\\rb\t''\n\\b\\f\\v\u{1}\u{7f}\t\"\nq\"q\tq\"q\n\"\t\\b\\f\\v\u{1}\u{7f}\n''\ta\\rb\na,b\ta\\nb\nNULL\ta\\tb\n\u{c3}\u{a9}\t\\\\.\n x \t\\\\N\n|\t\\\\\na\\\\b\ta\n\\N\t\n"
  ),
  (
    "copy w to stdout (format csv)",
    "\"\",\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n\"a\nb\",\"a,b\"\n\"a\rb\",''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\n,\"\"\n"
  ),
  (
    "copy w to stdout (null '')",
    "\t\na\ta\\\\b\n\\\\\t|\n\\\\N\t x \n\\\\.\t\u{c3}\u{a9}\na\\tb\tNULL\na\\nb\ta,b\na\\rb\t''\n\\b\\f\\v\u{1}\u{7f}\t\"\nq\"q\tq\"q\n\"\t\\b\\f\\v\u{1}\u{7f}\n''\ta\\rb\na,b\ta\\nb\nNULL\ta\\tb\n\u{c3}\u{a9}\t\\\\.\n x \t\\\\N\n|\t\\\\\na\\\\b\ta\n\t\n"
  ),
  (
    "copy w to stdout (null 'NULL')",
    "\tNULL\na\ta\\\\b\n\\\\\t|\n\\\\N\t x \n\\\\.\t\u{c3}\u{a9}\na\\tb\tNULL\na\\nb\ta,b\na\\rb\t''\n\\b\\f\\v\u{1}\u{7f}\t\"\nq\"q\tq\"q\n\"\t\\b\\f\\v\u{1}\u{7f}\n''\ta\\rb\na,b\ta\\nb\nNULL\ta\\tb\n\u{c3}\u{a9}\t\\\\.\n x \t\\\\N\n|\t\\\\\na\\\\b\ta\nNULL\t\n"
  ),
  (
    "copy w to stdout (delimiter '|')",
    "|\\N\na|a\\\\b\n\\\\|\\|\n\\\\N| x \n\\\\.|\u{c3}\u{a9}\na\\tb|NULL\na\\nb|a,b\na\\rb|''\n\\b\\f\\v\u{1}\u{7f}|\"\nq\"q|q\"q\n\"|\\b\\f\\v\u{1}\u{7f}\n''|a\\rb\na,b|a\\nb\nNULL|a\\tb\n\u{c3}\u{a9}|\\\\.\n x |\\\\N\n\\||\\\\\na\\\\b|a\n\\N|\n"
  ),
  (
    "copy w to stdout (delimiter ',')",
    ",\\N\na,a\\\\b\n\\\\,|\n\\\\N, x \n\\\\.,\u{c3}\u{a9}\na\\tb,NULL\na\\nb,a\\,b\na\\rb,''\n\\b\\f\\v\u{1}\u{7f},\"\nq\"q,q\"q\n\",\\b\\f\\v\u{1}\u{7f}\n'',a\\rb\na\\,b,a\\nb\nNULL,a\\tb\n\u{c3}\u{a9},\\\\.\n x ,\\\\N\n|,\\\\\na\\\\b,a\n\\N,\n"
  ),
  (
    "copy w to stdout (header)",
    "a\tb\n\t\\N\na\ta\\\\b\n\\\\\t|\n\\\\N\t x \n\\\\.\t\u{c3}\u{a9}\na\\tb\tNULL\na\\nb\ta,b\na\\rb\t''\n\\b\\f\\v\u{1}\u{7f}\t\"\nq\"q\tq\"q\n\"\t\\b\\f\\v\u{1}\u{7f}\n''\ta\\rb\na,b\ta\\nb\nNULL\ta\\tb\n\u{c3}\u{a9}\t\\\\.\n x \t\\\\N\n|\t\\\\\na\\\\b\ta\n\\N\t\n"
  ),
  (
    "copy w to stdout (format csv, header)",
    "a,b\n\"\",\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n\"a\nb\",\"a,b\"\n\"a\rb\",''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\n,\"\"\n"
  ),
  (
    "copy w to stdout (format csv, null 'NULL')",
    ",NULL\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,\"NULL\"\n\"a\nb\",\"a,b\"\n\"a\rb\",''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\n\"NULL\",a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\nNULL,\n"
  ),
  (
    "copy w to stdout (format csv, null '\\N')",
    ",\\N\na,a\\b\n\\,|\n\"\\N\", x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n\"a\nb\",\"a,b\"\n\"a\rb\",''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\"\\N\"\n|,\\\na\\b,a\n\\N,\n"
  ),
  (
    "copy w to stdout (format csv, quote '''')",
    "'',\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n'a\nb','a,b'\n'a\rb',''''''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\nq\"q,q\"q\n\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'''''','a\rb'\n'a,b','a\nb'\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\n,''\n"
  ),
  (
    "copy w to stdout (format csv, escape '\\')",
    "\"\",\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n\"a\nb\",\"a,b\"\n\"a\rb\",''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\\\"\"\n\"q\\\"q\",\"q\\\"q\"\n\"\\\"\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\n,\"\"\n"
  ),
  (
    "copy w to stdout (format csv, quote '|', escape '|')",
    "||,\na,a\\b\n\\,||||\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n|a\nb|,|a,b|\n|a\rb|,''\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\nq\"q,q\"q\n\",\u{8}\u{c}\u{b}\u{1}\u{7f}\n'',|a\rb|\n|a,b|,|a\nb|\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n||||,\\\na\\b,a\n,||\n"
  ),
  (
    "copy w to stdout (format csv, delimiter E'\\t')",
    "\"\"\t\na\ta\\b\n\\\t|\n\\N\t x \n\\.\t\u{c3}\u{a9}\n\"a\tb\"\tNULL\n\"a\nb\"\ta,b\n\"a\rb\"\t''\n\u{8}\u{c}\u{b}\u{1}\u{7f}\t\"\"\"\"\n\"q\"\"q\"\t\"q\"\"q\"\n\"\"\"\"\t\u{8}\u{c}\u{b}\u{1}\u{7f}\n''\t\"a\rb\"\na,b\t\"a\nb\"\nNULL\t\"a\tb\"\n\u{c3}\u{a9}\t\\.\n x \t\\N\n|\t\\\na\\b\ta\n\t\"\"\n"
  ),
  (
    "copy w to stdout (format csv, force_quote *)",
    "\"\",\n\"a\",\"a\\b\"\n\"\\\",\"|\"\n\"\\N\",\" x \"\n\"\\.\",\"\u{c3}\u{a9}\"\n\"a\tb\",\"NULL\"\n\"a\nb\",\"a,b\"\n\"a\rb\",\"''\"\n\"\u{8}\u{c}\u{b}\u{1}\u{7f}\",\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\"\u{8}\u{c}\u{b}\u{1}\u{7f}\"\n\"''\",\"a\rb\"\n\"a,b\",\"a\nb\"\n\"NULL\",\"a\tb\"\n\"\u{c3}\u{a9}\",\"\\.\"\n\" x \",\"\\N\"\n\"|\",\"\\\"\n\"a\\b\",\"a\"\n,\"\"\n"
  ),
  (
    "copy w to stdout (format csv, force_quote (b))",
    "\"\",\na,\"a\\b\"\n\\,\"|\"\n\\N,\" x \"\n\\.,\"\u{c3}\u{a9}\"\na\tb,\"NULL\"\n\"a\nb\",\"a,b\"\n\"a\rb\",\"''\"\n\u{8}\u{c}\u{b}\u{1}\u{7f},\"\"\"\"\n\"q\"\"q\",\"q\"\"q\"\n\"\"\"\",\"\u{8}\u{c}\u{b}\u{1}\u{7f}\"\n'',\"a\rb\"\n\"a,b\",\"a\nb\"\nNULL,\"a\tb\"\n\u{c3}\u{a9},\"\\.\"\n x ,\"\\N\"\n|,\"\\\"\na\\b,\"a\"\n,\"\"\n"
  ),
  (
    "copy w to stdout (format csv, quote E'\\x01', escape 'a')",
    "\u{1}\u{1},\na,a\\b\n\\,|\n\\N, x \n\\.,\u{c3}\u{a9}\na\tb,NULL\n\u{1}aa\nb\u{1},\u{1}aa,b\u{1}\n\u{1}aa\rb\u{1},''\n\u{1}\u{8}\u{c}\u{b}a\u{1}\u{7f}\u{1},\"\nq\"q,q\"q\n\",\u{1}\u{8}\u{c}\u{b}a\u{1}\u{7f}\u{1}\n'',\u{1}aa\rb\u{1}\n\u{1}aa,b\u{1},\u{1}aa\nb\u{1}\nNULL,a\tb\n\u{c3}\u{a9},\\.\n x ,\\N\n|,\\\na\\b,a\n,\u{1}\u{1}\n"
  ),
  (
    "copy w to stdout (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{2}\u{0}\u{0}\u{0}\u{1}a\u{0}\u{0}\u{0}\u{3}a\\b\u{0}\u{2}\u{0}\u{0}\u{0}\u{1}\\\u{0}\u{0}\u{0}\u{1}|\u{0}\u{2}\u{0}\u{0}\u{0}\u{2}\\N\u{0}\u{0}\u{0}\u{3} x \u{0}\u{2}\u{0}\u{0}\u{0}\u{2}\\.\u{0}\u{0}\u{0}\u{2}\u{c3}\u{a9}\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}a\tb\u{0}\u{0}\u{0}\u{4}NULL\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}a\nb\u{0}\u{0}\u{0}\u{3}a,b\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}a\rb\u{0}\u{0}\u{0}\u{2}''\u{0}\u{2}\u{0}\u{0}\u{0}\u{5}\u{8}\u{c}\u{b}\u{1}\u{7f}\u{0}\u{0}\u{0}\u{1}\"\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}q\"q\u{0}\u{0}\u{0}\u{3}q\"q\u{0}\u{2}\u{0}\u{0}\u{0}\u{1}\"\u{0}\u{0}\u{0}\u{5}\u{8}\u{c}\u{b}\u{1}\u{7f}\u{0}\u{2}\u{0}\u{0}\u{0}\u{2}''\u{0}\u{0}\u{0}\u{3}a\rb\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}a,b\u{0}\u{0}\u{0}\u{3}a\nb\u{0}\u{2}\u{0}\u{0}\u{0}\u{4}NULL\u{0}\u{0}\u{0}\u{3}a\tb\u{0}\u{2}\u{0}\u{0}\u{0}\u{2}\u{c3}\u{a9}\u{0}\u{0}\u{0}\u{2}\\.\u{0}\u{2}\u{0}\u{0}\u{0}\u{3} x \u{0}\u{0}\u{0}\u{2}\\N\u{0}\u{2}\u{0}\u{0}\u{0}\u{1}|\u{0}\u{0}\u{0}\u{1}\\\u{0}\u{2}\u{0}\u{0}\u{0}\u{3}a\\b\u{0}\u{0}\u{0}\u{1}a\u{0}\u{2}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{0}\u{0}\u{0}\u{ff}\u{ff}"
  ),
  (
    "copy w1 to stdout",
    "\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\\\b\n\\N\n"
  ),
  (
    "copy w1 to stdout (format csv)",
    "\"\"\na\n\\\n\\N\n\"\\.\"\na\tb\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\"\"q\"\n\"\"\"\"\n''\n\"a,b\"\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (null '')",
    "\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\\\b\n\n"
  ),
  (
    "copy w1 to stdout (null 'NULL')",
    "\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\\\b\nNULL\n"
  ),
  (
    "copy w1 to stdout (delimiter '|')",
    "\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n\\|\na\\\\b\n\\N\n"
  ),
  (
    "copy w1 to stdout (delimiter ',')",
    "\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na\\,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\\\b\n\\N\n"
  ),
  (
    "copy w1 to stdout (header)",
    "\\\\.\n\na\n\\\\\n\\\\N\n\\\\.\na\\tb\na\\nb\na\\rb\n\\b\\f\\v\u{1}\u{7f}\nq\"q\n\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\\\b\n\\N\n"
  ),
  (
    "copy w1 to stdout (format csv, header)",
    "\"\\.\"\n\"\"\na\n\\\n\\N\n\"\\.\"\na\tb\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\"\"q\"\n\"\"\"\"\n''\n\"a,b\"\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format csv, null 'NULL')",
    "\na\n\\\n\\N\n\"\\.\"\na\tb\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\"\"q\"\n\"\"\"\"\n''\n\"a,b\"\n\"NULL\"\n\u{c3}\u{a9}\n x \n|\na\\b\nNULL\n"
  ),
  (
    "copy w1 to stdout (format csv, null '\\N')",
    "\na\n\\\n\"\\N\"\n\"\\.\"\na\tb\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\"\"q\"\n\"\"\"\"\n''\n\"a,b\"\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\\N\n"
  ),
  (
    "copy w1 to stdout (format csv, quote '''')",
    "''\na\n\\\n\\N\n'\\.'\na\tb\n'a\nb'\n'a\rb'\n\u{8}\u{c}\u{b}\u{1}\u{7f}\nq\"q\n\"\n''''''\n'a,b'\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format csv, escape '\\')",
    "\"\"\na\n\\\n\\N\n\"\\\\.\"\na\tb\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\\\"q\"\n\"\\\"\"\n''\n\"a,b\"\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format csv, quote '|', escape '|')",
    "||\na\n\\\n\\N\n|\\.|\na\tb\n|a\nb|\n|a\rb|\n\u{8}\u{c}\u{b}\u{1}\u{7f}\nq\"q\n\"\n''\n|a,b|\nNULL\n\u{c3}\u{a9}\n x \n||||\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format csv, delimiter E'\\t')",
    "\"\"\na\n\\\n\\N\n\"\\.\"\n\"a\tb\"\n\"a\nb\"\n\"a\rb\"\n\u{8}\u{c}\u{b}\u{1}\u{7f}\n\"q\"\"q\"\n\"\"\"\"\n''\na,b\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format csv, force_quote *)",
    "\"\"\n\"a\"\n\"\\\"\n\"\\N\"\n\"\\.\"\n\"a\tb\"\n\"a\nb\"\n\"a\rb\"\n\"\u{8}\u{c}\u{b}\u{1}\u{7f}\"\n\"q\"\"q\"\n\"\"\"\"\n\"''\"\n\"a,b\"\n\"NULL\"\n\"\u{c3}\u{a9}\"\n\" x \"\n\"|\"\n\"a\\b\"\n\n"
  ),
  (
    "copy w1 to stdout (format csv, quote E'\\x01', escape 'a')",
    "\u{1}\u{1}\na\n\\\n\\N\n\u{1}\\.\u{1}\na\tb\n\u{1}aa\nb\u{1}\n\u{1}aa\rb\u{1}\n\u{1}\u{8}\u{c}\u{b}a\u{1}\u{7f}\u{1}\nq\"q\n\"\n''\n\u{1}aa,b\u{1}\nNULL\n\u{c3}\u{a9}\n x \n|\na\\b\n\n"
  ),
  (
    "copy w1 to stdout (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}a\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}\\\u{0}\u{1}\u{0}\u{0}\u{0}\u{2}\\N\u{0}\u{1}\u{0}\u{0}\u{0}\u{2}\\.\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a\tb\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a\nb\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a\rb\u{0}\u{1}\u{0}\u{0}\u{0}\u{5}\u{8}\u{c}\u{b}\u{1}\u{7f}\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}q\"q\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}\"\u{0}\u{1}\u{0}\u{0}\u{0}\u{2}''\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a,b\u{0}\u{1}\u{0}\u{0}\u{0}\u{4}NULL\u{0}\u{1}\u{0}\u{0}\u{0}\u{2}\u{c3}\u{a9}\u{0}\u{1}\u{0}\u{0}\u{0}\u{3} x \u{0}\u{1}\u{0}\u{0}\u{0}\u{1}|\u{0}\u{1}\u{0}\u{0}\u{0}\u{3}a\\b\u{0}\u{1}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}"
  ),
  (
    "copy ty to stdout",
    "-1\t9223372036854775807\t12.50\t2020-02-29 12:34:56.789\t1.5\t\\\\x00ff\ta0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\t{1,NULL,3}\t{\"a\": [1, \"x\\\\\\\\n\"]}\tt\tab  \t1999-12-31\t1 day 02:03:04\n\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n"
  ),
  (
    "copy ty to stdout (format csv)",
    "-1,9223372036854775807,12.50,2020-02-29 12:34:56.789,1.5,\\x00ff,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,\"{1,NULL,3}\",\"{\"\"a\"\": [1, \"\"x\\\\n\"\"]}\",t,ab  ,1999-12-31,1 day 02:03:04\n,,,,,,,,,,,,\n"
  ),
  (
    "copy ty to stdout (format binary)",
    "PGCOPY\n\u{ff}\r\n\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\r\u{0}\u{0}\u{0}\u{2}\u{ff}\u{ff}\u{0}\u{0}\u{0}\u{8}\u{7f}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{0}\u{0}\u{c}\u{0}\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{c}\u{13}\u{88}\u{0}\u{0}\u{0}\u{8}\u{0}\u{2}B\u{b4}\u{f3}K\u{a6}\u{8}\u{0}\u{0}\u{0}\u{8}?\u{f8}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{2}\u{0}\u{ff}\u{0}\u{0}\u{0}\u{10}\u{a0}\u{ee}\u{bc}\u{99}\u{9c}\u{b}N\u{f8}\u{bb}mk\u{b9}\u{bd}8\n\u{11}\u{0}\u{0}\u{0}(\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{17}\u{0}\u{0}\u{0}\u{3}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{1}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{3}\u{0}\u{0}\u{0}\u{13}\u{1}{\"a\": [1, \"x\\\\n\"]}\u{0}\u{0}\u{0}\u{1}\u{1}\u{0}\u{0}\u{0}\u{4}ab  \u{0}\u{0}\u{0}\u{4}\u{ff}\u{ff}\u{ff}\u{ff}\u{0}\u{0}\u{0}\u{10}\u{0}\u{0}\u{0}\u{1}\u{b8}\u{1e}\u{e6}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\r\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}"
  ),
]
