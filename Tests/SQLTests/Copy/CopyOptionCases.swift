/// What PostgreSQL 15.18 answered to each; bytes are written as Latin-1.
let copyOptionCases: [CopyOptionCase] = [
  CopyOptionCase("copy o from stdin (format csv)"),
  CopyOptionCase("copy o from stdin (format text)"),
  CopyOptionCase("copy o from stdin (format binary)"),
  CopyOptionCase(
    "copy o from stdin (format nosuch)",
    fails: "22023 COPY format \"nosuch\" not recognized", position: 20),
  CopyOptionCase("copy o from stdin (format CSV)"),
  CopyOptionCase(
    "copy o from stdin (format 'CSV')",
    fails: "22023 COPY format \"CSV\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (format)",
    fails: "42601 format requires a parameter"),
  CopyOptionCase("copy o from stdin (header)"),
  CopyOptionCase("copy o from stdin (header true)"),
  CopyOptionCase("copy o from stdin (header false)"),
  CopyOptionCase("copy o from stdin (header on)"),
  CopyOptionCase("copy o from stdin (header off)"),
  CopyOptionCase("copy o from stdin (header 1)"),
  CopyOptionCase("copy o from stdin (header 0)"),
  CopyOptionCase(
    "copy o from stdin (header 2)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (header maybe)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (header yes)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (header t)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase("copy o from stdin (header 'true')"),
  CopyOptionCase("copy o from stdin (header 'TRUE')"),
  CopyOptionCase("copy o from stdin (header 'ON')"),
  CopyOptionCase(
    "copy o from stdin (format binary, header)",
    fails: "0A000 cannot specify HEADER in BINARY mode"),
  CopyOptionCase(
    "copy o from stdin (format binary, header match)",
    fails: "0A000 cannot specify HEADER in BINARY mode"),
  CopyOptionCase("copy o from stdin (format binary, header false)"),
  CopyOptionCase(
    "copy o from stdin (delimiter '')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (delimiter 'ab')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (delimiter '\u{e9}')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (delimiter E'\\n')",
    fails: "22023 COPY delimiter cannot be newline or carriage return"),
  CopyOptionCase(
    "copy o from stdin (delimiter E'\\r')",
    fails: "22023 COPY delimiter cannot be newline or carriage return"),
  CopyOptionCase(
    "copy o from stdin (delimiter 'a')",
    fails: "22023 COPY delimiter cannot be \"a\""),
  CopyOptionCase("copy o from stdin (delimiter 'Z')"),
  CopyOptionCase(
    "copy o from stdin (delimiter '.')",
    fails: "22023 COPY delimiter cannot be \".\""),
  CopyOptionCase(
    "copy o from stdin (delimiter E'\\\\')",
    fails: "22023 COPY delimiter cannot be \"\\\""),
  CopyOptionCase(
    "copy o from stdin (delimiter '0')",
    fails: "22023 COPY delimiter cannot be \"0\""),
  CopyOptionCase("copy o from stdin (format csv, delimiter 'a')"),
  CopyOptionCase("copy o from stdin (format csv, delimiter '.')"),
  CopyOptionCase(
    "copy o from stdin (format csv, delimiter '\"')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o from stdin (format csv, delimiter ';', quote ';')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o from stdin (delimiter)",
    fails: "42601 delimiter requires a parameter"),
  CopyOptionCase(
    "copy o from stdin (null)",
    fails: "42601 null requires a parameter"),
  CopyOptionCase("copy o from stdin (null 'a')"),
  CopyOptionCase(
    "copy o from stdin (null E'a\\nb')",
    fails: "22023 COPY null representation cannot use newline or carriage return"),
  CopyOptionCase(
    "copy o from stdin (null E'a\\rb')",
    fails: "22023 COPY null representation cannot use newline or carriage return"),
  CopyOptionCase(
    "copy o from stdin (null E'a\\tb')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o from stdin (format csv, null 'a,b')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o from stdin (format csv, null 'a\"b')",
    fails: "0A000 CSV quote character must not appear in the NULL specification"),
  CopyOptionCase("copy o from stdin (format csv, null '')"),
  CopyOptionCase(
    "copy o from stdin (delimiter '|', null 'a|b')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o from stdin (quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o from stdin (format csv, quote '')",
    fails: "0A000 COPY quote must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (format csv, quote 'xx')",
    fails: "0A000 COPY quote must be a single one-byte character"),
  CopyOptionCase("copy o from stdin (format csv, quote E'\\n')"),
  CopyOptionCase(
    "copy o from stdin (escape 'x')",
    fails: "0A000 COPY escape available only in CSV mode"),
  CopyOptionCase(
    "copy o from stdin (format csv, escape '')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (format csv, escape 'xx')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (format csv, escape '\u{e9}')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (format binary, quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o from stdin (format binary, delimiter '|')",
    fails: "42601 cannot specify DELIMITER in BINARY mode"),
  CopyOptionCase(
    "copy o from stdin (format binary, null 'x')",
    fails: "42601 cannot specify NULL in BINARY mode"),
  CopyOptionCase(
    "copy o from stdin (format binary, delimiter 'ab')",
    fails: "42601 cannot specify DELIMITER in BINARY mode"),
  CopyOptionCase(
    "copy o from stdin (force_quote *)",
    fails: "0A000 COPY force quote available only in CSV mode"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_quote *)",
    fails: "0A000 COPY force quote only available using COPY TO"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_quote (a))",
    fails: "0A000 COPY force quote only available using COPY TO"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_quote (nope))",
    fails: "0A000 COPY force quote only available using COPY TO"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_quote 'a')",
    fails: "22023 argument to option \"force_quote\" must be a list of column names", position: 32),
  CopyOptionCase(
    "copy o from stdin (format csv, force_quote)",
    fails: "22023 argument to option \"force_quote\" must be a list of column names", position: 32),
  CopyOptionCase(
    "copy o from stdin (force_not_null (a))",
    fails: "0A000 COPY force not null available only in CSV mode"),
  CopyOptionCase("copy o from stdin (format csv, force_not_null (a))"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_not_null *)",
    fails: "22023 argument to option \"force_not_null\" must be a list of column names",
    position: 32),
  CopyOptionCase(
    "copy o from stdin (format csv, force_not_null 'a')",
    fails: "22023 argument to option \"force_not_null\" must be a list of column names",
    position: 32),
  CopyOptionCase(
    "copy o from stdin (force_null (a))",
    fails: "0A000 COPY force null available only in CSV mode"),
  CopyOptionCase("copy o from stdin (format csv, force_null (a, b))"),
  CopyOptionCase(
    "copy o from stdin (format csv, force_null)",
    fails: "22023 argument to option \"force_null\" must be a list of column names", position: 32),
  CopyOptionCase("copy o from stdin (encoding 'utf8')"),
  CopyOptionCase("copy o from stdin (encoding 'UTF-8')"),
  CopyOptionCase(
    "copy o from stdin (encoding 'nosuch')",
    fails: "22023 argument to option \"encoding\" must be a valid encoding name", position: 20),
  CopyOptionCase(
    "copy o from stdin (encoding)",
    fails: "42601 encoding requires a parameter"),
  CopyOptionCase(
    "copy o from stdin (encoding (a))",
    fails: "22023 argument to option \"encoding\" must be a valid encoding name", position: 20),
  CopyOptionCase(
    "copy o from stdin (nosuch 1)",
    fails: "42601 option \"nosuch\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (nosuch)",
    fails: "42601 option \"nosuch\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (format csv, format csv)",
    fails: "42601 conflicting or redundant options", position: 32),
  CopyOptionCase(
    "copy o from stdin (header, header false)",
    fails: "42601 conflicting or redundant options", position: 28),
  CopyOptionCase(
    "copy o from stdin (delimiter ',', delimiter ',')",
    fails: "42601 conflicting or redundant options", position: 35),
  CopyOptionCase(
    "copy o from stdin (null '', null '')",
    fails: "42601 conflicting or redundant options", position: 29),
  CopyOptionCase(
    "copy o from stdin (force_null (a), force_null (a))",
    fails: "42601 conflicting or redundant options", position: 36),
  CopyOptionCase("copy o from stdin (freeze false)"),
  CopyOptionCase(
    "copy o from stdin (freeze maybe)",
    fails: "42601 freeze requires a Boolean value"),
  CopyOptionCase(
    "copy o from stdin (format binary, format csv)",
    fails: "42601 conflicting or redundant options", position: 35),
  CopyOptionCase(
    "copy o from stdin (nosuch 1, format nosuch)",
    fails: "42601 option \"nosuch\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (delimiter 'ab', nosuch 2)",
    fails: "42601 option \"nosuch\" not recognized", position: 36),
  CopyOptionCase(
    "copy o from stdin (quote 'xx', delimiter 'ab')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o from stdin (null 'x|y', delimiter '|', quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o from stdin (header maybe, delimiter 'ab')",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (header 1.5)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (format 5)",
    fails: "22023 COPY format \"5\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (delimiter 5)",
    fails: "22023 COPY delimiter cannot be \"5\""),
  CopyOptionCase("copy o from stdin (null 5)"),
  CopyOptionCase(
    "copy o from stdin (quote 5)",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase("copy o from stdin (format csv, quote 5)"),
  CopyOptionCase("copy o from stdin (null true)"),
  CopyOptionCase(
    "copy o from stdin (delimiter (a))",
    fails: "22023 COPY delimiter cannot be \"a\""),
  CopyOptionCase(
    "copy o from stdin (format (a))",
    fails: "22023 COPY format \"a\" not recognized", position: 20),
  CopyOptionCase(
    "copy o from stdin (force_null 5)",
    fails: "22023 argument to option \"force_null\" must be a list of column names", position: 20),
  CopyOptionCase(
    "copy o from stdin (header (a))",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (header *)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o from stdin (format csv, force_null (a), delimiter '\"')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o from stdin (format text, force_quote (a), quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase("copy o from stdin (encoding 'SQL_ASCII')"),
  CopyOptionCase("copy o to stdout (format csv)"),
  CopyOptionCase("copy o to stdout (format text)"),
  CopyOptionCase("copy o to stdout (format binary)"),
  CopyOptionCase(
    "copy o to stdout (format nosuch)",
    fails: "22023 COPY format \"nosuch\" not recognized", position: 19),
  CopyOptionCase("copy o to stdout (format CSV)"),
  CopyOptionCase(
    "copy o to stdout (format 'CSV')",
    fails: "22023 COPY format \"CSV\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (format)",
    fails: "42601 format requires a parameter"),
  CopyOptionCase("copy o to stdout (header)"),
  CopyOptionCase("copy o to stdout (header true)"),
  CopyOptionCase("copy o to stdout (header false)"),
  CopyOptionCase("copy o to stdout (header on)"),
  CopyOptionCase("copy o to stdout (header off)"),
  CopyOptionCase("copy o to stdout (header 1)"),
  CopyOptionCase("copy o to stdout (header 0)"),
  CopyOptionCase(
    "copy o to stdout (header 2)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (header match)",
    fails: "0A000 cannot use \"match\" with HEADER in COPY TO"),
  CopyOptionCase(
    "copy o to stdout (header 'match')",
    fails: "0A000 cannot use \"match\" with HEADER in COPY TO"),
  CopyOptionCase(
    "copy o to stdout (header 'MATCH')",
    fails: "0A000 cannot use \"MATCH\" with HEADER in COPY TO"),
  CopyOptionCase(
    "copy o to stdout (header maybe)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (header yes)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (header t)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase("copy o to stdout (header 'true')"),
  CopyOptionCase("copy o to stdout (header 'TRUE')"),
  CopyOptionCase("copy o to stdout (header 'ON')"),
  CopyOptionCase(
    "copy o to stdout (format binary, header)",
    fails: "0A000 cannot specify HEADER in BINARY mode"),
  CopyOptionCase(
    "copy o to stdout (format binary, header match)",
    fails: "0A000 cannot use \"match\" with HEADER in COPY TO"),
  CopyOptionCase("copy o to stdout (format binary, header false)"),
  CopyOptionCase(
    "copy o to stdout (delimiter '')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (delimiter 'ab')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (delimiter '\u{e9}')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (delimiter E'\\n')",
    fails: "22023 COPY delimiter cannot be newline or carriage return"),
  CopyOptionCase(
    "copy o to stdout (delimiter E'\\r')",
    fails: "22023 COPY delimiter cannot be newline or carriage return"),
  CopyOptionCase(
    "copy o to stdout (delimiter 'a')",
    fails: "22023 COPY delimiter cannot be \"a\""),
  CopyOptionCase("copy o to stdout (delimiter 'Z')"),
  CopyOptionCase(
    "copy o to stdout (delimiter '.')",
    fails: "22023 COPY delimiter cannot be \".\""),
  CopyOptionCase(
    "copy o to stdout (delimiter E'\\\\')",
    fails: "22023 COPY delimiter cannot be \"\\\""),
  CopyOptionCase(
    "copy o to stdout (delimiter '0')",
    fails: "22023 COPY delimiter cannot be \"0\""),
  CopyOptionCase("copy o to stdout (format csv, delimiter 'a')"),
  CopyOptionCase("copy o to stdout (format csv, delimiter '.')"),
  CopyOptionCase(
    "copy o to stdout (format csv, delimiter '\"')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o to stdout (format csv, delimiter ';', quote ';')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o to stdout (delimiter)",
    fails: "42601 delimiter requires a parameter"),
  CopyOptionCase(
    "copy o to stdout (null)",
    fails: "42601 null requires a parameter"),
  CopyOptionCase("copy o to stdout (null 'a')"),
  CopyOptionCase(
    "copy o to stdout (null E'a\\nb')",
    fails: "22023 COPY null representation cannot use newline or carriage return"),
  CopyOptionCase(
    "copy o to stdout (null E'a\\rb')",
    fails: "22023 COPY null representation cannot use newline or carriage return"),
  CopyOptionCase(
    "copy o to stdout (null E'a\\tb')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o to stdout (format csv, null 'a,b')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o to stdout (format csv, null 'a\"b')",
    fails: "0A000 CSV quote character must not appear in the NULL specification"),
  CopyOptionCase("copy o to stdout (format csv, null '')"),
  CopyOptionCase(
    "copy o to stdout (delimiter '|', null 'a|b')",
    fails: "0A000 COPY delimiter must not appear in the NULL specification"),
  CopyOptionCase(
    "copy o to stdout (quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (format csv, quote '')",
    fails: "0A000 COPY quote must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (format csv, quote 'xx')",
    fails: "0A000 COPY quote must be a single one-byte character"),
  CopyOptionCase("copy o to stdout (format csv, quote E'\\n')"),
  CopyOptionCase(
    "copy o to stdout (escape 'x')",
    fails: "0A000 COPY escape available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (format csv, escape '')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (format csv, escape 'xx')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (format csv, escape '\u{e9}')",
    fails: "0A000 COPY escape must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (format binary, quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (format binary, delimiter '|')",
    fails: "42601 cannot specify DELIMITER in BINARY mode"),
  CopyOptionCase(
    "copy o to stdout (format binary, null 'x')",
    fails: "42601 cannot specify NULL in BINARY mode"),
  CopyOptionCase(
    "copy o to stdout (format binary, delimiter 'ab')",
    fails: "42601 cannot specify DELIMITER in BINARY mode"),
  CopyOptionCase(
    "copy o to stdout (force_quote *)",
    fails: "0A000 COPY force quote available only in CSV mode"),
  CopyOptionCase("copy o to stdout (format csv, force_quote *)"),
  CopyOptionCase("copy o to stdout (format csv, force_quote (a))"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_quote 'a')",
    fails: "22023 argument to option \"force_quote\" must be a list of column names", position: 31),
  CopyOptionCase(
    "copy o to stdout (format csv, force_quote)",
    fails: "22023 argument to option \"force_quote\" must be a list of column names", position: 31),
  CopyOptionCase(
    "copy o to stdout (force_not_null (a))",
    fails: "0A000 COPY force not null available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_not_null (a))",
    fails: "0A000 COPY force not null only available using COPY FROM"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_not_null (nope))",
    fails: "0A000 COPY force not null only available using COPY FROM"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_not_null *)",
    fails: "22023 argument to option \"force_not_null\" must be a list of column names",
    position: 31),
  CopyOptionCase(
    "copy o to stdout (format csv, force_not_null 'a')",
    fails: "22023 argument to option \"force_not_null\" must be a list of column names",
    position: 31),
  CopyOptionCase(
    "copy o to stdout (force_null (a))",
    fails: "0A000 COPY force null available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_null (a, b))",
    fails: "0A000 COPY force null only available using COPY FROM"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_null (nope))",
    fails: "0A000 COPY force null only available using COPY FROM"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_null)",
    fails: "22023 argument to option \"force_null\" must be a list of column names", position: 31),
  CopyOptionCase("copy o to stdout (encoding 'utf8')"),
  CopyOptionCase("copy o to stdout (encoding 'UTF-8')"),
  CopyOptionCase(
    "copy o to stdout (encoding 'nosuch')",
    fails: "22023 argument to option \"encoding\" must be a valid encoding name", position: 19),
  CopyOptionCase(
    "copy o to stdout (encoding)",
    fails: "42601 encoding requires a parameter"),
  CopyOptionCase(
    "copy o to stdout (encoding (a))",
    fails: "22023 argument to option \"encoding\" must be a valid encoding name", position: 19),
  CopyOptionCase(
    "copy o to stdout (nosuch 1)",
    fails: "42601 option \"nosuch\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (nosuch)",
    fails: "42601 option \"nosuch\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (format csv, format csv)",
    fails: "42601 conflicting or redundant options", position: 31),
  CopyOptionCase(
    "copy o to stdout (header, header false)",
    fails: "42601 conflicting or redundant options", position: 27),
  CopyOptionCase(
    "copy o to stdout (delimiter ',', delimiter ',')",
    fails: "42601 conflicting or redundant options", position: 34),
  CopyOptionCase(
    "copy o to stdout (null '', null '')",
    fails: "42601 conflicting or redundant options", position: 28),
  CopyOptionCase(
    "copy o to stdout (force_null (a), force_null (a))",
    fails: "42601 conflicting or redundant options", position: 35),
  CopyOptionCase("copy o to stdout (freeze)"),
  CopyOptionCase("copy o to stdout (freeze false)"),
  CopyOptionCase(
    "copy o to stdout (freeze maybe)",
    fails: "42601 freeze requires a Boolean value"),
  CopyOptionCase(
    "copy o to stdout (format binary, format csv)",
    fails: "42601 conflicting or redundant options", position: 34),
  CopyOptionCase(
    "copy o to stdout (nosuch 1, format nosuch)",
    fails: "42601 option \"nosuch\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (delimiter 'ab', nosuch 2)",
    fails: "42601 option \"nosuch\" not recognized", position: 35),
  CopyOptionCase(
    "copy o to stdout (quote 'xx', delimiter 'ab')",
    fails: "0A000 COPY delimiter must be a single one-byte character"),
  CopyOptionCase(
    "copy o to stdout (null 'x|y', delimiter '|', quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase(
    "copy o to stdout (header maybe, delimiter 'ab')",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (header 1.5)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (format 5)",
    fails: "22023 COPY format \"5\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (delimiter 5)",
    fails: "22023 COPY delimiter cannot be \"5\""),
  CopyOptionCase("copy o to stdout (null 5)"),
  CopyOptionCase(
    "copy o to stdout (quote 5)",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase("copy o to stdout (format csv, quote 5)"),
  CopyOptionCase("copy o to stdout (null true)"),
  CopyOptionCase(
    "copy o to stdout (delimiter (a))",
    fails: "22023 COPY delimiter cannot be \"a\""),
  CopyOptionCase(
    "copy o to stdout (format (a))",
    fails: "22023 COPY format \"a\" not recognized", position: 19),
  CopyOptionCase(
    "copy o to stdout (force_null 5)",
    fails: "22023 argument to option \"force_null\" must be a list of column names", position: 19),
  CopyOptionCase(
    "copy o to stdout (header (a))",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (header *)",
    fails: "42601 header requires a Boolean value or \"match\""),
  CopyOptionCase(
    "copy o to stdout (format csv, force_null (a), delimiter '\"')",
    fails: "22023 COPY delimiter and quote must be different"),
  CopyOptionCase(
    "copy o to stdout (format csv, force_null (a, a))",
    fails: "0A000 COPY force null only available using COPY FROM"),
  CopyOptionCase(
    "copy o to stdout (format text, force_quote (a), quote 'x')",
    fails: "0A000 COPY quote available only in CSV mode"),
  CopyOptionCase("copy o to stdout (encoding 'SQL_ASCII')"),
]
